"""A small fleet's evening on bad lines: the boxes' books and the server's are the same, and the report is drawn."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.demo import fleet_chart, fleet_day, fleet_report

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(600)]
BOXES = 24


def test_what_the_villagers_did_is_what_the_report_page_says(tmp_path: Path) -> None:
    day = fleet_day.run(tmp_path / "system", BOXES, 1, print)
    assert day.made > BOXES
    assert (day.counted, day.reported) == (day.made, day.made)
    assert day.stored == day.written > day.made
    assert day.quarantined == 0
    assert day.killed == ("link", "broker")
    assert day.outages > 0
    assert len(day.late_ms) + day.joined_late >= BOXES * 3 // 4
    assert max(map(abs, day.clocks_off_ms)) < 1000
    picture = ElementTree.fromstring(fleet_chart.drawn(day))  # noqa: S314 - made a moment ago
    assert picture.tag.endswith("svg")
    assert str(day.made) in fleet_report.page(day)

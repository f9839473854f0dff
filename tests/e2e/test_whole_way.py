"""The way through the whole system, as `make demo-check` goes it: recording, package, timetable, television, report."""

from pathlib import Path

import pytest

from tests.demo import check
from tests.demo.__main__ import SAMPLES

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("television-window"), pytest.mark.timeout(600)]


def test_a_recording_reaches_the_television_and_the_people_reach_the_report(tmp_path: Path) -> None:
    assert check.run(SAMPLES, tmp_path / "system", lessons=1) == 0

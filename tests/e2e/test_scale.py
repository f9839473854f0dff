"""Two of everything with a small fleet, one of each pair killed: both books are the same, no page fails twice."""

from pathlib import Path

import pytest

from tests.demo import scale

pytestmark = [pytest.mark.e2e, pytest.mark.long, pytest.mark.timeout(900)]
BOXES = 60


def test_one_of_each_pair_may_die(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for above in tmp_path.parents[:2]:
        above.chmod(0o755)  # nginx' own processes may not be root
    outcome = scale.run(tmp_path / "scale", BOXES, 2, print)
    assert outcome.differs == []
    assert len(outcome.killed) == 5
    assert outcome.pages > 100
    assert outcome.left_here == 0
    assert str(outcome.day.made) in scale.table(outcome)

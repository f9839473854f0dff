"""Nothing lost, nothing counted twice, whatever line and power do; and a comparison that notices the contrary."""

from pathlib import Path

import pytest

from tests.storms.storm import storm

pytestmark = pytest.mark.timeout(900)
FEW = 30


@pytest.mark.parametrize("faults", [60, pytest.param(200, marks=pytest.mark.long)])
def test_however_many_faults_lose_nothing_and_double_nothing(tmp_path: Path, faults: int) -> None:
    outcome = storm(tmp_path, faults, seed=1)
    assert outcome.injected >= faults
    assert set(outcome.faults) == {"delay", "cut", "duplicate", "reorder", "truncate", "kill -9"}
    assert outcome.written > faults
    assert (outcome.lost, outcome.doubled, outcome.altered) == (0, 0, 0)


@pytest.mark.long
def test_an_acknowledgement_before_the_commit_loses_facts(tmp_path: Path) -> None:
    assert storm(tmp_path, FEW, seed=2, way="hasty").lost > 0


@pytest.mark.long
def test_qos_1_alone_loses_facts_and_brings_others_twice(tmp_path: Path) -> None:
    outcome = storm(tmp_path, FEW, seed=1, way="bare")
    assert outcome.lost > 0
    assert outcome.doubled > 0

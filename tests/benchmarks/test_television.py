"""The benchmark of the television is there by its name, and says what it needs where that is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks import television


def test_the_group_is_known() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--help"], capture_output=True, text=True, timeout=120, check=True
    )
    assert "television" in done.stdout


def test_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert television.run() == []
    assert "apt-get install xvfb kodi mpv" in capsys.readouterr().out


@pytest.mark.parametrize(("samples", "goal"), [((0.4, 0.6, 0.45), True), ((0.4, 0.6, 0.7), False)])
def test_the_middle_of_the_pairs_decides(samples: tuple[float, ...], goal: bool) -> None:
    assert television._line("a figure", samples, 0.5, "Kodi").met is goal

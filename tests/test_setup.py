"""Set-up where it may not install: it says the one line to run, and stops."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_without_root_the_missing_packages_are_named_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup", tmp_path / ".ci" / "setup")
    fakes = tmp_path / "bin"
    fakes.mkdir()
    _program(fakes, "id", "echo 1000")
    _program(fakes, "dpkg-query", 'case "$*" in *mosquitto|*xvfb) exit 1;; *) echo installed;; esac')
    environment = {**os.environ, "PATH": f"{fakes}:/usr/bin:/bin"}
    done = subprocess.run([tmp_path / ".ci" / "setup"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if "apt-get install" in line]
    assert line.endswith(" mosquitto xvfb")
    assert not (tmp_path / ".venv").exists()


def test_make_help_explains_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    targets = {line.split()[1] for line in said.splitlines() if line.strip().startswith("make ")}
    phony = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY"))
    assert targets == set(phony.split()[1:])

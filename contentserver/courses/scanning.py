"""Before a recording is decoded, the scanner is asked about each of its files; what it finds is put aside.

A file that is put aside lies in `quarantine` beside the uploads folder, where nothing serves or reads it.
"""

from collections.abc import Iterable
from pathlib import Path

import structlog

from contentserver.courses.ports import Scanner

INFECTED = "infected"
SCAN_FAILED = "scan_failed"
QUARANTINE = "quarantine"

log = structlog.get_logger()


class Infected(Exception):
    """The scanner found something; the file is put aside."""

    def __init__(self, file: str, finding: str) -> None:
        super().__init__(f"{file}: {finding}")
        self.file, self.finding = file, finding


def look(scanner: Scanner | None, files: Iterable[Path]) -> None:
    """Ask about each file.

    Raises:
        Infected: something was found in one.
        ScannerAway, ScanImpossible: as the scanner says.
        OSError: a file cannot be read.
    """
    if scanner is None:
        return
    for file in files:
        finding = scanner.scan(file)
        if finding:
            aside = file.parent.parent / QUARANTINE
            aside.mkdir(mode=0o700, exist_ok=True)
            file.rename(aside / file.name).chmod(0o400)
            log.warning("scan.infected", file=file.name, finding=finding)
            raise Infected(file.name, finding)

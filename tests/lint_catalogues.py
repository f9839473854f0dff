"""Part of `make lint`: every string of both programs has its words in Chinese and in English, and none is left over.

The strings are extracted anew from the sources and held against the catalogues.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[1]
PROGRAMS = {
    "contentserver": ("messages", ["-F", "babel.cfg", "-k", "lazy_gettext", "."]),
    "tvclient": ("tvclient", ["-k", "_", "-k", "_n:1,2", "tvclient/ui"]),
}
"""The catalogue's name, and how its strings are found."""
LOCALES = ("zh_CN", "en")
A_VALUE = "Skipping f-string with substitutions"
"""Babel says it of values too, `_("… %(day)s", day=f"…")`; where it is the string itself, ruff says so (INT001)."""


def main() -> int:
    """Print what is missing; 1 where anything is."""
    faults = [fault for program in PROGRAMS for fault in _faults(program)]
    for fault in faults:
        print(fault, file=sys.stderr)
    if not faults:
        print("Catalogues are complete.")
    return 1 if faults else 0


def _faults(program: str) -> list[str]:
    domain, _how = PROGRAMS[program]
    wanted = {message.id for message in _extracted(program) if message.id}
    faults = []
    for locale in LOCALES:
        file = ROOT / program / "translations" / locale / "LC_MESSAGES" / f"{domain}.po"
        with file.open("rb") as lines:
            catalogue = read_po(lines, locale=locale)
        known = {message.id: message for message in catalogue if message.id}
        faults += [
            f"{file.relative_to(ROOT)}: not in the catalogue: {id_!r}" for id_ in sorted(wanted - set(known), key=str)
        ]
        faults += [f"{file.relative_to(ROOT)}: used nowhere: {id_!r}" for id_ in sorted(set(known) - wanted, key=str)]
        faults += [
            f"{file.relative_to(ROOT)}: {'guessed' if message.fuzzy else 'not translated'}: {id_!r}"
            for id_, message in known.items()
            if message.fuzzy or (locale != "en" and not all(_strings(message.string)))
        ]
    return faults


def _strings(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (string or "",) if string is None or isinstance(string, str) else tuple(string)


def _extracted(program: str) -> Catalog:
    _domain, how = PROGRAMS[program]
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract"]
    with tempfile.NamedTemporaryFile(suffix=".pot") as out:
        argv = [*command, "-o", out.name, *how]
        told = subprocess.run(argv, cwd=ROOT, check=True, timeout=120, stderr=subprocess.PIPE, text=True).stderr
        sys.stderr.writelines(line for line in told.splitlines(keepends=True) if A_VALUE not in line)
        return read_po(out)


if __name__ == "__main__":
    sys.exit(main())

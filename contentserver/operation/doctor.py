"""`admin doctor`: looks at everything on which the server stands, and says for each what to do.

It changes nothing. What it looks at on the machine: `machine.py`; of the installation: `installation.py`. It ends with
1 where something is wrong, so that a timer can ask it.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
import structlog
from flask_babel import lazy_gettext as _
from rich.console import Console
from rich.markup import escape

from contentserver.operation import installation, machine
from contentserver.operation.asking import Asking
from contentserver.operation.findings import MARKS, Finding, State, speaking, wrong
from contentserver.settings import Settings

LANGUAGES = ("zh_CN", "en")
_COLOURS = {State.OK: "green", State.LOOK: "yellow", State.WRONG: "bold red"}

CHECKS: tuple[Callable[[Asking], Iterable[Finding]], ...] = (
    installation.settings,
    machine.versions,
    machine.ports,
    machine.places,
    installation.keys,
    installation.certificates,
    machine.clocks,
    installation.database,
    installation.programs,
    installation.broker,
    installation.backups,
)

log = structlog.get_logger()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what may be asked."""
    parser.add_argument("--language", choices=LANGUAGES, help="(default: that of the settings)")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--broker", type=Path, metavar="FOLDER", help="Mosquitto's folder: its limits are read there")
    parser.add_argument("--backups", type=Path, metavar="FOLDER", help="where the backups lie: how old is the newest?")
    parser.add_argument("--ntp", metavar="HOST", default="", help="a time server to compare the clock with")


def run(settings: Settings, given: argparse.Namespace) -> int:
    """Look, and print what was found; 1 where something is wrong."""
    asking = Asking(settings, broker=given.broker, backups=given.backups, ntp=given.ntp)
    found = list(findings(asking))
    with speaking(given.language or settings.default_locale):
        text = as_json(found) if given.json else as_lines(found)
    print(text)  # noqa: T201  # what the command says
    return int(any(one.state is State.WRONG for one in found))


def findings(asking: Asking) -> Iterator[Finding]:
    """Everything, in order; one look that fails keeps no other back."""
    for check in CHECKS:
        try:
            yield from check(asking)
        except Exception as error:  # the doctor comes when things are broken
            log.warning("doctor.failed", check=check.__name__, error=repr(error)[:300])
            yield wrong(
                f"{check.__name__}.failed",
                _("Could not be looked at: %(fault)s", fault=f"{check.__name__}: {error}"[:300]),
                _("Mend what is wrong above, then ask again."),
            )


def as_lines(found: Iterable[Finding]) -> str:
    """For people: a line for each, and below it what to do."""
    console = Console(highlight=False, soft_wrap=True)
    with console.capture() as printed:
        for one in found:
            console.print(f"[{_COLOURS[one.state]}]{escape(f'[{MARKS[one.state]}]')}[/] {escape(str(one.sentence))}")
            if one.advice is not None:
                console.print(f"      → {escape(str(one.advice))}")
    return printed.get().rstrip()


def as_json(found: Iterable[Finding]) -> str:
    """For programs."""
    return msgspec.json.encode(
        [
            {
                "code": one.code,
                "state": one.state,
                "sentence": str(one.sentence),
                "advice": str(one.advice) if one.advice is not None else "",
            }
            for one in found
        ]
    ).decode()

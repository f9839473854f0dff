"""`python -m tvclient.fleet`: boxes without a screen, for load tests, training and planning. See docs/fleet.md."""

import argparse
import logging
import resource
import signal
import sys
import threading
from pathlib import Path

import msgspec
import structlog
from msgspec.structs import replace

from schedules.wire.messages import Credentials
from tvclient.crowd import Crowd
from tvclient.fleet import QUALITIES, Fleet, Habits, Imagined
from tvclient.settings import Settings

FILES_A_BOX, FILES_BESIDE = 3, 2500
"""A journal has two, a connection is one; what is asked, fetched and opened comes and goes."""
PACKAGE_BUDGET = 4 * 1024**3


def main() -> int:
    """Run until told to end; 2 where the machine does not allow so many boxes."""
    given = _arguments().parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    enrolled = msgspec.json.decode(given.enrolled.read_bytes(), type=list[Credentials]) if given.enrolled else []
    count = len(enrolled) or given.boxes
    if count > 1:
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    if not _allow_files(count):
        return 2
    if given.timetables:
        Crowd(enrolled, given.data, given.server, durable=not given.no_fsync).run(stopped.is_set)
        return 0
    fleet = Fleet(_settings(given, count), enrolled, _imagined(given), _habits(given))
    if given.account:
        signal.signal(signal.SIGUSR1, lambda *_: threading.Thread(target=_account, args=(fleet, given.account)).start())
    fleet.start()
    stopped.wait(given.seconds)
    if given.account:
        _account(fleet, given.account)
    fleet.close()
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tvclient.fleet", description=__doc__)
    parser.add_argument("--server", default="https://127.0.0.1:8443", metavar="URL")
    parser.add_argument("--ca", type=Path, metavar="FILE", help="the server's authority, PEM; else it is asked for it")
    parser.add_argument("--boxes", type=int, default=1, metavar="N", help="boxes that ask to be let in")
    parser.add_argument("--enrolled", type=Path, metavar="FILE", help="boxes of `contentserver admin enrol-fleet`")
    parser.add_argument("--data", type=Path, default=Path("var/fleet"), metavar="DIR")
    parser.add_argument("--seconds", type=float, metavar="S", help="end after so long; else with a signal")
    parser.add_argument("--account", type=Path, metavar="FILE", help="at the end, and with SIGUSR1: what each box did")
    parser.add_argument("--seed", default="1", help="the same seed: the same lines, outages, clocks and villagers")
    parser.add_argument("--no-fsync", action="store_true", help="do not wait for the disk")
    parser.add_argument("--timetables", action="store_true", help="with --enrolled: timetables alone, on one thread")
    line = parser.add_argument_group("lines", "as they are; every figure can be changed by itself")
    line.add_argument("--link", choices=sorted(QUALITIES), default="none")
    line.add_argument("--kbps", type=float, help="kilobits per second each way")
    line.add_argument("--latency-ms", type=float, help="one way")
    line.add_argument("--loss", type=float, help="share of packets, 0 to 1")
    line.add_argument("--outages", type=float, metavar="PER_DAY")
    line.add_argument("--outage-s", type=float, metavar="S", help="how long one lasts on average")
    clock = parser.add_argument_group("clocks", "each box's own, up to these figures either way")
    clock.add_argument("--clock-error", type=float, default=0.0, metavar="S")
    clock.add_argument("--drift", type=float, default=0.0, metavar="PPM")
    people = parser.add_argument_group("villagers")
    people.add_argument("--watch", type=float, default=1.0, metavar="SHARE", help="of the stations, for each lesson")
    people.add_argument("--sign-in", type=float, default=0.0, metavar="MEAN", help="people at each of them")
    people.add_argument("--number", action="append", default=[], help="signs in everywhere; may be given several times")
    return parser


def _account(fleet: Fleet, file: Path) -> None:
    """Write what every box did; the file is whole or absent."""
    draft = file.with_name(f".{file.name}")
    draft.write_bytes(msgspec.json.encode(fleet.accounts()))
    draft.replace(file)


def _settings(given: argparse.Namespace, count: int) -> list[Settings]:
    """One folder and one serial number for each box."""
    authority = given.ca.read_text() if given.ca else ""
    return [
        Settings(
            server=given.server.rstrip("/"),
            data=given.data / f"box-{number:05d}",
            serial=f"fleet-{number:05d}",
            authority=authority,
            package_budget=PACKAGE_BUDGET,
            remote=False,
        )
        for number in range(1, count + 1)
    ]


def _imagined(given: argparse.Namespace) -> Imagined:
    """The line as it was named, with what was said about it in particular."""
    figures = {
        "kbps": given.kbps,
        "latency_ms": given.latency_ms,
        "loss": given.loss,
        "outages_per_day": given.outages,
        "outage_s": given.outage_s,
    }
    quality = replace(QUALITIES[given.link], **{name: value for name, value in figures.items() if value is not None})
    if quality.outages_per_day and not quality.outage_s:
        quality = replace(quality, outage_s=QUALITIES["village"].outage_s)
    return Imagined(quality, given.clock_error, given.drift, given.seed, durable=not given.no_fsync)


def _habits(given: argparse.Namespace) -> Habits:
    return Habits(watch=given.watch, sign_in=given.sign_in, numbers=tuple(given.number), seed=given.seed)


def _allow_files(boxes: int) -> bool:
    """Ask the system for as many open files as so many boxes need."""
    needed = boxes * FILES_A_BOX + FILES_BESIDE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed:
        return True
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))
    except (OSError, ValueError):
        print(f"{boxes} boxes need {needed} open files and {hard} are allowed: ulimit -n {needed}", file=sys.stderr)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())

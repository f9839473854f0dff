"""What is kept for how long: rules in one place, a page, a dry run, and every night the end of what is too old."""

from pathlib import Path

from flask import Blueprint
from huey import Huey, crontab

from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.retention import service, views
from contentserver.retention.rules import Kind

__all__ = ["Kind", "blueprints", "every_night", "on_command_line"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's page."""
    return (views.blueprint,)


def every_night(queue: Huey, database: Database, data_dir: Path) -> None:
    """Let the worker of a queue look every ten minutes whether tonight's turn has come."""

    def turn() -> None:
        service.nightly(database, data_dir, clock.now())

    queue.periodic_task(crontab(minute="*/10"), name="retention")(queue.lock_task("retention")(turn))


def on_command_line(database: Database, data_dir: Path, *, apply: bool) -> str:
    """What is too old, by kind, one line each; with `apply` it goes, and the lines say what went."""
    now = clock.now()
    with database.reader() as session:
        found = service.lines(session, data_dir, now)
    taken = service.apply(database, data_dir, now) if apply else {}
    told = []
    for line in found:
        things, weight = taken.get(line.kind, (0, 0)) if apply else (line.old.things, line.old.bytes)
        kept = "for ever" if line.days is None else f"{line.days} days"
        oldest = f", the oldest of {clock.local(line.old.oldest):%Y-%m-%d}" if line.old.oldest else ""
        verb = "went" if apply else "would go"
        told.append(f"{line.kind:16} kept {kept:10} {things} {verb}, {weight} bytes{oldest}")
    if not apply:
        told.append("Nothing was changed. With --apply it goes now; otherwise the worker takes it away at night.")
    return "\n".join(told)

"""What of a box's journal is committed: told after the commit, and anew where the database came from a backup."""

import secrets

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance import rules
from contentserver.attendance.models import Epoch, EventRow, ServerGeneration
from schedules.wire.messages import Ack, Reported
from schedules.wire.topics import BoxId

MAX_GAPS = 100
"""More gaps than this are told in later acknowledgements."""
STEP = 256
"""Rows after which a journal's mark is written down: an evening of a village, and not every batch."""


def acknowledge(session: Session, box: BoxId, epoch_name: str) -> Ack:
    """What of a journal is committed. Call after the commit."""
    epoch = session.scalar(select(Epoch).where(Epoch.box_id == box, Epoch.name == epoch_name))
    through, gaps = (0, ()) if epoch is None else _watermark(session, epoch)
    return Ack(box=box, epoch=epoch_name, generation=generation(session), through=through, gaps=gaps[:MAX_GAPS])


def lacks(session: Session, report: Reported) -> bool:
    """Whether a box believes that all of its journal is here, and the end of it is not: a backup was restored.

    It is told by an acknowledgement, which carries the new generation; else it would learn it with its next fact.
    """
    if report.journal_waiting or not report.journal_through:
        return False
    epoch = session.scalar(select(Epoch.number).where(Epoch.box_id == report.box, Epoch.name == report.epoch))
    mine = (EventRow.box_id == report.box) & (EventRow.epoch == epoch)
    highest = session.scalar(select(func.max(EventRow.sequence)).where(mine)) if epoch is not None else None
    return (highest or 0) < report.journal_through


def generation(session: Session) -> str:
    """The name of this life of the database; made by the first migration's seed."""
    return session.get_one(ServerGeneration, 1).name


def begin_generation(session: Session) -> str:
    """The database came from a backup: boxes will send again everything that they still have. Gives the new name."""
    row = session.get_one(ServerGeneration, 1)
    row.name = secrets.token_hex(8)
    return row.name


def keep_mark(epoch: Epoch, newest: int, session: Session) -> None:
    """Remember how far a journal is whole, now and then; the caller holds its row and commits.

    Args:
        newest: the highest number that has come now.
    """
    if newest >= epoch.through + STEP:
        epoch.through = _watermark(session, epoch)[0]


def _watermark(session: Session, epoch: Epoch) -> tuple[int, tuple[tuple[int, int], ...]]:
    """As `rules.watermark`; reads what lies above the mark that is kept."""
    beyond = select(EventRow.sequence).where(
        EventRow.box_id == epoch.box_id, EventRow.epoch == epoch.number, EventRow.sequence > epoch.through
    )
    return rules.watermark(session.scalars(beyond.order_by(EventRow.sequence)).all(), epoch.through)

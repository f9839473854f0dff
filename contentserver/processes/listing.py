"""Which processes a person sees: what waits for them, what they began, what is over; and how many wait."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from contentserver.kernel.auth import Person
from contentserver.kernel.pagination import Page, paginate
from contentserver.processes.models import Process, ProcessStep
from contentserver.processes.service import owner, waiting_for
from contentserver.regions import subtree_filter


class Which(StrEnum):
    """Which of them."""

    MINE = "mine"
    BELOW = "below"
    BEGUN = "begun"
    ALL = "all"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: `kind` empty for every kind."""

    which: Which = Which.MINE
    kind: str = ""
    late: bool = False


def page_of_processes(session: Session, asked: Asked, who: Person, today: date, number: int) -> Page[Process]:
    """A page: what waits longest comes first; of what is over, the latest."""
    query = _asked(asked, who)
    if asked.kind:
        query = query.where(Process.kind == asked.kind)
    if asked.late:
        query = query.where(_has_late_step(today))
    latest_first = asked.which is Which.OVER
    order = Process.ended_at.desc() if latest_first else Process.begun_at
    return paginate(session, query.order_by(order, Process.id), number)


def count_mine(session: Session, who: Person) -> int:
    """How many wait at the person's own desk."""
    return session.scalar(select(func.count()).select_from(waiting_for(who).subquery())) or 0


def count_late(session: Session, who: Person, today: date) -> int:
    """How many of them are late."""
    query = waiting_for(who).where(_has_late_step(today))
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _asked(asked: Asked, who: Person) -> Select[Process]:
    match asked.which:
        case Which.MINE | Which.BELOW:
            return waiting_for(who, below=asked.which is Which.BELOW)
        case Which.BEGUN:
            return select(Process).where(Process.begun_by == owner(who))
        case Which.ALL:
            return select(Process).where(_known(who), Process.ended_at.is_(None))
        case Which.OVER:
            return select(Process).where(_known(who), Process.ended_at.is_not(None))


def _known(who: Person) -> ColumnElement[bool]:
    step = aliased(ProcessStep)
    decided_here = exists().where(step.process_id == Process.id, subtree_filter(step.region_code, who.region_code))
    return or_(Process.begun_by == owner(who), subtree_filter(Process.region_code, who.region_code), decided_here)


def _has_late_step(today: date) -> ColumnElement[bool]:
    step = aliased(ProcessStep)
    return exists().where(step.process_id == Process.id, step.decided_at.is_(None), step.due_on < today)

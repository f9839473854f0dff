"""Lessons that a price's move or the season suggests, for whoever plans the weeks. Which words a month has: `data/`."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.courses import Course, Lesson, LessonState, plannable
from contentserver.market import rules
from contentserver.market.models import Commodity, MarketPlace, Price
from contentserver.regions import near_filter

SEASON: Final = Path(__file__).parent / "data" / "season.toml"
LESSONS_EACH: Final = 3
MOVES_MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Proposal:
    """Lessons, and why: a commodity whose price has moved by so many per cent on a market, or the month (None)."""

    lessons: Sequence[Lesson]
    commodity: Commodity | None = None
    place: MarketPlace | None = None
    percent: int = 0


def proposals(session: Session, root: str, today: date) -> Sequence[Proposal]:
    """What speaks for which lessons, the largest moves first, the season last; without lessons nothing is proposed."""
    found, named = list[Proposal](), set[UUID]()
    for commodity, place, percent in _moves(session, root, today):
        if commodity.id not in named and len(found) < MOVES_MOST:
            named.add(commodity.id)
            lessons = _lessons(session, root, rules.keywords_of(commodity.name, commodity.keywords), today)
            if lessons:
                found.append(Proposal(lessons, commodity, place, percent))
    shown = {lesson.id for one in found for lesson in one.lessons}
    seasonal = [lesson for lesson in _lessons(session, root, season()[today.month], today) if lesson.id not in shown]
    return [*found, Proposal(seasonal)] if seasonal else found


@cache
def season() -> Mapping[int, tuple[str, ...]]:
    """The words of each month."""
    read = tomllib.loads(SEASON.read_text(encoding="utf-8"))
    return {month: tuple(read[str(month)]) for month in range(1, 13)}


def _moves(session: Session, root: str, today: date) -> list[tuple[Commodity, MarketPlace, int]]:
    """Every price that has moved, by how much; the largest move first."""
    days: dict[tuple[UUID, UUID], dict[date, int]] = defaultdict(dict)
    since = today - timedelta(days=rules.MOVE_DAYS + rules.COMPARED_DAYS)
    query = (
        select(Price.commodity_id, Price.place_id, Price.day, Price.cents)
        .join(MarketPlace, MarketPlace.id == Price.place_id)
        .where(Price.doubt == "", Price.day > since, Price.day <= today, near_filter(MarketPlace.region_code, root))
    )
    for commodity_id, place_id, day, cents in session.execute(query):
        days[(commodity_id, place_id)][day] = cents
    moves = [
        (session.get_one(Commodity, commodity_id), session.get_one(MarketPlace, place_id), percent)
        for (commodity_id, place_id), known in days.items()
        if (percent := rules.moved(known, today)) is not None
    ]
    return sorted(moves, key=lambda one: (-abs(one[2]), one[0].name, one[1].name))


def _lessons(session: Session, root: str, words: Sequence[str], today: date) -> list[Lesson]:
    """Approved lessons that speak of one of these words, the newest first; a title says more than a summary."""
    texts = (Lesson.title, Lesson.summary, Course.title, Course.subject)
    spoken = or_(*(text.contains(word, autoescape=True) for text in texts for word in words if word))
    query = (
        select(Lesson)
        .join(Course, Course.id == Lesson.course_id)
        .where(Lesson.state == LessonState.APPROVED, near_filter(Course.region_code, root), spoken)
        .order_by(Lesson.created_at.desc(), Lesson.id)
    )
    found = [one for one in session.scalars(query.limit(200)) if plannable(one.state, one.terms, today)]
    found.sort(key=lambda one: not rules.speaks_of(words, one.title, one.course.title))
    return found[:LESSONS_EACH]

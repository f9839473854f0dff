"""Recordings that answer a question of the room: fetched behind everything that is planned, so that they can be shown.

They are lessons like any other, approved and signed; once stored they stand in the library and behind the answer.
"""

from datetime import timedelta
from typing import Final

from schedules.airings import Airing, AiringId, LessonCard, Rank, SlotId
from schedules.wire.messages import CaseCard, CaseState
from tvclient.core.screens import PRIVATE
from tvclient.core.state import State

MOST: Final = 3
"""Of the newest answers: a box is small."""
AFTER: Final = timedelta(days=365)
"""No timetable reaches so far: whatever is planned is fetched before."""


def recorded_answers(state: State) -> tuple[Airing, ...]:
    """What to fetch, as airings that nobody plans."""
    cases = [one for one in state.papers.green_channel.cases if one.state is CaseState.ANSWERED and one.clip]
    return tuple(_wanted(one) for one in cases[:MOST])


def _wanted(case: CaseCard) -> Airing:
    return Airing(
        id=AiringId(PRIVATE + case.id),
        slot=SlotId(""),
        start=(case.answered_at or case.asked_at) + AFTER,
        duration_ms=max(1, case.clip_ms),
        rank=Rank.OPTIONAL,
        lesson=LessonCard(id=case.lesson, title=case.lesson_title, course=""),
        package=case.clip,
    )

"""Decisions about a question: its season, who it goes to and until when, what may be done with it. Pure.

A question lies at the desk of the nearest region in or above which somebody answers its topic; when it is overdue it
goes to the next such region above. Whoever answers no topic in particular answers all of them.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from contentserver.courses import LessonState, approved
from contentserver.regions import ancestors_and_self
from schedules.asking import ANIMALS, OTHER, PESTS, POLICY, RICE, SOIL

COUNTY_DIGITS: Final = 6
TWICE: Final = timedelta(minutes=10)
"""The same question of a station within this time is one question: somebody has pressed the key again."""
_FORTNIGHT, _FOUR_WEEKS = timedelta(days=14), timedelta(days=28)
ASK_AFTER: Final = {
    PESTS: _FORTNIGHT,  # a spray has worked by then, or has not
    ANIMALS: _FORTNIGHT,  # an animal is well again, or is not
    OTHER: _FORTNIGHT,
    SOIL: _FOUR_WEEKS,  # fertiliser shows in the leaves after three to four weeks
    RICE: _FOUR_WEEKS,
    POLICY: _FOUR_WEEKS,  # so long an office takes over an application
}
"""So long after an answer it is asked what came of it, by topic; of topics that are not known here, a fortnight."""
ASK_AGAIN_AFTER: Final = _FORTNIGHT
"""So long after it was first asked there is one reminder, and so long after that it is not asked any more."""
DIGEST_EVERY: Final = timedelta(hours=1)
"""An expert gets at most one mail in this time."""
QUIET_FROM, QUIET_UNTIL = 21, 7
"""Hours of the stations' day between which experts get no mail."""
SHOWN: Final = 20
"""So many of its questions a station's television shows."""
URGENT_SENTENCES: Final = frozenset({"animal_ill"})

_ON_THEIR_WAY: Final = frozenset({LessonState.DRAFT, LessonState.TRANSCODING, LessonState.IN_REVIEW})


class Source(StrEnum):
    """How it was asked."""

    TV = "tv"
    PHONE = "phone"


class Urgency(StrEnum):
    """How soon it needs an answer."""

    NORMAL = "normal"
    URGENT = "urgent"


class State(StrEnum):
    """How far a question has come."""

    WAITING = "waiting"
    """Somebody looks first whether it may be shown."""
    OPEN = "open"
    TAKEN = "taken"
    ANSWERED = "answered"
    CLOSED = "closed"
    """Over without, or after, an answer: `closing_note` says why."""
    WITHDRAWN = "withdrawn"
    """The station does not ask it any more."""
    REFUSED = "refused"
    """Looked at, and not passed on."""


class Season(StrEnum):
    """A quarter of the farmer's year."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


class Reminder(StrEnum):
    """How far it has been asked what came of an answer."""

    FIRST = "first"
    AGAIN = "again"
    OVERDUE = "overdue"
    """Asked twice, and nobody has said: county staff see to it, and nobody is asked any more."""


ASKS: Final = (Reminder.FIRST, Reminder.AGAIN)
ANSWERABLE: Final = frozenset({State.OPEN, State.TAKEN, State.ANSWERED})
HIDDEN: Final = frozenset({State.WAITING, State.REFUSED})
"""Seen by those alone who look through what people wrote."""
OVER: Final = frozenset({State.CLOSED, State.WITHDRAWN, State.REFUSED})
TIME_TO_ANSWER: Final = {Urgency.URGENT: timedelta(hours=24), Urgency.NORMAL: timedelta(hours=72)}
_SEASONS: Final = (Season.WINTER, Season.SPRING, Season.SUMMER, Season.AUTUMN)


class Verdict(StrEnum):
    """Whether somebody may do something with a question; all but YES are reasons why not."""

    YES = "yes"
    WAITING = "waiting"
    OTHERS = "others"
    """Somebody else is at it."""
    OVER = "over"
    WITHDRAWN = "withdrawn"
    NOT_TAKEN = "not_taken"
    NOT_ANSWERED = "not_answered"
    OWN = "own"
    """Somebody else has to look at it: it is their own answer."""


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who answers. An empty region is everywhere."""

    id: UUID
    region: str
    topics: frozenset[str] = frozenset()

    def answers(self, topic: str) -> bool:
        """Whether the topic is theirs."""
        return not self.topics or topic in self.topics


def asked_at(at: datetime, received_at: datetime) -> datetime:
    """When something was: as the box says, but never later than it came."""
    return min(at, received_at)


def season(month: int) -> Season:
    """The season of a month, 1 to 12: spring begins with March."""
    return _SEASONS[month % 12 // 3]


def urgency(sentence: str) -> Urgency:
    """How soon a prepared sentence needs an answer."""
    return Urgency.URGENT if sentence in URGENT_SENTENCES else Urgency.NORMAL


def due(urgent: str, since: datetime) -> datetime:
    """Until when a question should be answered that came, or went up the tree, at an instant."""
    return since + TIME_TO_ANSWER[Urgency(urgent)]


def overdue(state: str, due_at: datetime, now: datetime) -> bool:
    """Whether it should have been answered."""
    return state in (State.OPEN, State.TAKEN) and due_at <= now


def desk(region: str, topic: str, experts: Iterable[Expert]) -> str:
    """The region at whose desk a question lies: the nearest with an expert, else the county, else the region itself."""
    levels = ancestors_and_self(region)
    found = _levels_with(levels, topic, experts)
    return found[-1] if found else max((one for one in levels if len(one) <= COUNTY_DIGITS), key=len, default=region)


def desk_above(region: str, here: str, topic: str, experts: Iterable[Expert]) -> str:
    """The next desk above one: the nearest region above with an expert, else the one above; at the top, itself."""
    above = [one for one in ancestors_and_self(region) if len(one) < len(here)]
    found = _levels_with(above, topic, experts)
    return found[-1] if found else above[-1] if above else here


def _levels_with(levels: Sequence[str], topic: str, experts: Iterable[Expert]) -> list[str]:
    places = {one.region or levels[0] for one in experts if one.answers(topic)} if levels else set()
    return [one for one in levels if one in places]


def nearest(region: str, topic: str, experts: Iterable[Expert]) -> list[Expert]:
    """Who may answer a question of a region, the nearest first; of those equally near, in order of their ids."""
    able = [one for one in experts if one.answers(topic) and region.startswith(one.region)]
    return sorted(able, key=lambda one: (-len(one.region), str(one.id)))


def still_there(claimed_by: UUID, region: str, experts: Collection[Expert]) -> bool:
    """Whether whoever took a question may still answer in its region."""
    return any(one.id == claimed_by and region.startswith(one.region) for one in experts)


def may_claim(state: str, claimed_by: UUID | None, who: UUID) -> Verdict:
    """Whether somebody may take a question: one that is open, or theirs already."""
    match State(state):
        case State.OPEN:
            return Verdict.YES
        case State.TAKEN:
            return Verdict.YES if claimed_by == who else Verdict.OTHERS
        case other:
            return _closed(other) or Verdict.OVER


def may_release(state: str, claimed_by: UUID | None, who: UUID, directs: bool) -> Verdict:
    """Whether somebody may give a question back: their own, or anybody's for those who direct."""
    if state != State.TAKEN:
        return Verdict.NOT_TAKEN
    return Verdict.YES if directs or claimed_by == who else Verdict.OTHERS


def may_answer(state: str, claimed_by: UUID | None, who: UUID) -> Verdict:
    """Whether somebody may answer: what nobody else has taken, and what was answered before, once more."""
    found = State(state)
    if found in ANSWERABLE:
        return Verdict.OTHERS if found is State.TAKEN and claimed_by != who else Verdict.YES
    return _closed(found) or Verdict.OVER


def may_close(state: str) -> Verdict:
    """Whether a question may come to an end."""
    return _closed(State(state)) or Verdict.YES


def may_tell_outcome(state: str, answered: bool) -> Verdict:
    """Whether it may be noted what came of it: of what was answered, also when it is over."""
    return Verdict.YES if answered and state in (State.ANSWERED, State.CLOSED) else Verdict.NOT_ANSWERED


def may_release_knowledge(state: str, answered_by: Collection[UUID], who: UUID) -> Verdict:
    """Whether somebody may let everybody read an answer: never one of their own."""
    if not answered_by or state in HIDDEN:
        return Verdict.NOT_ANSWERED
    return Verdict.OWN if who in answered_by else Verdict.YES


def _closed(state: State) -> Verdict | None:
    match state:
        case State.WAITING:
            return Verdict.WAITING
        case State.WITHDRAWN:
            return Verdict.WITHDRAWN
        case State.CLOSED | State.REFUSED:
            return Verdict.OVER
        case _:
            return None


def reminder(topic: str, state: str, answered_at: datetime | None, told: bool, now: datetime) -> Reminder | None:
    """How far it is with asking what came of an answer; None where there is nothing to ask, or not yet."""
    if told or answered_at is None or may_tell_outcome(state, True) is not Verdict.YES:
        return None
    since = now - answered_at - ask_after(topic)
    if since < timedelta(0):
        return None
    return (Reminder.FIRST, Reminder.AGAIN, Reminder.OVERDUE)[min(2, since // ASK_AGAIN_AFTER)]


def ask_after(topic: str) -> timedelta:
    """So long after an answer it is asked what came of it."""
    return ASK_AFTER.get(topic, _FORTNIGHT)


def asked_until(topic: str, answered_at: datetime) -> datetime:
    """From then on nobody is asked any more; it stands on the county's list as overdue."""
    return answered_at + ask_after(topic) + 2 * ASK_AGAIN_AFTER


def own_desk(expert: Expert, desk: str, topic: str) -> bool:
    """Whether a question lies at somebody's own desk; that of an expert for everywhere is the one at the top."""
    top = ancestors_and_self(desk)[0]
    return expert.answers(topic) and desk == (expert.region or top)


def quiet(hour: int) -> bool:
    """Whether experts get no mail at an hour of the stations' day."""
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def may_point_at(lesson_state: str, *, own: bool) -> bool:
    """Whether an answer may point at a lesson: an approved one, or one's own that will be; it is shown once it is."""
    return approved(lesson_state) or (own and lesson_state in _ON_THEIR_WAY)


def asks_outcome(state: str, helped: bool | None) -> bool:
    """Whether the television may ask if it helped."""
    return state == State.ANSWERED and helped is None


def helped(said: Iterable[tuple[datetime, bool]], answered_at: datetime | None) -> bool | None:
    """The last word on the newest answer, in whatever order the words come; None where there is none."""
    since = [one for one in said if answered_at is not None and one[0] >= answered_at]
    return max(since)[1] if since else None

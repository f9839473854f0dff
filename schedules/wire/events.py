"""What a box observed: the bodies of events, and the rows of its journal. The law of evolution: `__init__.py`."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import AiringId, LessonCard, PackageName
from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class SignInMethod(StrEnum):
    """How somebody signed in."""

    NUMBER = "number"
    NAME = "name"
    CARD = "card"
    PHONE = "phone"


class AiringStarted(Message, frozen=True, kw_only=True, tag_field="kind", tag="airing_started"):
    """The first frame of an airing moved. `late_ms` is how long after the planned start; below zero, before."""

    airing: AiringId
    planned_start: datetime
    duration_ms: int
    lesson: LessonCard
    package: PackageName
    late_ms: int


class PlaybackSpan(Message, frozen=True, kw_only=True, tag_field="kind", tag="playback_span"):
    """A stretch of an airing that was really on the screen, moving.

    A long showing is written as several spans, so that a power cut costs at most the last few seconds. Spans may
    overlap or come twice; the seconds shown are the length of their union in media time.
    """

    airing: AiringId
    lesson: LessonCard
    package: PackageName
    from_ms: int
    to_ms: int
    """Media time of the stretch: `from_ms` included, `to_ms` not."""
    started_at: datetime


class AiringEnded(Message, frozen=True, kw_only=True, tag_field="kind", tag="airing_ended"):
    """The airing left the screen. `complete` when it ran to its own end."""

    airing: AiringId
    complete: bool


class AiringMissed(Message, frozen=True, kw_only=True, tag_field="kind", tag="airing_missed"):
    """The airing could not be shown, and why (a stable code such as `not_stored`, `refused`, `player_failed`)."""

    airing: AiringId
    lesson: LessonCard
    reason: str


class SegmentDamaged(Message, frozen=True, kw_only=True, tag_field="kind", tag="segment_damaged"):
    """A piece of a lesson is damaged or gone on the box's disk, and its showing leaves it out. Once for each piece.

    Attributes:
        file: the piece, below the package's folder.
        from_ms, to_ms: media time that it holds.
    """

    airing: AiringId
    lesson: LessonCard
    package: PackageName
    file: str
    from_ms: int
    to_ms: int


class SignedIn(Message, frozen=True, kw_only=True, tag_field="kind", tag="signed_in"):
    """A person's arrival in a session."""

    airing: AiringId
    lesson: LessonCard
    member: str
    method: SignInMethod


class SignInUndone(Message, frozen=True, kw_only=True, tag_field="kind", tag="sign_in_undone"):
    """The arrival was a mistake and was taken back."""

    airing: AiringId
    member: str


class HeadCounted(Message, frozen=True, kw_only=True, tag_field="kind", tag="head_counted"):
    """How many people the station administrator counted in the room, and the phrases chosen for the discussion."""

    airing: AiringId
    people: int
    phrases: tuple[str, ...] = ()


class StationEntered(Message, frozen=True, kw_only=True, tag_field="kind", tag="station_entered"):
    """From here on the box stands in this station: the facts that follow are this station's.

    First row of a journal, and again whenever the box learns that it was moved.
    """

    station: str


class QuizAnswered(Message, frozen=True, kw_only=True, tag_field="kind", tag="quiz_answered"):
    """Somebody in the room, or the room together, chose an answer. Nothing says who.

    The last word on (question, version, turn) counts, so that a slip of the finger can be mended.

    Attributes:
        turn: 0 for the whole room; where each answers, the first is 1.
        choice: place of the option, from 0; below 0 takes the answer back.
    """

    airing: AiringId
    lesson: LessonCard
    question: str
    version: int
    choice: int
    turn: int = 0


class QuestionAsked(Message, frozen=True, kw_only=True, tag_field="kind", tag="question_asked"):
    """The room asks the experts something, with the remote; the fact's own key is the question's.

    Attributes:
        airing, lesson, position_ms: what was on the screen, and its media time; None where nothing was, or where a
            lesson was watched for its own sake (`airing` alone).
        topic, sentence: codes of `schedules/asking.py`.
        member: who asks, where they said so; empty for the station.
    """

    topic: str
    sentence: str
    airing: AiringId | None = None
    lesson: LessonCard | None = None
    position_ms: int | None = None
    member: str = ""


class AnswerRead(Message, frozen=True, kw_only=True, tag_field="kind", tag="answer_read"):
    """The room has opened an answer; `helped` once it said whether that helped."""

    case: str
    helped: bool | None = None


class NoticeRead(Message, frozen=True, kw_only=True, tag_field="kind", tag="notice_read"):
    """Somebody has opened a notice on the television."""

    notice: str
    version: int


class DocumentRead(Message, frozen=True, kw_only=True, tag_field="kind", tag="document_read"):
    """Somebody has confirmed on the television that a document was read."""

    document: str
    version: int


class DocumentReplied(Message, frozen=True, kw_only=True, tag_field="kind", tag="document_replied"):
    """Somebody has answered a document with the remote; the newest answer stands.

    Attributes:
        choice: place of the option in `DocumentCard.options`, from 0.
        answer: that option's words as the television showed them, so that a newer version changes no answer.
    """

    document: str
    version: int
    choice: int
    answer: str = ""


EventBody = (
    AiringStarted
    | PlaybackSpan
    | AiringEnded
    | AiringMissed
    | SegmentDamaged
    | SignedIn
    | SignInUndone
    | HeadCounted
    | StationEntered
    | QuizAnswered
    | QuestionAsked
    | AnswerRead
    | NoticeRead
    | DocumentRead
    | DocumentReplied
)


class EventRecord(Message, frozen=True, kw_only=True):
    """One row of a journal. Its key is (box, epoch, sequence); the same key always has the same body.

    Attributes:
        sequence: from 1, without holes.
        at: when it happened by the box's best estimate of UTC.
        uncertainty_ms: how far off `at` may be.
        body: JSON of an `EventBody`, kept raw so that a kind not yet known survives.
    """

    sequence: int
    at: datetime
    uncertainty_ms: int
    body: msgspec.Raw


class EventBatch(Message, frozen=True, kw_only=True):
    """Consecutive or repeated rows of one journal."""

    box: BoxId
    epoch: str
    events: tuple[EventRecord, ...]

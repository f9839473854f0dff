"""What a station reads beside its timetable: quizzes, answers to its questions, notices, prices. Law: `__init__.py`.

Each kind is one paper: whole, versioned by its content, fetched over HTTP when `Desired.papers` names another version,
and kept on the box, so that it is there without a line. What people do with them comes back as events.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from schedules.airings import LessonId, PackageName
from schedules.wire.message import Message


class PaperKind(StrEnum):
    """Which paper. A box leaves alone what `Desired` names beyond these."""

    QUIZZES = "quizzes"
    GREEN_CHANNEL = "green_channel"
    NOTICES = "notices"
    MARKET = "market"
    DOCUMENTS = "documents"


class QuizMode(StrEnum):
    """Who answers. A word from a newer server reads as ROOM."""

    ROOM = "room"
    """The room agrees on one answer."""
    EACH = "each"
    """One after the other, nobody by name."""

    @classmethod
    def _missing_(cls, _value: object) -> "QuizMode":
        return cls.ROOM


class QuizQuestion(Message, frozen=True, kw_only=True):
    """One question of a lesson, to be answered with the number keys.

    Attributes:
        version: from 1; counts up whenever its words or its options change.
        at_ms: media time at which it comes over the picture; None for the lesson's end.
        options: two to four.
        right: place of the right option, from 0; below 0 where none is right or wrong.
        explanation: shown with the answer.
    """

    id: str
    version: int
    lesson: LessonId
    text: str
    options: tuple[str, ...]
    right: int = -1
    explanation: str = ""
    at_ms: int | None = None
    mode: QuizMode = QuizMode.ROOM


class Quizzes(Message, frozen=True, kw_only=True, tag_field="kind", tag=str(PaperKind.QUIZZES)):
    """The questions of lessons that the station may show, those of one lesson in the order in which they come."""

    version: str
    questions: tuple[QuizQuestion, ...] = ()


class CaseState(StrEnum):
    """How far a question has come. A word from a newer server reads as OPEN."""

    OPEN = "open"
    """Nobody has taken it yet."""
    TAKEN = "taken"
    """An expert is at it."""
    ANSWERED = "answered"
    CLOSED = "closed"
    """Over, or withdrawn: `answer` says why where there is something to say."""

    @classmethod
    def _missing_(cls, _value: object) -> "CaseState":
        return cls.OPEN


class AnswerFileKind(StrEnum):
    """What a file of an answer is. A word from a newer server reads as OTHER, which a box leaves alone."""

    PHOTO = "photo"
    """A JPEG, at most 2048 pixels wide and high."""
    VOICE = "voice"
    """A voice note, AAC in MP4."""
    OTHER = "other"

    @classmethod
    def _missing_(cls, _value: object) -> "AnswerFileKind":
        return cls.OTHER


class AnswerFile(Message, frozen=True, kw_only=True):
    """A photograph or a voice note of an answer, named by its content."""

    kind: AnswerFileKind
    sha256: str
    bytes: int


class CaseCard(Message, frozen=True, kw_only=True):
    """A question that the station has asked, and what became of it. Nothing in it says who asked.

    Attributes:
        number: counted in the station, from 1.
        topic: a code of `schedules/asking.py`.
        question: in words, as the room may read it.
        answered_by: who answers, as the screen says it; empty before.
        lesson: a lesson that answers it; empty for none.
        clip: a package with a recorded answer; empty for none.
        asks_outcome: the television may ask whether it helped.
        files: of the answer, in their order; each is fetched apart.
    """

    id: str
    number: int
    topic: str
    question: str
    asked_at: datetime
    state: CaseState = CaseState.OPEN
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None
    lesson: LessonId = LessonId("")
    lesson_title: str = ""
    clip: PackageName = PackageName("")
    clip_ms: int = 0
    asks_outcome: bool = False
    files: tuple[AnswerFile, ...] = ()


class GreenChannel(Message, frozen=True, kw_only=True, tag_field="kind", tag=str(PaperKind.GREEN_CHANNEL)):
    """What the station has asked of late, the newest first."""

    version: str
    cases: tuple[CaseCard, ...] = ()
    ask: str = ""
    """Address of the page on which one asks by phone; empty where there is none."""


class NoticeCard(Message, frozen=True, kw_only=True):
    """One notice.

    Attributes:
        version: from 1; counts up whenever its words change.
        text: paragraphs, with a line break between.
        valid_until: it is shown up to then; None until it is withdrawn.
        important: it stands before the others.
    """

    id: str
    version: int
    title: str
    text: str
    issuer: str
    published_at: datetime
    valid_from: datetime
    valid_until: datetime | None = None
    important: bool = False


class Notices(Message, frozen=True, kw_only=True, tag_field="kind", tag=str(PaperKind.NOTICES)):
    """The notices that are for the station, those that begin within days included; the newest first."""

    version: str
    notices: tuple[NoticeCard, ...] = ()


class PriceLine(Message, frozen=True, kw_only=True):
    """The price of one commodity on one market.

    Attributes:
        unit: what one pays it for, e.g. 斤.
        day: local date of the newest price.
        cents: of one yuan, for one unit.
        before_cents: the price before it; None where there is none.
        days: the last thirty days up to `day`, in cents; None for a day without a price.
    """

    commodity: str
    market: str
    unit: str
    day: date
    cents: int
    before_cents: int | None = None
    days: tuple[int | None, ...] = ()


class OfferKind(StrEnum):
    """Who looks for whom. A word from a newer server reads as SUPPLY."""

    SUPPLY = "supply"
    DEMAND = "demand"

    @classmethod
    def _missing_(cls, _value: object) -> "OfferKind":
        return cls.SUPPLY


class OfferCard(Message, frozen=True, kw_only=True):
    """One entry of the villages' bulletin. `contact` is as its owner wants it shown."""

    id: str
    kind: OfferKind
    title: str
    place: str
    until: datetime
    text: str = ""
    contact: str = ""
    posted_at: datetime | None = None


class Market(Message, frozen=True, kw_only=True, tag_field="kind", tag=str(PaperKind.MARKET)):
    """Prices and the bulletin, as the station's screen shows them, in that order."""

    version: str
    prices: tuple[PriceLine, ...] = ()
    offers: tuple[OfferCard, ...] = ()


class ReplyWay(StrEnum):
    """How a document is answered. A word from a newer server reads as ELSEWHERE."""

    NONE = "none"
    """Nothing is asked."""
    KEYS = "keys"
    """One of `options`, on the television too."""
    ELSEWHERE = "elsewhere"
    """In words or with a file: on the pages of the office."""

    @classmethod
    def _missing_(cls, _value: object) -> "ReplyWay":
        return cls.ELSEWHERE


class DocumentCard(Message, frozen=True, kw_only=True):
    """A document that was sent to the station.

    Attributes:
        version: from 1; counts up whenever its words or its attachments change.
        number: as it is printed; empty for none.
        text: paragraphs, with a line break between.
        read_due, reply_due: local dates up to which it should be read and answered; None for no deadline.
        options: what can be chosen; `yes` and `no` are shown in the television's language.
        attachments: their names; they are opened elsewhere.
        read_version: the newest version that the server knows to be read at the station; 0 for none.
        replied: the answer that stands; empty for none.
        recalled: why the document was recalled; empty while it holds.
    """

    id: str
    version: int
    title: str
    text: str
    issuer: str
    sent_at: datetime
    number: str = ""
    read_due: date | None = None
    reply_due: date | None = None
    reply: ReplyWay = ReplyWay.NONE
    options: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    read_version: int = 0
    replied: str = ""
    recalled: str = ""


class Documents(Message, frozen=True, kw_only=True, tag_field="kind", tag=str(PaperKind.DOCUMENTS)):
    """What was sent to the station of late, the newest first; of what was recalled, only what it has read."""

    version: str
    documents: tuple[DocumentCard, ...] = ()


Paper = Quizzes | GreenChannel | Notices | Market | Documents
PAPERS: dict[PaperKind, type[Any]] = {
    PaperKind.QUIZZES: Quizzes,
    PaperKind.GREEN_CHANNEL: GreenChannel,
    PaperKind.NOTICES: Notices,
    PaperKind.MARKET: Market,
    PaperKind.DOCUMENTS: Documents,
}

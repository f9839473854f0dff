"""Tables of consultations: cases with their files, answers and outcomes, who answers what, and what everybody may read.

Events of televisions are the record of what was asked with the remote; `case_facts` says which of them were taken in.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.consultations.rules import Source, State, Urgency
from contentserver.kernel.db import Base, id_column


class Case(Base):
    """One question of a station, and how far it has come.

    Attributes:
        region_code: where the station lay when it was asked.
        number: counted in the station, from 1.
        sentence: a code of `schedules/asking.py`; empty where somebody wrote.
        position_ms: media time of the lesson that was on the screen.
        desk: the region whose experts have it in their queue.
        due_at: until then it should be answered; counted anew when it goes up the tree.
        escalations: how often it went up.
        helped: what the station, or the phone that asked, last said of the newest answer; None before.
    """

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("station_id", "number"),)

    id: Mapped[UUID] = id_column()
    station_id: Mapped[UUID] = mapped_column(ForeignKey("stations.id"))
    region_code: Mapped[str] = mapped_column(String(12), index=True)
    number: Mapped[int]
    source: Mapped[str] = mapped_column(String(6), default=Source.TV)
    topic: Mapped[str] = mapped_column(String(20))
    sentence: Mapped[str] = mapped_column(String(40), default="")
    text: Mapped[str] = mapped_column(String(1000), default="")
    airing_id: Mapped[str] = mapped_column(String(36), default="")
    lesson_id: Mapped[str] = mapped_column(String(36), default="")
    lesson_title: Mapped[str] = mapped_column(String(100), default="")
    position_ms: Mapped[int | None]
    member_id: Mapped[str] = mapped_column(String(36), default="")
    asked_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime]
    season: Mapped[str] = mapped_column(String(6))
    urgency: Mapped[str] = mapped_column(String(6), default=Urgency.NORMAL)
    state: Mapped[str] = mapped_column(String(10), default=State.OPEN, index=True)
    desk: Mapped[str] = mapped_column(String(12))
    due_at: Mapped[datetime]
    escalations: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    claimed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    """Of the newest answer."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    closing_note: Mapped[str] = mapped_column(String(500), default="")
    read_at: Mapped[datetime | None]
    helped: Mapped[bool | None]
    outcome_asked: Mapped[str] = mapped_column(String(10), default="", server_default="")
    """How far it has been asked what came of the newest answer (`rules.Reminder`); empty before."""


class CaseFact(Base):
    """An event that was taken in, under its own key: a question, or that an answer was read.

    Attributes:
        case_id: None where the event speaks of no case that there is.
        at: when it was, and never later than it came.
    """

    __tablename__ = "case_facts"

    box_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"), index=True)
    asked: Mapped[bool]
    at: Mapped[datetime]
    helped: Mapped[bool | None]


class CaseSaid(Base):
    """What the phone that asked last said of the answer; a television's word is a `CaseFact`."""

    __tablename__ = "case_said"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    helped: Mapped[bool]
    at: Mapped[datetime]


class CaseDigest(Base):
    """That an expert was told of a question by mail.

    Attributes:
        tried_at: when the mail was last handed over, or tried to.
        sent: whether the mail server took it.
    """

    __tablename__ = "case_digests"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    tried_at: Mapped[datetime]
    sent: Mapped[bool]


class CaseAnswer(Base):
    """What somebody answered; a case may have several, the newest is shown on the television."""

    __tablename__ = "case_answers"

    id: Mapped[UUID] = id_column()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(String(1000))
    lesson_id: Mapped[UUID | None] = mapped_column(ForeignKey("lessons.id"))


class CaseFile(Base):
    """A photograph or a voice note of a question, or of an answer (`answer_id`); it lies under `digest`.

    Attributes:
        place: latitude and longitude, where whoever asked has agreed that they are kept.
    """

    __tablename__ = "case_files"

    id: Mapped[UUID] = id_column()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("case_answers.id"))
    kind: Mapped[str] = mapped_column(String(6))
    digest: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int]
    place: Mapped[str] = mapped_column(String(30), default="")
    at: Mapped[datetime]


class CaseOutcome(Base):
    """What came of an answer, asked later; the newest counts, the others are its history.

    Attributes:
        by: who wrote it down; None where the phone that has asked did.
    """

    __tablename__ = "case_outcomes"

    id: Mapped[UUID] = id_column()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    solved: Mapped[bool]
    area_tenths: Mapped[int | None]
    """Of a mu."""
    yield_kg: Mapped[int | None]
    income_cents: Mapped[int | None] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(String(300), default="")
    at: Mapped[datetime]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class ExpertTopic(Base):
    """A topic that an expert answers; whoever has none answers all."""

    __tablename__ = "expert_topics"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(20), primary_key=True)


class KnowledgeEntry(Base):
    """A question and its answer for everybody, written anew so that nobody is recognised."""

    __tablename__ = "knowledge"

    id: Mapped[UUID] = id_column()
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), unique=True)
    topic: Mapped[str] = mapped_column(String(20))
    question: Mapped[str] = mapped_column(String(500))
    answer: Mapped[str] = mapped_column(Text)
    season: Mapped[str] = mapped_column(String(6))
    released_at: Mapped[datetime]
    released_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    withdrawn_at: Mapped[datetime | None]


class CaseWords(Base):
    """The words of a case or of an entry of knowledge, cut apart, with spaces between. Its index: migration 0028."""

    __tablename__ = "case_words"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text)

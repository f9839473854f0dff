"""Tables of assessments: schemes by version, rounds with who is assessed, forms, who may write one, objections."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from contentserver.kernel.db import Base, id_column

TITLE_CHARS, REASON_CHARS, OBJECTION_CHARS = 80, 500, 1000


class AssessmentRound(Base):
    """A round: the scheme by which it began, its days, and how far it is.

    Attributes:
        scheme, version: which scheme, and whose version of it, `region:number`; `document` is a copy of it.
        dues: JSON: until which day each part is open, by its code; `collected_on` is the last of them.
        why: why the recommendation departs from the scores; empty where it does not.
        published_by: who agreed to the recommendation, never the one who made it (`recommended_by`).
        objections_until, shown_until: the last days; empty before publication.
    """

    __tablename__ = "assessment_rounds"

    id: Mapped[UUID] = id_column()
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"), index=True)
    scheme: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(24))
    document: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(TITLE_CHARS))
    dues: Mapped[str] = mapped_column(Text)
    begun_on: Mapped[date]
    collected_on: Mapped[date]
    begun_at: Mapped[datetime]
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    recommended_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    why: Mapped[str] = mapped_column(String(REASON_CHARS), default="")
    published_at: Mapped[datetime | None]
    published_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    objections_until: Mapped[date | None]
    shown_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))


class AssessmentSubject(Base):
    """Who or what is assessed in a round; which of the three ids is there, says the scheme.

    Attributes:
        station_id: also of a member: whose roll they were on when the round began.
        branch_id: also of a member: where they hold the role.
        title: the name of a station or branch as the round began; a member's stands in their record alone.
        gone: why it left the round, a `words.GONE`; empty while it is in. `gone_because` where a person took it out.
        proposed: the scores alone would recommend it. `recommended`: it is.
        score: in hundredths, as it was published; None without one.
        corrected: in hundredths, after an objection was upheld.
    """

    __tablename__ = "assessment_subjects"
    __table_args__ = (Index("ix_assessment_subjects_round_id_region_code", "round_id", "region_code"),)

    id: Mapped[UUID] = id_column()
    round_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_rounds.id"))
    region_code: Mapped[str] = mapped_column(ForeignKey("regions.code"))
    station_id: Mapped[UUID | None] = mapped_column(ForeignKey("stations.id"), index=True)
    branch_id: Mapped[UUID | None] = mapped_column(ForeignKey("branches.id"), index=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id"), index=True)
    title: Mapped[str] = mapped_column(String(100), default="")
    gone: Mapped[str] = mapped_column(String(20), default="")
    gone_because: Mapped[str] = mapped_column(String(REASON_CHARS), default="")
    proposed: Mapped[bool] = mapped_column(default=False)
    recommended: Mapped[bool] = mapped_column(default=False)
    score: Mapped[int | None]
    corrected: Mapped[int | None]


class AssessmentForm(Base):
    """A form: of an account, from the day on which it is asked; of a member, once it is sent, and without whose it is.

    Attributes:
        account_id: who is asked; None where nobody learns it. Such a row has a random id, so that no order tells.
        answers: JSON; empty until it is sent.
        points: of the part's `full`; None until it is sent.
        sent_at: of an account's form; a member's has no time.
    """

    __tablename__ = "assessment_forms"
    __table_args__ = (
        UniqueConstraint("subject_id", "part", "account_id"),
        Index("ix_assessment_forms_account_id_due_on", "account_id", "due_on"),
    )

    id: Mapped[UUID] = id_column()
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_subjects.id"), index=True)
    part: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    due_on: Mapped[date]
    answers: Mapped[str] = mapped_column(Text, default="")
    points: Mapped[int | None]
    sent_at: Mapped[datetime | None]


class AssessmentVoter(Base):
    """A member who may write one form: known by a keyed mark, and whether it was used; nothing leads to the form."""

    __tablename__ = "assessment_voters"
    __table_args__ = (Index("ix_assessment_voters_subject_id_part", "subject_id", "part"),)

    mark: Mapped[str] = mapped_column(String(64), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_subjects.id"))
    part: Mapped[str] = mapped_column(String(20))
    used: Mapped[bool] = mapped_column(default=False)


class AssessmentObjection(Base):
    """Somebody objects to a published score.

    Attributes:
        by: the account; None where a member objects by phone, known by a keyed mark.
        upheld: None until it is decided.
        score_before, score_after: in hundredths; `after` alone where it was upheld.
    """

    __tablename__ = "assessment_objections"

    id: Mapped[UUID] = id_column()
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("assessment_subjects.id"), index=True)
    by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    mark: Mapped[str] = mapped_column(String(64), default="", index=True)
    text: Mapped[str] = mapped_column(String(OBJECTION_CHARS))
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(String(REASON_CHARS), default="")
    score_before: Mapped[int | None]
    score_after: Mapped[int | None]
    recommended_before: Mapped[bool] = mapped_column(default=False)
    recommended_after: Mapped[bool] = mapped_column(default=False)

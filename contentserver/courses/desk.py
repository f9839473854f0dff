"""What the pages of review show to one person: of one lesson all that was said and may be done, of many a queue."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.courses import comments, deciding, facts, packages, rules, service
from contentserver.courses.comments import CommentRow
from contentserver.courses.models import Lesson, LessonReview
from contentserver.courses.ports import PackageStore
from contentserver.courses.rules import ApprovalVerdict, LessonState
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.regions import Region
from media_pipeline.manifest import Manifest

AGES = (1, 3, 7)
"""Days of waiting to choose from."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A lesson's review as one person sees it.

    Attributes:
        newest, earlier: comments on the newest version, and on those before it.
        open: how many wait for an answer, of whatever version.
        over, soon_over: its last day lies behind, or among the coming thirty.
    """

    newest: Sequence[CommentRow]
    earlier: Sequence[CommentRow]
    open: int
    decisions: Sequence[tuple[LessonReview, str]]
    over: bool
    soon_over: bool
    own_upload: bool
    may_comment: bool
    may_settle: bool
    may_reopen: bool
    may_decide: bool
    may_replace: bool
    may_set_terms: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue. `risks`: how many measured checks found something; None where the package is unreadable."""

    lesson: Lesson
    region: str
    uploader: str
    since: datetime
    days: int
    risks: int | None
    open: int
    opened: bool

    @property
    def ready(self) -> bool:
        """Whether it may be approved together with others."""
        return self.opened and self.risks == 0 and not self.open


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one person, and what there is to filter by."""

    lessons: Sequence[Lesson]
    subjects: Sequence[str]
    regions: Sequence[Region]
    total: int


def panel(session: Session, lesson: Lesson, who: Person, now: datetime) -> Panel:
    """A lesson's review for somebody who may see the lesson."""
    newest, earlier = comments.comment_rows(session, lesson)
    here, today = who.reaches(lesson.course.region_code), clock.local(now).date()
    uploads, approves = here and who.may(Right.UPLOAD), here and who.may(Right.APPROVE)
    under_review = lesson.state in comments.UNDER_REVIEW
    uploaders = service.uploaders(session, lesson)
    return Panel(
        newest=newest,
        earlier=earlier,
        open=sum(row.open for row in (*newest, *earlier)),
        decisions=deciding.decisions(session, lesson),
        over=lesson.terms.over(today),
        soon_over=lesson.terms.soon_over(today),
        own_upload=who.id in uploaders,
        may_comment=under_review and (uploads or approves),
        may_settle=uploads and lesson.state not in comments.DECIDED,
        may_reopen=under_review and approves,
        may_decide=approves and rules.approval_verdict(lesson.state, uploaders, who.id) is ApprovalVerdict.ALLOWED,
        may_replace=uploads and lesson.state == LessonState.RETURNED,
        may_set_terms=approves if lesson.state == LessonState.APPROVED else uploads or approves,
    )


def queue(session: Session, who: Person, now: datetime, *, subject: str, region: str, age: int) -> Queue:
    """What waits for somebody, the longest waiting first.

    Args:
        subject: of the course; empty for every one.
        region: the course's region or one above it; empty for every one.
        age: days that it has waited at least.
    """
    every = deciding.waiting_for(session, who)
    codes = {lesson.course.region_code for lesson in every}
    named = session.scalars(select(Region).where(Region.code.in_(codes)).order_by(Region.code)).all()
    chosen = [
        lesson
        for lesson in every
        if subject in ("", lesson.course.subject)
        and lesson.course.region_code.startswith(region)
        and now - waiting_since(lesson) >= timedelta(days=age)
    ]
    return Queue(
        lessons=sorted(chosen, key=waiting_since),
        subjects=sorted({lesson.course.subject for lesson in every} - {""}),
        regions=named,
        total=len(every),
    )


def lines(
    session: Session,
    lessons: Sequence[Lesson],
    regions: Sequence[Region],
    store: PackageStore,
    who: Person,
    now: datetime,
) -> list[Waiting]:
    """The lines of a part of the queue; reads the package of each."""
    opened = deciding.opened_by(session, who.id)
    waiting = comments.open_comments(session, [lesson.id for lesson in lessons])
    ids = {lesson.uploader_id for lesson in lessons}
    names = {one.id: one.display_name for one in session.scalars(select(Account).where(Account.id.in_(ids)))}
    places = {region.code: region.name for region in regions}
    return [
        Waiting(
            lesson=lesson,
            region=places.get(lesson.course.region_code, "—"),
            uploader=names.get(lesson.uploader_id, "—"),
            since=waiting_since(lesson),
            days=(now - waiting_since(lesson)).days,
            risks=risks_of(store, lesson),
            open=waiting.get(lesson.id, 0),
            opened=opened.get(lesson.id) == lesson.version,
        )
        for lesson in lessons
    ]


def clean_among(store: PackageStore, lessons: Iterable[Lesson]) -> set[UUID]:
    """The lessons whose measured checks found nothing."""
    return {lesson.id for lesson in lessons if risks_of(store, lesson) == 0}


def risks_of(store: PackageStore, lesson: Lesson) -> int | None:
    """How many measured checks of a lesson's package found something; None where it cannot be read."""
    found = packages.read(store, lesson)
    return sum(check.mark == "risk" for check in facts.checks(found)) if isinstance(found, Manifest) else None


def waiting_since(lesson: Lesson) -> datetime:
    """Since when the newest version can be reviewed."""
    job = lesson.transcode
    return job.finished_at if job is not None and job.finished_at is not None else lesson.created_at

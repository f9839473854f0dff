"""Write articles, have somebody else agree, take them back; what everybody finds."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.kernel.pagination import Page, paginate
from contentserver.members import branches_within
from contentserver.portal import rules
from contentserver.portal.models import SUMMARY_CHARS, TEXT_CHARS, TITLE_CHARS, Article
from contentserver.portal.rules import Kind, State, Words
from contentserver.processes import Kind as ProcessKind
from contentserver.processes import Plan, begin, end, owner, under_way
from contentserver.regions import region_asked, subtree_filter

KIND_CODE: Final = "article"
AGREE_DAYS = 2
_LETTERS: Final = string.ascii_lowercase + string.digits
_SENTENCES: Final = {
    ("title", "empty"): _("Give it a title."),
    ("title", "long"): _("The title has at most %(count)s characters.", count=TITLE_CHARS),
    ("summary", "long"): _("The summary has at most %(count)s characters.", count=SUMMARY_CHARS),
    ("text", "empty"): _("Write something."),
    ("text", "long"): _("The text has at most %(count)s characters.", count=TEXT_CHARS),
    ("cover_says", "empty"): _("Say what is on the photograph, for whoever does not see it."),
}
WHY_CHARS = 200


@dataclass(frozen=True, slots=True)
class Belongs:
    """To which lesson and branch an article belongs, as a form names them; empty for none."""

    lesson: str = ""
    branch: str = ""


class ChangedMeanwhile(Conflict):
    """Somebody else has saved the article since it was opened."""

    def __init__(self, row: Article) -> None:
        super().__init__(
            "changed_meanwhile", _("Somebody else has changed this meanwhile. What you typed is still here.")
        )
        self.row = row


def draft(
    session: Session, kind: Kind, region: str, words: Words, belongs: Belongs, who: Person, now: datetime
) -> Article:
    """A new article; nobody else reads it yet.

    Raises:
        Rejected: a field is empty or too long, or there is no such branch.
        Forbidden: the region lies outside the person's.
    """
    region_asked(session, region, who)
    _require(words)
    branch = _branch(session, belongs.branch, None, who)
    row = Article(
        region_code=region,
        kind=kind.value,
        code="".join(secrets.choice(_LETTERS) for _turn in range(6)),
        state=State.DRAFT.value,
        lesson_id=_lesson(session, belongs.lesson),
        branch_id=branch,
        made_by=owner(who),
        changed_at=now,
    )
    _write(row, words)
    session.add(row)
    session.flush()
    audit(session, who=who, action="article.drafted", subject=subject_of(row), now=now, after={"title": row.title})
    return row


def change(
    session: Session, row: Article, words: Words, belongs: Belongs, version: int, who: Person, now: datetime
) -> None:
    """Other words; of a published one everybody reads the old ones until somebody has agreed to these.

    Raises:
        ChangedMeanwhile: somebody else saved it first.
        Conflict: somebody decides about it at the moment.
        Rejected: a field is empty or too long, or there is no such branch.
    """
    session.flush()
    session.refresh(row, with_for_update=True)
    if row.version != version:
        raise ChangedMeanwhile(row)
    if not rules.may_change(State(row.state)):
        raise Conflict("article_waits", _("Somebody decides about it at the moment. Take it back first."))
    _require(words)
    branch = _branch(session, belongs.branch, row.branch_id, who)
    before = msgspec.json.encode(words_of(row)).decode()
    _write(row, words)
    row.lesson_id, row.branch_id = _lesson(session, belongs.lesson), branch
    row.state, row.version, row.changed_at = State.DRAFT.value, version + 1, now
    session.flush()
    audit(session, who=who, action="article.changed", subject=subject_of(row), now=now, before=before)


def submit(session: Session, row: Article, kind: ProcessKind, who: Person, now: datetime) -> None:
    """Ask somebody else to agree that everybody reads it.

    Raises:
        Conflict: somebody decides about it already, or it is published as it stands.
    """
    if row.state not in (State.DRAFT, State.WITHDRAWN):
        raise Conflict("article_not_draft", _("There is nothing new to publish."))
    row.state = State.WAITING.value
    plans = [Plan("agree", Right.EDIT_SITE, row.region_code, AGREE_DAYS)]
    begin(session, kind, subject=subject_of(row), title=row.title, plans=plans, who=who, now=now)


def publish(session: Session, row: Article, who: Person, now: datetime) -> None:
    """Everybody reads it as it stands now."""
    row.published, row.published_branch_id = msgspec.json.encode(words_of(row)).decode(), row.branch_id
    row.state, row.first_published_at, row.why = State.PUBLISHED.value, row.first_published_at or now, ""
    audit(session, who=who, action="article.published", subject=subject_of(row), now=now, after={"title": row.title})


def withdraw(session: Session, row: Article, why: str, who: Person, now: datetime) -> None:
    """Nobody reads it any more; one that waits is a draft again.

    Raises:
        Rejected: nobody said why.
        Conflict: there is nothing to take back.
    """
    process = under_way(session, subject_of(row), KIND_CODE)
    if process is not None:
        end(session, process, who, now)
        row.state = State.PUBLISHED.value if row.published and not newer(row) else State.DRAFT.value
        return
    if not row.published:
        raise Conflict("article_unread", _("Nobody reads it yet."))
    why = why.strip()[:WHY_CHARS]
    if not why:
        sentence = _("Say why, for whoever asks later.")
        raise Rejected("reason_missing", sentence, {"why": sentence})
    row.published, row.published_branch_id, row.state, row.why = "", None, State.WITHDRAWN.value, why
    audit(session, who=who, action="article.withdrawn", subject=subject_of(row), now=now, after={"why": why})


def refuse(row: Article) -> None:
    """Somebody did not agree: it is a draft again."""
    row.state = State.DRAFT.value


def article_with(session: Session, article_id: UUID) -> Article:
    """The article with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Article, article_id)
    if row is None:
        raise NotFound("article_unknown", _("There is no such article."))
    return row


def where_article(session: Session, article_id: UUID) -> str:
    """The code of an article's region."""
    return article_with(session, article_id).region_code


def page_of_articles(session: Session, root: str, state: str, words: str, number: int) -> Page[Article]:
    """One page of a subtree's articles, the last changed first."""
    query = select(Article).where(subtree_filter(Article.region_code, root))
    if state:
        query = query.where(Article.state == state)
    if words:
        query = query.where(Article.title.contains(words, autoescape=True))
    return paginate(session, query.order_by(Article.changed_at.desc(), Article.id.desc()), number)


def published(kind: Kind, typed: str = "", lesson: str = "", branch: UUID | None = None) -> Select[Article]:
    """What everybody may read, the newest first; every word typed stands somewhere in it."""
    query = select(Article).where(Article.published != "", Article.kind == kind.value)
    if lesson:
        query = query.where(Article.lesson_id == lesson)
    if branch is not None:
        query = query.where(Article.published_branch_id == branch)
    for word in typed.split():
        query = query.where(Article.published.contains(_as_json(word), autoescape=True))
    return query.order_by(Article.first_published_at.desc(), Article.id.desc())


def open_article(session: Session, article_id: UUID | None = None, code: str = "") -> tuple[Article, Words]:
    """An article that everybody may read, by id or by the end of its short address.

    Raises:
        NotFound: there is none, or not any more.
    """
    found = Article.code == code if code else Article.id == article_id
    row = session.scalars(select(Article).where(found, Article.published != "")).first()
    if row is None:
        raise NotFound("article_unknown", _("There is no such article, or not any more."))
    return row, read(row)


def read(row: Article) -> Words:
    """What everybody reads of an article."""
    return msgspec.json.decode(row.published, type=Words)


def words_of(row: Article) -> Words:
    """What stands in the row, published or not."""
    return Words(row.title, row.summary, row.text, row.cover, row.cover_says)


def newer(row: Article) -> bool:
    """Whether what stands in the row is other than what everybody reads."""
    return words_of(row) != read(row) or row.branch_id != row.published_branch_id


def shows_picture(session: Session, digest: str) -> bool:
    """Whether an article that everybody reads has this photograph."""
    with_it = select(Article.id).where(Article.published.contains(f'"cover":"{digest}"', autoescape=True))
    return session.scalar(with_it.limit(1)) is not None


def lessons_shown(typed: str = "", subject: str = "") -> Select[Lesson]:
    """The approved lessons of all courses, the newest first; with every word that was typed."""
    query = select(Lesson).join(Course, Course.id == Lesson.course_id).where(Lesson.state == LessonState.APPROVED)
    if subject:
        query = query.where(Course.subject == subject)
    for word in typed.split():
        places = (Lesson.title, Lesson.summary, Course.title, Course.subject)
        query = query.where(or_(*(place.contains(word, autoescape=True) for place in places)))
    return query.order_by(Lesson.created_at.desc(), Lesson.id)


def lesson_shown(session: Session, lesson_id: UUID) -> Lesson:
    """An approved lesson.

    Raises:
        NotFound: there is none.
    """
    row = session.scalars(lessons_shown().where(Lesson.id == lesson_id)).first()
    if row is None:
        raise NotFound("lesson_unknown", _("There is no such lesson, or it is not shown any more."))
    return row


def subjects(session: Session) -> Sequence[str]:
    """What approved lessons are about."""
    query = select(Course.subject).join(
        Lesson, and_(Lesson.course_id == Course.id, Lesson.state == LessonState.APPROVED)
    )
    return session.scalars(query.where(Course.subject != "").distinct().order_by(Course.subject)).all()


def subject_of(row: Article) -> str:
    """As the audit trail names it."""
    return f"article {row.id}"


def _require(words: Words) -> None:
    wrong = rules.faults(words)
    if wrong:
        sentences = {name: _SENTENCES[name, fault] for name, fault in wrong.items()}
        raise Rejected("article_wrong", _("Please look at this again."), sentences)


def _write(row: Article, words: Words) -> None:
    row.title, row.summary, row.text = words.title, words.summary, words.text
    row.cover, row.cover_says = words.cover, words.cover_says


def _lesson(session: Session, typed: str) -> str:
    try:
        found = session.get(Lesson, UUID(typed)) if typed else None
    except ValueError:
        found = None
    return str(found.id) if found is not None else ""


def _branch(session: Session, typed: str, before: UUID | None, who: Person) -> UUID | None:
    """The branch that a form names: one that stands and concerns the person's region, or the one of before."""
    if not typed:
        return None
    near = {str(one.id): one.id for one in branches_within(session, who.region_code)}
    if before is not None:
        near[str(before)] = before
    if typed not in near:
        sentence = _("Choose a branch that stands, of your region or above it.")
        raise Rejected("branch_unknown", sentence, {"branch": sentence})
    return near[typed]


def _as_json(word: str) -> str:
    """A word as it stands inside the published JSON, where quotes and backslashes are written otherwise."""
    return msgspec.json.encode(word).decode()[1:-1]

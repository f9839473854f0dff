"""What somebody finds in the forum: threads, one with its posts, what waits to be looked at, what they were told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from contentserver.forum import authors, rules
from contentserver.forum.authors import Shown, Writer
from contentserver.forum.models import Notification, Post, PostPicture, PostReport, PostWords, Thread
from contentserver.forum.rules import State
from contentserver.forum.service import moderates, near
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import NotFound
from contentserver.kernel.pagination import Page, paginate
from contentserver.kernel.searching import has_words, pieces_of
from contentserver.processes import owner
from contentserver.regions import near_filter, subtree_filter

INDEX: Final = "forum_words_index"
POSTS: Final = 30


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what is empty does not choose."""

    words: str = ""
    course: UUID | None = None
    branch: UUID | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A thread in the list."""

    thread: Thread
    author: Shown
    posts: int
    unseen: bool


def page_of_threads(session: Session, asked: Asked, who: Writer, number: int) -> Page[Line]:
    """Threads near the person's region in which something stands: pinned ones first, then the last written in."""
    query = select(Thread).where(_near(who), _has_shown(who))
    if asked.course is not None:
        query = query.where(Thread.course_id == asked.course)
    if asked.branch is not None:
        query = query.where(Thread.branch_id == asked.branch)
    if asked.words:
        pieces = pieces_of(asked.words)
        found = select(Post.thread_id).join(PostWords, PostWords.post_id == Post.id)
        has: ColumnElement[bool] = has_words(session, pieces, PostWords.words, PostWords.id, INDEX)
        query = query.where(Thread.id.in_(found.where(has)) if pieces else Thread.id.is_(None))
    page = paginate(session, query.order_by(Thread.pinned.desc(), Thread.last_at.desc(), Thread.id.desc()), number)
    known = authors.shown(session, {row.by for row in page.rows})
    return Page([_line(session, row, known[row.by], who) for row in page.rows], page.number, page.total, page.size)


def page_of_posts(session: Session, thread: Thread, number: int) -> Page[Post]:
    """A part of a thread, from its beginning on."""
    query = select(Post).where(Post.thread_id == thread.id).order_by(Post.number)
    return paginate(session, query, number, POSTS)


def waiting(session: Session, who: Person) -> Select[Post]:
    """Posts that somebody should look at, the longest waiting first: those that wait, and those that were reported."""
    reported = exists().where(PostReport.post_id == Post.id, PostReport.settled_at.is_(None))
    query = select(Post).join(Thread, Thread.id == Post.thread_id)
    query = query.where(
        subtree_filter(Thread.region_code, who.region_code),
        Post.by != owner(who),
        Post.state != State.REMOVED,
        or_(Post.state == State.WAITING, reported),
    )
    return query.order_by(Post.at, Post.id)


def count_waiting(session: Session, who: Person) -> int:
    """How many wait for the person; 0 for whoever looks after no board."""
    if not who.may(Right.MODERATE):
        return 0
    return session.scalar(select(func.count()).select_from(waiting(session, who).order_by(None).subquery())) or 0


def told(who: Writer, *, unseen: bool = False) -> Select[Notification]:
    """What they were told of threads that they may read, the newest first."""
    query = (
        select(Notification)
        .join(Post, Post.id == Notification.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Notification.author_id.in_(who.mine), Post.state == State.SHOWN, _near(who))
    )
    if unseen:
        query = query.where(Notification.seen_at.is_(None))
    return query.order_by(Post.at.desc(), Post.id.desc())


def count_unseen(session: Session, who: Writer) -> int:
    """How much of it they have not opened."""
    return session.scalar(select(func.count()).select_from(told(who, unseen=True).order_by(None).subquery())) or 0


def with_posts(session: Session, rows: Sequence[Notification]) -> list[tuple[Notification, Post, Thread]]:
    """Of what somebody was told each with its post and thread."""
    posts = [session.get_one(Post, one.post_id) for one in rows]
    return [(one, post, session.get_one(Thread, post.thread_id)) for one, post in zip(rows, posts, strict=True)]


def thread_asked(session: Session, thread_id: UUID, who: Writer) -> Thread:
    """A thread near the person's region.

    Raises:
        NotFound: there is none, or none of whose posts they may read.
    """
    row = session.get(Thread, thread_id)
    read = (
        row is not None
        and near(who, row.region_code, row.branch_id)
        and (
            who.moderates(row.region_code)
            or session.scalar(select(Thread.id).where(Thread.id == thread_id, _has_shown(who))) is not None
        )
    )
    if row is None or not read:
        raise NotFound("thread_unknown", _("There is no such thread."))
    return row


def post_asked(session: Session, post_id: UUID, who: Writer) -> Post:
    """A post that the person may read.

    Raises:
        NotFound: there is none, or they may not.
    """
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound("post_unknown", _("There is no such post."))
    thread = thread_asked(session, post.thread_id, who)
    own = post.by in who.mine
    if not rules.shown_to(State(post.state), own=own, moderates=moderates(who, thread)) and not moderates(who, thread):
        raise NotFound("post_unknown", _("There is no such post."))
    return post


def pictures_of(session: Session, posts: Sequence[Post]) -> dict[UUID, list[PostPicture]]:
    """The pictures of some posts."""
    found: dict[UUID, list[PostPicture]] = {one.id: [] for one in posts}
    for row in session.scalars(select(PostPicture).where(PostPicture.post_id.in_(found)).order_by(PostPicture.digest)):
        found[row.post_id].append(row)
    return found


def reports_of(session: Session, posts: Sequence[Post]) -> dict[UUID, list[PostReport]]:
    """The open reports of some posts."""
    found: dict[UUID, list[PostReport]] = {one.id: [] for one in posts}
    query = select(PostReport).where(PostReport.post_id.in_(found), PostReport.settled_at.is_(None))
    for row in session.scalars(query.order_by(PostReport.at)):
        found[row.post_id].append(row)
    return found


def page_number_of(post: Post) -> int:
    """On which page of its thread a post stands."""
    return (post.number - 1) // POSTS + 1


def _near(who: Writer) -> ColumnElement[bool]:
    """Threads of their region, above and below it, and of their branches."""
    return or_(near_filter(Thread.region_code, who.region_code), Thread.branch_id.in_(who.branches))


def _has_shown(who: Writer) -> Any:
    mine = Post.by.in_(who.mine)
    return exists().where(Post.thread_id == Thread.id, or_(Post.state == State.SHOWN, mine))


def _line(session: Session, row: Thread, author: Shown, who: Writer) -> Line:
    count = select(func.count()).where(Post.thread_id == row.id, Post.state == State.SHOWN)
    new = select(Notification.post_id).join(Post, Post.id == Notification.post_id)
    new = new.where(Post.thread_id == row.id, Notification.author_id.in_(who.mine), Notification.seen_at.is_(None))
    return Line(
        thread=row,
        author=author,
        posts=session.scalar(count) or 0,
        unseen=session.scalar(new.limit(1)) is not None,
    )

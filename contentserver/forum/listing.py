"""What somebody finds in the forum: threads, one with its posts, what waits to be looked at, what they were told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.forum import rules
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
    author: str
    posts: int
    unseen: bool


def page_of_threads(session: Session, asked: Asked, who: Person, number: int) -> Page[Line]:
    """Threads near the person's region in which something stands: pinned ones first, then the last written in."""
    query = select(Thread).where(near_filter(Thread.region_code, who.region_code), _has_shown(who))
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
    return Page([_line(session, row, who) for row in page.rows], page.number, page.total, page.size)


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


def unseen(session: Session, who: Person, most: int = 20) -> Sequence[tuple[Notification, Post, Thread]]:
    """What they were told and have not opened, the newest first."""
    query = (
        select(Notification, Post, Thread)
        .join(Post, Post.id == Notification.post_id)
        .join(Thread, Thread.id == Post.thread_id)
        .where(Notification.account_id == owner(who), Notification.seen_at.is_(None), Post.state == State.SHOWN)
    )
    return [(one, post, thread) for one, post, thread in session.execute(query.order_by(Post.at.desc()).limit(most))]


def thread_asked(session: Session, thread_id: UUID, who: Person) -> Thread:
    """A thread near the person's region.

    Raises:
        NotFound: there is none, or none of whose posts they may read.
    """
    row = session.get(Thread, thread_id)
    if row is None or not near(who, row.region_code):
        raise NotFound("thread_unknown", _("There is no such thread."))
    return row


def post_asked(session: Session, post_id: UUID, who: Person) -> Post:
    """A post that the person may read.

    Raises:
        NotFound: there is none, or they may not.
    """
    post = session.get(Post, post_id)
    if post is None:
        raise NotFound("post_unknown", _("There is no such post."))
    thread = thread_asked(session, post.thread_id, who)
    own = post.by == owner(who)
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


def _has_shown(who: Person) -> Any:
    mine = Post.by == owner(who)
    return exists().where(Post.thread_id == Thread.id, or_(Post.state == State.SHOWN, mine))


def _line(session: Session, row: Thread, who: Person) -> Line:
    count = select(func.count()).where(Post.thread_id == row.id, Post.state == State.SHOWN)
    new = select(Notification.post_id).join(Post, Post.id == Notification.post_id)
    new = new.where(Post.thread_id == row.id, Notification.account_id == owner(who), Notification.seen_at.is_(None))
    return Line(
        thread=row,
        author=session.get_one(Account, row.by).display_name,
        posts=session.scalar(count) or 0,
        unseen=session.scalar(new.limit(1)) is not None,
    )

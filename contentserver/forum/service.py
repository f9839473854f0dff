"""Talk: begin threads, write, change and take away posts, report them, decide about them; who hears of what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import Course
from contentserver.forum import authors, rules, telling
from contentserver.forum.authors import Writer
from contentserver.forum.models import (
    REASON_CHARS,
    TEXT_CHARS,
    TITLE_CHARS,
    Board,
    Notification,
    Post,
    PostPicture,
    PostReport,
    PostWords,
    Thread,
)
from contentserver.forum.rules import Act, Known, Moderation, State, Verdict
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.searching import words_of
from contentserver.members import Branch
from contentserver.processes import owner
from contentserver.regions import ancestors_and_self, region_asked, region_named
from contentserver.stars import keep_photograph

LATEST: Final = 20
PICTURES: Final = 4
_SENTENCES: Final = {
    Verdict.EMPTY: _("Write something."),
    Verdict.TOO_LONG: _("The text has at most %(count)s characters.", count=TEXT_CHARS),
    Verdict.TOO_FAST: _("You have written much just now. Wait ten minutes, so that others can answer."),
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a new thread is about: a region, and where wanted a course or a branch."""

    region: str
    course: UUID | None = None
    branch: UUID | None = None


def begin(
    session: Session,
    about: Subject,
    title: str,
    text: str,
    pictures: Sequence[bytes],
    folder: Path,
    who: Writer,
    now: datetime,
) -> Post:
    """A new thread with its first post.

    Raises:
        Rejected: title or text is missing or too long, a picture is none, or the person writes too fast.
        Forbidden: the region is neither theirs, nor above it, nor below it; or they may not write for a while.
        NotFound: there is no such course or branch.
    """
    title = " ".join(rules.cleaned(title).split())
    if not 0 < len(title) <= TITLE_CHARS:
        sentence = _("Give it a title of at most %(count)s characters.", count=TITLE_CHARS)
        raise Rejected("thread_wrong", sentence, {"title": sentence})
    require_near(who, about.region)
    region_named(session, about.region)
    _require_subject(session, about, who)
    thread = Thread(
        region_code=about.region,
        course_id=about.course,
        branch_id=about.branch,
        title=title,
        by=who.id,
        at=now,
        last_at=now,
    )
    judged = _judge(session, thread.region_code, text, pictures, who, now, title)
    session.add(thread)
    session.flush()
    return _write(session, thread, judged, pictures, folder, who, now)


def reply(
    session: Session, thread: Thread, text: str, pictures: Sequence[bytes], folder: Path, who: Writer, now: datetime
) -> Post:
    """One more post; the same words again just afterwards are the post that is there.

    Raises:
        Conflict: the thread is closed.
        Rejected, Forbidden: as `begin`.
    """
    session.refresh(thread, with_for_update=True)
    if thread.closed_at is not None and not moderates(who, thread):
        raise Conflict("thread_closed", _("Nobody writes here any more: the thread is closed."))
    try:
        judged = _judge(session, thread.region_code, text, pictures, who, now)
    except _SaidBefore as again:
        if again.post.thread_id == thread.id:
            return again.post
        raise Rejected("said_before", _("You have just written the same elsewhere.")) from None
    return _write(session, thread, judged, pictures, folder, who, now)


def edit(session: Session, post: Post, text: str, who: Writer, now: datetime) -> None:
    """Other words for one's own post, for half an hour.

    Raises:
        Forbidden: it is somebody else's, or too long ago; or they may not write for a while.
        Rejected: nothing is left of it, or it is too long.
    """
    thread = session.get_one(Thread, post.thread_id)
    authors.require_writes(session, who, now)
    _require(Act.EDIT, post, thread, who, now)
    clean = rules.cleaned(text)
    if not clean or len(clean) > TEXT_CHARS:
        verdict = Verdict.EMPTY if not clean else Verdict.TOO_LONG
        raise Rejected(f"post_{verdict}", _SENTENCES[verdict], {"text": _SENTENCES[verdict]})
    before, post.text, post.edited_at = post.text, clean, now
    author = Known(latest=(), first_at=post.at, moderates=moderates(who, thread))
    doubted = rules.verdict(clean, author, board_of(session, thread.region_code), TEXT_CHARS, now) is Verdict.WAIT
    if doubted and post.state == State.SHOWN:
        post.state = State.WAITING.value
    _keep_words(session, post)
    told = {"before": {"text": before}, "after": {"text": clean}}
    _note(session, who, "post.changed", f"post {post.id}", now, **told)


def remove(session: Session, post: Post, why: str, who: Writer, now: datetime) -> None:
    """Take a post away: one's own, or with a reason another's. What answered it stays.

    Raises:
        Forbidden: the person may not.
        Rejected: no reason is given for taking away another's.
    """
    thread = session.get_one(Thread, post.thread_id)
    _require(Act.REMOVE, post, thread, who, now)
    why = why.strip()[:REASON_CHARS]
    if post.by not in who.mine and not why:
        sentence = _("Say why: its author reads this.")
        raise Rejected("reason_missing", sentence, {"why": sentence})
    _decide(session, post, State.REMOVED, why, who, now)
    told = {"before": {"text": post.text}, "after": {"why": why}}
    _note(session, who, "post.removed", f"post {post.id}", now, **told)


def restore(session: Session, post: Post, who: Writer, now: datetime) -> None:
    """Let a post stand that waited or was taken away; its reports are settled.

    Raises:
        Forbidden: the person does not look after the board, or wrote it.
    """
    thread = session.get_one(Thread, post.thread_id)
    _require(Act.DECIDE, post, thread, who, now)
    was_new = post.state == State.WAITING and post.decided_at is None
    _decide(session, post, State.SHOWN, "", who, now)
    if was_new:
        thread.last_at = max(thread.last_at, now)
        telling.tell(session, thread, post)
    _note(session, who, "post.restored", f"post {post.id}", now)


def report(session: Session, post: Post, reason: str, who: Writer, now: datetime) -> None:
    """Say that a post should not stand; twice changes nothing. Enough people, and it waits until somebody has looked.

    Raises:
        Forbidden: it is one's own, or does not stand.
        Rejected: no reason is given.
    """
    thread = session.get_one(Thread, post.thread_id)
    _require(Act.REPORT, post, thread, who, now)
    reason = reason.strip()[:REASON_CHARS]
    if not reason:
        sentence = _("Say what is wrong with it.")
        raise Rejected("reason_missing", sentence, {"reason": sentence})
    if session.get(PostReport, (post.id, who.id)) is not None:
        return
    authors.hold(session, who)
    session.add(PostReport(post_id=post.id, by=who.id, at=now, reason=reason))
    session.flush()
    open_ones = select(func.count()).where(PostReport.post_id == post.id, PostReport.settled_at.is_(None))
    if rules.hides(session.scalar(open_ones) or 0):
        post.state = State.WAITING.value
        _keep_words(session, post)


def settle(
    session: Session,
    thread: Thread,
    who: Writer,
    now: datetime,
    *,
    pinned: bool | None = None,
    closed: bool | None = None,
) -> None:
    """Pin a thread or close it, or undo that.

    Raises:
        Forbidden: the person does not look after the board.
    """
    if not moderates(who, thread):
        raise Forbidden("no_moderator", _("Only whoever looks after this board may do this."))
    if pinned is not None:
        thread.pinned = pinned
    if closed is not None:
        thread.closed_at = now if closed else None
    told = {"pinned": thread.pinned, "closed": thread.closed_at is not None}
    _note(session, who, "thread.settled", f"thread {thread.id}", now, after=told)


def look_after(session: Session, region: str, moderation: Moderation, who: Person, now: datetime) -> None:
    """From now on posts of a region and below it are looked at so, unless something nearer says otherwise."""
    region_asked(session, region, who)
    row = session.get(Board, region)
    before = row.moderation if row else ""
    if row is None:
        row = Board(region_code=region)
        session.add(row)
    row.moderation, row.by, row.at = moderation.value, owner(who), now
    told = {"before": {"moderation": before}, "after": {"moderation": row.moderation}}
    audit(session, who=who, action="board.moderation", subject=f"region {region}", now=now, **told)


def board_of(session: Session, region: str) -> Moderation:
    """How posts of a region are looked at: as the nearest region says, else afterwards."""
    rows = session.scalars(select(Board).where(Board.region_code.in_(ancestors_and_self(region)))).all()
    nearest = max(rows, key=lambda row: len(row.region_code), default=None)
    return Moderation(nearest.moderation) if nearest else Moderation.AFTER


def moderates(who: Writer, thread: Thread) -> bool:
    """Whether somebody looks after the board of a thread."""
    return who.moderates(thread.region_code)


def near(who: Writer, region: str, branch: UUID | None = None) -> bool:
    """Whether somebody takes part in what is said in a region, or in a branch of theirs: theirs, above or below it."""
    return region.startswith(who.region_code) or who.region_code.startswith(region) or branch in who.branches


def require_near(who: Writer, region: str) -> None:
    """Raise Forbidden unless they do."""
    if not region or not near(who, region):
        raise Forbidden("out_of_scope", _("This lies outside your region."))


class _SaidBefore(Exception):
    def __init__(self, post: Post) -> None:
        super().__init__("said before")
        self.post = post


def _require_subject(session: Session, about: Subject, who: Writer) -> None:
    course = session.get(Course, about.course) if about.course else None
    branch = session.get(Branch, about.branch) if about.branch else None
    for key, found in ((about.course, course), (about.branch, branch)):
        if key is not None and (found is None or not near(who, found.region_code)):
            raise NotFound("subject_unknown", _("There is no such course or branch."))
    if about.branch is not None and who.person is None and about.branch not in who.branches:
        raise NotFound("subject_unknown", _("There is no such course or branch."))


def _judge(
    session: Session, region: str, text: str, pictures: Sequence[bytes], who: Writer, now: datetime, title: str = ""
) -> tuple[str, State]:
    authors.require_writes(session, who, now)
    authors.hold(session, who)
    clean = rules.cleaned(text)
    rows = session.scalars(select(Post).where(Post.by.in_(who.mine)).order_by(Post.at.desc()).limit(LATEST)).all()
    first = session.scalar(select(func.min(Post.at)).where(Post.by.in_(who.mine), Post.state == State.SHOWN))
    author = Known(
        latest=[(row.at, row.text) for row in rows],
        first_at=first,
        moderates=who.moderates(region),
    )
    board, shows = board_of(session, region), bool(pictures)
    match rules.verdict(clean, author, board, TEXT_CHARS, now, title=title, pictures=shows):
        case Verdict.SHOW:
            return clean, State.SHOWN
        case Verdict.WAIT:
            return clean, State.WAITING
        case Verdict.AGAIN:
            raise _SaidBefore(rows[0])
        case wrong:
            raise Rejected(f"post_{wrong}", _SENTENCES[wrong], {"text": _SENTENCES[wrong]})


def _write(
    session: Session,
    thread: Thread,
    judged: tuple[str, State],
    pictures: Sequence[bytes],
    folder: Path,
    who: Writer,
    now: datetime,
) -> Post:
    if len(pictures) > PICTURES:
        sentence = _("Choose at most %(number)s photographs at once.", number=PICTURES)
        raise Rejected("pictures_many", sentence, {"pictures": sentence})
    kept = {one.digest: one for one in (keep_photograph(folder, data) for data in pictures)}
    text, state = judged
    last = session.scalar(select(func.max(Post.number)).where(Post.thread_id == thread.id)) or 0
    post = Post(thread_id=thread.id, number=last + 1, by=who.id, at=now, text=text, state=state.value)
    session.add(post)
    session.flush()
    session.add_all(
        PostPicture(post_id=post.id, digest=one.digest, width=one.width, height=one.height) for one in kept.values()
    )
    if state is State.SHOWN:
        thread.last_at = now
        telling.tell(session, thread, post)
    _keep_words(session, post)
    session.flush()
    return post


def _keep_words(session: Session, post: Post) -> None:
    """Only what stands is found."""
    row = session.scalars(select(PostWords).where(PostWords.post_id == post.id)).one_or_none()
    if post.state != State.SHOWN:
        if row is not None:
            session.delete(row)
        return
    title = session.get_one(Thread, post.thread_id).title if post.number == 1 else ""
    words = " ".join(words_of(title, post.text))
    if row is None:
        session.add(PostWords(post_id=post.id, words=words))
    else:
        row.words = words


def _decide(session: Session, post: Post, state: State, why: str, who: Writer, now: datetime) -> None:
    post.state, post.why, post.decided_by, post.decided_at = state.value, why, who.id if who.person else None, now
    session.execute(update(PostReport).where(PostReport.post_id == post.id).values(settled_at=now))
    if state is State.REMOVED:
        session.execute(delete(Notification).where(Notification.post_id == post.id, Notification.seen_at.is_(None)))
    _keep_words(session, post)


def _require(act: Act, post: Post, thread: Thread, who: Writer, now: datetime) -> None:
    allowed = rules.may(
        act,
        own=post.by in who.mine,
        state=State(post.state),
        age=now - post.at,
        moderates=moderates(who, thread),
        closed=thread.closed_at is not None,
    )
    if not allowed:
        raise Forbidden(f"may_not_{act}", _("You may not do this to this post, or not any more."))


def _note(
    session: Session, who: Writer, action: str, subject: str, now: datetime, **told: Mapping[str, object]
) -> None:
    """In the audit trail; a member is named by their id."""
    if who.person is None:
        told["after"] = {**told.get("after", {}), "by": f"member {who.id}"}
    audit(session, who=who.person, action=action, subject=subject, now=now, **told)

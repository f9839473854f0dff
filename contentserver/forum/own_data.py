"""What the forum keeps of a member, to take along with everything else of theirs."""

from collections.abc import Iterator

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.forum.models import Author, Post, PostReport, Thread
from contentserver.kernel.display import moment
from contentserver.members import Member, ids_of
from contentserver.transcripts import OwnTable


def tables_about(session: Session, member: Member) -> Iterator[OwnTable]:
    """What they are called, what they wrote, what they reported."""
    ids = ids_of(session, member.id)
    names = session.scalars(select(Author).where(Author.member_id.in_(ids), Author.name != "")).all()
    yield "forum_name", {"name": _("Name in the forum")}, [[one.name] for one in names]
    wrote = select(Post, Thread.title).join(Thread, Thread.id == Post.thread_id).where(Post.by.in_(ids))
    yield (
        "forum_posts",
        {"at": _("When"), "thread": _("Thread"), "text": _("Text"), "state": _("State"), "why": _("Why")},
        [
            [moment(post.at, seconds=True), title, post.text, post.state, post.why]
            for post, title in session.execute(wrote.order_by(Post.at, Post.id))
        ],
    )
    said = select(PostReport, Post.text).join(Post, Post.id == PostReport.post_id).where(PostReport.by.in_(ids))
    yield (
        "forum_reports",
        {"at": _("When"), "about": _("About which post"), "reason": _("What is wrong with it")},
        [
            [moment(one.at, seconds=True), text, one.reason]
            for one, text in session.execute(said.order_by(PostReport.at, PostReport.post_id))
        ],
    )

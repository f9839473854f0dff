"""Who hears of a post: whoever is named in it, and whoever wrote in its thread."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.forum import authors, rules
from contentserver.forum.authors import Writer
from contentserver.forum.models import Author, Notification, Post, Thread
from contentserver.forum.rules import State


def tell(session: Session, thread: Thread, post: Post) -> None:
    """Accounts are named by their user name, everybody who wrote in the thread by the name that is shown there."""
    wrote = set(
        session.scalars(select(Post.by).where(Post.thread_id == thread.id, Post.state == State.SHOWN).distinct())
    )
    names = defaultdict[str, list[str]](list)
    for author, shown in authors.shown(session, wrote).items():
        names[shown.name].append(str(author))
    usernames = [] if _of_member(session, post.by) else rules.named(post.text)
    people = (
        session.scalars(select(Account).where(Account.username.in_(usernames), Account.active)) if usernames else ()
    )
    may_read = [one.id for one in people if _near(one, thread.region_code)]
    authors.note(session, may_read, members=False)
    named = [str(one) for one in may_read] + rules.called(post.text, names)
    for key, kind in rules.told([str(one) for one in wrote], named, str(post.by)).items():
        session.add(Notification(post_id=post.id, author_id=UUID(key), kind=kind))


def see(session: Session, thread: Thread, who: Writer, now: datetime) -> None:
    """Whoever opens a thread has seen what they were told of it."""
    posts = select(Post.id).where(Post.thread_id == thread.id)
    session.execute(
        update(Notification)
        .where(Notification.author_id.in_(who.mine), Notification.seen_at.is_(None), Notification.post_id.in_(posts))
        .values(seen_at=now)
    )


def _of_member(session: Session, author: UUID) -> bool:
    return session.get_one(Author, author).member_id is not None


def _near(account: Account, region: str) -> bool:
    return region.startswith(account.region_code) or account.region_code.startswith(region)

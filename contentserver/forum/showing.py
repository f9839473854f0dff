"""What pages of the forum have in common, whether an account reads them or a seated member."""

from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.courses import Course
from contentserver.forum import authors, listing, rules, service
from contentserver.forum.authors import BLOCK_DAYS, Writer
from contentserver.forum.listing import Asked
from contentserver.forum.models import TEXT_CHARS, TITLE_CHARS, Post, PostPicture, Thread
from contentserver.forum.rules import Act, State
from contentserver.kernel import http
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.kernel.pagination import paginate
from contentserver.members import Branch
from contentserver.regions import near_filter, path_of
from contentserver.stars import photograph_file, photograph_folder

PICTURE_BYTES = 12_000_001
WORDS_CHARS = 60
CHOICES, NEWEST = 500, 5


def asked() -> Asked:
    """What the address asks for."""
    return Asked(request.args.get("q", "").strip()[:WORDS_CHARS], key("course"), key("branch"))


def threads(who: Writer) -> dict[str, Any]:
    """A page of threads."""
    session, wanted = http.db_session(), asked()
    page = listing.page_of_threads(session, wanted, who, request.args.get("page", 1, int))
    newest = session.scalars(listing.told(who, unseen=True).limit(NEWEST)).all()
    return {
        "page": page,
        "asked": wanted,
        "unseen": listing.count_unseen(session, who),
        "rows": listing.with_posts(session, newest),
        "number_of": listing.page_number_of,
        "courses": courses(who),
        "places": {line.thread.id: path_of(session, line.thread.region_code)[-1].name for line in page.rows},
    }


def thread(row: Thread, who: Writer, error: Refusal | None = None, at: str = "") -> dict[str, Any]:
    """A part of a thread; `at` says which of its forms was refused."""
    session, now = http.db_session(), http.now()
    page = listing.page_of_posts(session, row, request.args.get("page", 1, int))
    moderates = service.moderates(who, row)

    def may(act: str, post: Post) -> bool:
        own, closed = post.by in who.mine, row.closed_at is not None
        return rules.may(
            Act(act), own=own, state=State(post.state), age=now - post.at, moderates=moderates, closed=closed
        )

    return {
        "thread": row,
        "page": page,
        "path": path_of(session, row.region_code),
        "course": session.get(Course, row.course_id) if row.course_id else None,
        "branch": session.get(Branch, row.branch_id) if row.branch_id else None,
        "names": authors.shown(session, {one.by for one in page.rows}),
        "pictures": listing.pictures_of(session, page.rows),
        "reports": listing.reports_of(session, page.rows) if moderates else {},
        "shown": lambda post: rules.shown_to(State(post.state), own=post.by in who.mine, moderates=moderates),
        "may": may,
        "mine": who.mine,
        "reaches": who.reaches,
        "moderates": moderates,
        "blocked": authors.blocked(session, who, now),
        "block_days": BLOCK_DAYS,
        "now": now,
        "error": error,
        "wrong": wrong(error),
        "at": at,
        "typed": request.form,
        "limits": limits(),
    }


def told(who: Writer) -> dict[str, Any]:
    """What somebody was told."""
    session = http.db_session()
    page = paginate(session, listing.told(who), request.args.get("page", 1, int))
    return {"page": page, "rows": listing.with_posts(session, page.rows), "number_of": listing.page_number_of}


def picture(post_id: UUID, digest: str) -> ResponseReturnValue:
    """A picture of a post; `small` for lists.

    Raises:
        NotFound: the post has no such one.
    """
    known = http.db_session().get(PostPicture, (post_id, digest))
    file = photograph_file(folder(), digest, small="small" in request.args) if known else None
    if file is None or not file.exists():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    return send_file(file, mimetype="image/jpeg", max_age=86_400)


def wrong(error: Refusal | None) -> dict[str, Any]:
    """What stands beside the fields of a form that was refused."""
    return {} if error is None else dict(error.fields) or {"": error.sentence}


def limits() -> dict[str, int]:
    """How much a form takes."""
    return {"title": TITLE_CHARS, "text": TEXT_CHARS, "pictures": service.PICTURES}


def courses(who: Writer) -> list[Course]:
    """Courses to which a thread may belong."""
    near = near_filter(Course.region_code, who.region_code)
    return list(http.db_session().scalars(select(Course).where(near).order_by(Course.title).limit(CHOICES)))


def sent_pictures() -> list[bytes]:
    """The pictures of a form."""
    return [file.read(PICTURE_BYTES) for file in request.files.getlist("pictures") if file.filename]


def folder() -> Path:
    """Where pictures lie on this server."""
    return photograph_folder(current_app.extensions["services"].settings.data_dir)


def key(name: str) -> UUID | None:
    """An id of the address or the form; None for what is none."""
    try:
        return UUID(request.values.get(name, ""))
    except ValueError:
        return None

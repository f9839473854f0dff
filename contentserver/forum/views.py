"""Pages of the forum: threads, one thread, a new one, what waits to be looked at."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.accounts import Account
from contentserver.courses import Course
from contentserver.forum import listing, rules, service
from contentserver.forum.listing import Asked
from contentserver.forum.models import TEXT_CHARS, TITLE_CHARS, Post, PostPicture, Thread
from contentserver.forum.rules import Act, Moderation, State
from contentserver.forum.service import Subject
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.kernel.pagination import paginate
from contentserver.members import Branch
from contentserver.processes import owner
from contentserver.regions import near_filter, path_of, regions_in
from contentserver.stars import photograph_file, photograph_folder

blueprint = Blueprint("forum", __name__, url_prefix="/forum", template_folder="templates")
scoping.decided(blueprint, "thread_id", by=listing.thread_asked)
scoping.decided(blueprint, "post_id", by=listing.post_asked)
scoping.free(blueprint, "digest", because="looked for among the pictures of the post")
PICTURE_BYTES = 12_000_001
WORDS_CHARS = 60
LIMIT = "60 per minute"
CHOICES = 500


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    asked = Asked(request.args.get("q", "").strip()[:WORDS_CHARS], _key("course"), _key("branch"))
    page = listing.page_of_threads(session, asked, who, request.args.get("page", 1, int))
    return render_template(
        "forum/index.html",
        page=page,
        asked=asked,
        told=listing.unseen(session, who),
        waiting=listing.count_waiting(session, who),
        courses=_courses(),
        branches=_branches(),
        places={line.thread.id: path_of(session, line.thread.region_code)[-1].name for line in page.rows},
        number_of=listing.page_number_of,
    )


@blueprint.get("/new")
@auth.require()
def new() -> ResponseReturnValue:
    return _form_page()


@blueprint.post("/new")
@auth.require()
@http.limiter.limit(LIMIT)
def begin() -> ResponseReturnValue:
    """A new thread."""
    session, form = http.db_session(), request.form
    about = Subject(form.get("region", ""), _key("course"), _key("branch"))
    try:
        post = service.begin(
            session,
            about,
            form.get("title", ""),
            form.get("text", ""),
            _pictures(),
            folder(),
            auth.person(),
            http.now(),
        )
    except Refusal as error:
        session.rollback()
        return _form_page(error), http.status_of(error)
    return _gone_to(post)


@blueprint.get("/<uuid:thread_id>")
@auth.require()
def show(thread_id: UUID) -> ResponseReturnValue:
    """A thread; opening it, one has seen what one was told of it."""
    session, who = http.db_session(), auth.person()
    thread = listing.thread_asked(session, thread_id, who)
    service.see(session, thread, who, http.now())
    return page_of(thread)


@blueprint.post("/<uuid:thread_id>/posts")
@auth.require()
@http.limiter.limit(LIMIT)
def reply(thread_id: UUID) -> ResponseReturnValue:
    """One more post."""
    session, who = http.db_session(), auth.person()
    thread = listing.thread_asked(session, thread_id, who)
    try:
        post = service.reply(session, thread, request.form.get("text", ""), _pictures(), folder(), who, http.now())
    except Refusal as error:
        session.rollback()
        return page_of(listing.thread_asked(session, thread_id, who), error, "reply"), http.status_of(error)
    return _gone_to(post)


@blueprint.post("/<uuid:thread_id>/settle")
@auth.require(Right.MODERATE)
def settle(thread_id: UUID) -> ResponseReturnValue:
    """Pin it, close it, or undo that."""
    session, who, does = http.db_session(), auth.person(), request.form.get("do", "")
    thread = listing.thread_asked(session, thread_id, who)
    pinned = {"pin": True, "unpin": False}.get(does)
    closed = {"close": True, "open": False}.get(does)
    service.settle(session, thread, who, http.now(), pinned=pinned, closed=closed)
    return redirect(url_for("forum.show", thread_id=thread_id))


@blueprint.get("/posts/<uuid:post_id>/pictures/<digest>")
@auth.require()
def picture(post_id: UUID, digest: str) -> ResponseReturnValue:
    """A picture of a post that one may read; `small` for lists."""
    known = http.db_session().get(PostPicture, (post_id, digest))
    file = photograph_file(folder(), digest, small="small" in request.args) if known else None
    if file is None or not file.exists():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    return send_file(file, mimetype="image/jpeg", max_age=86_400)


@blueprint.post("/posts/<uuid:post_id>/edit")
@auth.require()
def edit(post_id: UUID) -> ResponseReturnValue:
    """Other words for one's own."""
    return _done(post_id, lambda post: service.edit(http.db_session(), post, request.form.get("text", ""), *_now()))


@blueprint.post("/posts/<uuid:post_id>/remove")
@auth.require()
def remove(post_id: UUID) -> ResponseReturnValue:
    """Take it away."""
    return _done(post_id, lambda post: service.remove(http.db_session(), post, request.form.get("why", ""), *_now()))


@blueprint.post("/posts/<uuid:post_id>/restore")
@auth.require(Right.MODERATE)
def restore(post_id: UUID) -> ResponseReturnValue:
    """Let it stand."""
    return _done(post_id, lambda post: service.restore(http.db_session(), post, *_now()))


@blueprint.post("/posts/<uuid:post_id>/report")
@auth.require()
@http.limiter.limit(LIMIT)
def report(post_id: UUID) -> ResponseReturnValue:
    """Say that it should not stand."""

    def act(post: Post) -> None:
        service.report(http.db_session(), post, request.form.get("reason", ""), *_now())
        flash(_("Thank you. Somebody looks at it."))

    return _done(post_id, act)


@blueprint.get("/waiting")
@auth.require(Right.MODERATE)
def waiting() -> ResponseReturnValue:
    """What somebody should look at."""
    session, who = http.db_session(), auth.person()
    page = paginate(session, listing.waiting(session, who), request.args.get("page", 1, int), listing.POSTS)
    return render_template(
        "forum/waiting.html",
        page=page,
        threads={row.id: session.get_one(Thread, row.thread_id) for row in page.rows},
        names={row.by: session.get_one(Account, row.by).display_name for row in page.rows},
        reports=listing.reports_of(session, page.rows),
        pictures=listing.pictures_of(session, page.rows),
        State=State,
        moderation=service.board_of(session, who.region_code) if who.region_code else None,
        Moderation=Moderation,
        region=path_of(session, who.region_code)[-1].name if who.region_code else "",
    )


@blueprint.post("/moderation")
@auth.require(Right.MODERATE)
def moderation() -> ResponseReturnValue:
    """Whether somebody looks before others read, or after."""
    who, chosen = auth.person(), request.form.get("moderation", "")
    if chosen in {*Moderation}:
        service.look_after(http.db_session(), who.region_code, Moderation(chosen), who, http.now())
        flash(_("From now on posts are looked at like this."))
    return redirect(url_for("forum.waiting"))


def page_of(thread: Thread, error: Refusal | None = None, at: str = "") -> str:
    """A thread's page; `at` says which of its forms was refused."""
    session, who, now = http.db_session(), auth.person(), http.now()
    page = listing.page_of_posts(session, thread, request.args.get("page", 1, int))
    moderates = service.moderates(who, thread)

    def may(act: str, post: Post) -> bool:
        own = post.by == owner(who)
        closed = thread.closed_at is not None
        return rules.may(
            Act(act), own=own, state=State(post.state), age=now - post.at, moderates=moderates, closed=closed
        )

    return render_template(
        "forum/thread.html",
        thread=thread,
        page=page,
        path=path_of(session, thread.region_code),
        course=session.get(Course, thread.course_id) if thread.course_id else None,
        branch=session.get(Branch, thread.branch_id) if thread.branch_id else None,
        names={row.by: session.get_one(Account, row.by).display_name for row in page.rows},
        pictures=listing.pictures_of(session, page.rows),
        reports=listing.reports_of(session, page.rows) if moderates else {},
        shown=lambda post: rules.shown_to(State(post.state), own=post.by == owner(who), moderates=moderates),
        may=may,
        me=owner(who),
        moderates=moderates,
        State=State,
        error=error,
        wrong={} if error is None else error.fields or {"": error.sentence},
        at=at,
        typed=request.form,
        limits={"text": TEXT_CHARS, "pictures": service.PICTURES},
    )


def folder() -> Path:
    """Where pictures lie on this server."""
    return photograph_folder(current_app.extensions["services"].settings.data_dir)


def _form_page(error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    above = list(path_of(session, who.region_code))[:-1] if who.region_code else []
    return render_template(
        "forum/new.html",
        regions=[*above, *regions_in(session, who.region_code)],
        mine=request.form.get("region", who.region_code),
        courses=_courses(),
        branches=_branches(),
        wrong={} if error is None else error.fields or {"": error.sentence},
        typed=request.form or request.args,
        limits={"title": TITLE_CHARS, "text": TEXT_CHARS, "pictures": service.PICTURES},
    )


def _done(post_id: UUID, act: Callable[[Post], None]) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    post = listing.post_asked(session, post_id, who)
    try:
        act(post)
    except Refusal as error:
        session.rollback()
        thread = listing.thread_asked(session, listing.post_asked(session, post_id, who).thread_id, who)
        return page_of(thread, error, str(post_id)), http.status_of(error)
    if request.form.get("back") == "waiting":
        return redirect(url_for("forum.waiting"))
    return _gone_to(post)


def _gone_to(post: Post) -> ResponseReturnValue:
    page = listing.page_number_of(post)
    anchor = f"post-{post.number}"
    return redirect(url_for("forum.show", thread_id=post.thread_id, page=page if page > 1 else None, _anchor=anchor))


def _pictures() -> list[bytes]:
    return [file.read(PICTURE_BYTES) for file in request.files.getlist("pictures") if file.filename]


def _courses() -> list[Course]:
    near = near_filter(Course.region_code, auth.person().region_code)
    return list(http.db_session().scalars(select(Course).where(near).order_by(Course.title).limit(CHOICES)))


def _branches() -> list[Branch]:
    near = near_filter(Branch.region_code, auth.person().region_code)
    standing = select(Branch).where(Branch.dissolved_on.is_(None), near)
    return list(http.db_session().scalars(standing.order_by(Branch.name).limit(CHOICES)))


def _key(name: str) -> UUID | None:
    try:
        return UUID(request.values.get(name, ""))
    except ValueError:
        return None


def _now() -> tuple[Person, datetime]:
    return auth.person(), http.now()

"""Pages of the forum for accounts: threads, one thread, a new one, what one was told, what waits to be looked at."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.forum import authors, listing, service, showing, telling
from contentserver.forum.authors import BLOCK_DAYS, Writer
from contentserver.forum.models import Post, Thread
from contentserver.forum.rules import Moderation, State
from contentserver.forum.service import Subject
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Refusal
from contentserver.kernel.pagination import paginate
from contentserver.members import Branch
from contentserver.regions import near_filter, path_of, regions_in

blueprint = Blueprint("forum", __name__, url_prefix="/forum", template_folder="templates")
LIMIT = "60 per minute"


def _thread_known(session: Session, thread_id: UUID, who: Person) -> Thread:
    return listing.thread_asked(session, thread_id, authors.account(who))


def _post_known(session: Session, post_id: UUID, who: Person) -> Post:
    return listing.post_asked(session, post_id, authors.account(who))


scoping.decided(blueprint, "thread_id", by=_thread_known)
scoping.decided(blueprint, "post_id", by=_post_known)
scoping.lies(blueprint, "author_id", where=authors.where_author)
scoping.free(blueprint, "digest", because="looked for among the pictures of the post")


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    waits = listing.count_waiting(session, who)
    return render_template("forum/index.html", **showing.threads(_me()), waiting=waits, branches=_branches())


@blueprint.get("/told")
@auth.require()
def told() -> ResponseReturnValue:
    """What one was told."""
    return render_template("forum/told.html", **showing.told(_me()))


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
    about = Subject(form.get("region", ""), showing.key("course"), showing.key("branch"))
    words, pictures = (form.get("title", ""), form.get("text", "")), showing.sent_pictures()
    try:
        post = service.begin(session, about, *words, pictures, showing.folder(), *_now())
    except Refusal as error:
        session.rollback()
        return _form_page(error), http.status_of(error)
    return _gone_to(post)


@blueprint.get("/<uuid:thread_id>")
@auth.require()
def show(thread_id: UUID) -> ResponseReturnValue:
    """A thread; opening it, one has seen what one was told of it."""
    session, who = http.db_session(), _me()
    thread = listing.thread_asked(session, thread_id, who)
    telling.see(session, thread, who, http.now())
    return _page_of(thread)


@blueprint.post("/<uuid:thread_id>/posts")
@auth.require()
@http.limiter.limit(LIMIT)
def reply(thread_id: UUID) -> ResponseReturnValue:
    """One more post."""
    session, pictures = http.db_session(), showing.sent_pictures()
    thread = listing.thread_asked(session, thread_id, _me())
    try:
        post = service.reply(session, thread, request.form.get("text", ""), pictures, showing.folder(), *_now())
    except Refusal as error:
        session.rollback()
        return _page_of(listing.thread_asked(session, thread_id, _me()), error, "reply"), http.status_of(error)
    return _gone_to(post)


@blueprint.post("/<uuid:thread_id>/settle")
@auth.require(Right.MODERATE)
def settle(thread_id: UUID) -> ResponseReturnValue:
    """Pin it, close it, or undo that."""
    session, does = http.db_session(), request.form.get("do", "")
    thread = listing.thread_asked(session, thread_id, _me())
    pinned = {"pin": True, "unpin": False}.get(does)
    closed = {"close": True, "open": False}.get(does)
    service.settle(session, thread, *_now(), pinned=pinned, closed=closed)
    return redirect(url_for("forum.show", thread_id=thread_id))


@blueprint.get("/posts/<uuid:post_id>/pictures/<digest>")
@auth.require()
def picture(post_id: UUID, digest: str) -> ResponseReturnValue:
    """A picture of a post that one may read."""
    return showing.picture(post_id, digest)


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
    return _waiting_page()


@blueprint.post("/authors/<uuid:author_id>/block")
@auth.require(Right.MODERATE)
def block(author_id: UUID) -> ResponseReturnValue:
    """A member writes nothing for some days, or may write again."""
    session, days = http.db_session(), request.form.get("days", -1, int)
    try:
        authors.block(session, author_id, days, request.form.get("block_why", ""), auth.person(), http.now())
    except Refusal as error:
        session.rollback()
        return _waiting_page(error, author_id), http.status_of(error)
    flash(_("They write nothing until then, and read why.") if days else _("They may write again."))
    return redirect(url_for("forum.waiting"))


@blueprint.post("/moderation")
@auth.require(Right.MODERATE)
def moderation() -> ResponseReturnValue:
    """Whether somebody looks before others read, or after."""
    who, chosen = auth.person(), request.form.get("moderation", "")
    if chosen in {*Moderation}:
        service.look_after(http.db_session(), who.region_code, Moderation(chosen), who, http.now())
        flash(_("From now on posts are looked at like this."))
    return redirect(url_for("forum.waiting"))


def _waiting_page(error: Refusal | None = None, asked: UUID | None = None) -> str:
    """What waits, and who may not write; `asked` is the author about whom a form was refused."""
    session, who = http.db_session(), auth.person()
    page = paginate(session, listing.waiting(session, who), request.args.get("page", 1, int), listing.POSTS)
    return render_template(
        "forum/waiting.html",
        page=page,
        threads={row.id: session.get_one(Thread, row.thread_id) for row in page.rows},
        names=authors.shown(session, {row.by for row in page.rows}),
        reports=listing.reports_of(session, page.rows),
        pictures=listing.pictures_of(session, page.rows),
        State=State,
        moderation=service.board_of(session, who.region_code) if who.region_code else None,
        Moderation=Moderation,
        region=path_of(session, who.region_code)[-1].name if who.region_code else "",
        blocked=authors.blocked_within(session, who, http.now()),
        reaches=who.reaches,
        block_days=BLOCK_DAYS,
        wrong=showing.wrong(error),
        asked=asked,
        asked_name=authors.shown(session, [asked])[asked] if asked else None,
        typed=request.form,
    )


def _page_of(thread: Thread, error: Refusal | None = None, at: str = "") -> str:
    return render_template("forum/thread.html", **showing.thread(thread, _me(), error, at))


def _form_page(error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    above = list(path_of(session, who.region_code))[:-1] if who.region_code else []
    return render_template(
        "forum/new.html",
        regions=[*above, *regions_in(session, who.region_code)],
        region=request.form.get("region", who.region_code),
        courses=showing.courses(_me()),
        branches=_branches(),
        wrong=showing.wrong(error),
        typed=request.form or request.args,
        limits=showing.limits(),
    )


def _done(post_id: UUID, act: Callable[[Post], None]) -> ResponseReturnValue:
    session, who = http.db_session(), _me()
    post = listing.post_asked(session, post_id, who)
    try:
        act(post)
    except Refusal as error:
        session.rollback()
        post = listing.post_asked(session, post_id, who)
        return _page_of(session.get_one(Thread, post.thread_id), error, str(post_id)), http.status_of(error)
    if request.form.get("back") == "waiting":
        return redirect(url_for("forum.waiting"))
    return _gone_to(post)


def _gone_to(post: Post) -> ResponseReturnValue:
    page = listing.page_number_of(post)
    anchor = f"post-{post.number}"
    return redirect(url_for("forum.show", thread_id=post.thread_id, page=page if page > 1 else None, _anchor=anchor))


def _branches() -> list[Branch]:
    near = near_filter(Branch.region_code, auth.person().region_code)
    standing = select(Branch).where(Branch.dissolved_on.is_(None), near)
    return list(http.db_session().scalars(standing.order_by(Branch.name).limit(showing.CHOICES)))


def _me() -> Writer:
    return authors.account(auth.person())


def _now() -> tuple[Writer, datetime]:
    return _me(), http.now()

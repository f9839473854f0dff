"""Pages of the forum for whoever sits in the browser (`members.seated`): of their village, above it, and their branch.

They have no navigation of the county. Whoever is not seated learns how to be, and nothing else.
"""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.forum import authors, listing, service, showing, telling
from contentserver.forum.authors import Writer
from contentserver.forum.models import NAME_CHARS, Author, Post, Thread
from contentserver.forum.service import Subject
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Refusal, Unauthenticated
from contentserver.members import Branch, Member, seated
from contentserver.regions import path_of
from contentserver.school import answer_errors, whence

blueprint = Blueprint("school_forum", __name__, url_prefix="/school/forum", template_folder="templates")
scoping.free(
    blueprint,
    "thread_id",
    "post_id",
    because="asked of the region and the branch of whoever sits in the browser; anything else is not found",
)
scoping.free(blueprint, "digest", because="looked for among the pictures of the post")
PAGES, WRITING = "1200 per minute", "20 per minute"
"""A village often goes out by one address; what is written is counted for each seat."""
SMALLEST = 6
"""Digits of a county's code: members write for theirs and what lies below it."""


class _NobodySits(Unauthenticated):
    def __init__(self) -> None:
        super().__init__("not_seated", _("Nobody sits at this device any more. Open your own record again."))


@blueprint.get("")
@http.limiter.limit(PAGES)
def index() -> ResponseReturnValue:
    """Threads, the last written in first."""
    member, who = _sitting()
    branch = http.db_session().get(Branch, member.branch_id) if member.branch_id else None
    return render_template("forum/own_index.html", **showing.threads(who), branch=branch, me=_name(member))


@blueprint.get("/told")
@http.limiter.limit(PAGES)
def told() -> ResponseReturnValue:
    """What they were told."""
    _member, who = _sitting()
    return render_template("forum/own_told.html", **showing.told(who))


@blueprint.get("/name")
@http.limiter.limit(PAGES)
def name() -> ResponseReturnValue:
    """What others call them."""
    return _name_page()


@blueprint.post("/name")
@http.limiter.limit(PAGES)
@http.limiter.limit(WRITING, key_func=whence)
def choose_name() -> ResponseReturnValue:
    """Choose it, once."""
    session = http.db_session()
    member, who = _sitting()
    try:
        authors.choose_name(session, who, request.form.get("name", ""), member, http.now())
    except Refusal as error:
        session.rollback()
        return _name_page(error), http.status_of(error)
    flash(_("From now on others read this name."))
    return redirect(url_for("school_forum.index"), 303)


@blueprint.get("/new")
@http.limiter.limit(PAGES)
def new() -> ResponseReturnValue:
    return _form_page()


@blueprint.post("/new")
@http.limiter.limit(PAGES)
@http.limiter.limit(WRITING, key_func=whence)
def begin() -> ResponseReturnValue:
    """A new thread."""
    session, form = http.db_session(), request.form
    member, who = _sitting()
    branch = member.branch_id if "branch" in form else None
    about = Subject(form.get("region", ""), showing.key("course"), branch)
    words, pictures = (form.get("title", ""), form.get("text", "")), showing.sent_pictures()
    try:
        post = service.begin(session, about, *words, pictures, showing.folder(), who, http.now())
    except Refusal as error:
        session.rollback()
        return _form_page(error), http.status_of(error)
    return _gone_to(post)


@blueprint.get("/<uuid:thread_id>")
@http.limiter.limit(PAGES)
def show(thread_id: UUID) -> ResponseReturnValue:
    """A thread; opening it, they have seen what they were told of it."""
    session = http.db_session()
    _member, who = _sitting()
    thread = listing.thread_asked(session, thread_id, who)
    telling.see(session, thread, who, http.now())
    return _page_of(thread, who)


@blueprint.post("/<uuid:thread_id>/posts")
@http.limiter.limit(PAGES)
@http.limiter.limit(WRITING, key_func=whence)
def reply(thread_id: UUID) -> ResponseReturnValue:
    """One more post."""
    session, pictures = http.db_session(), showing.sent_pictures()
    _member, who = _sitting()
    thread, text = listing.thread_asked(session, thread_id, who), request.form.get("text", "")
    try:
        post = service.reply(session, thread, text, pictures, showing.folder(), who, http.now())
    except Refusal as error:
        session.rollback()
        return _page_of(listing.thread_asked(session, thread_id, who), who, error, "reply"), http.status_of(error)
    return _gone_to(post)


@blueprint.get("/posts/<uuid:post_id>/pictures/<digest>")
@http.limiter.limit(PAGES)
def picture(post_id: UUID, digest: str) -> ResponseReturnValue:
    """A picture of a post that they may read."""
    _member, who = _sitting()
    listing.post_asked(http.db_session(), post_id, who)
    return showing.picture(post_id, digest)


@blueprint.post("/posts/<uuid:post_id>/edit")
@http.limiter.limit(WRITING, key_func=whence)
def edit(post_id: UUID) -> ResponseReturnValue:
    """Other words for their own."""
    text = request.form.get("text", "")
    return _done(post_id, lambda post, who: service.edit(http.db_session(), post, text, who, http.now()))


@blueprint.post("/posts/<uuid:post_id>/remove")
@http.limiter.limit(WRITING, key_func=whence)
def remove(post_id: UUID) -> ResponseReturnValue:
    """Take their own away."""
    return _done(post_id, lambda post, who: service.remove(http.db_session(), post, "", who, http.now()))


@blueprint.post("/posts/<uuid:post_id>/report")
@http.limiter.limit(WRITING, key_func=whence)
def report(post_id: UUID) -> ResponseReturnValue:
    """Say that it should not stand."""

    def act(post: Post, who: Writer) -> None:
        service.report(http.db_session(), post, request.form.get("reason", ""), who, http.now())
        flash(_("Thank you. Somebody looks at it."))

    return _done(post_id, act)


@blueprint.errorhandler(_NobodySits)
def _how_to_sit(error: _NobodySits) -> ResponseReturnValue:
    if http.wants_json():
        return {"code": error.code, "title": str(error.sentence)}, 401
    return render_template("school/door.html"), 401


answer_errors(blueprint, "forum/own_unknown.html")


def _sitting() -> tuple[Member, Writer]:
    session = http.db_session()
    member = seated(session)
    if member is None:
        raise _NobodySits
    return member, authors.member(session, member)


def _name(member: Member) -> str:
    return authors.name_of(http.db_session().get(Author, member.id), member)


def _page_of(thread: Thread, who: Writer, error: Refusal | None = None, at: str = "") -> str:
    return render_template("forum/own_thread.html", **showing.thread(thread, who, error, at))


def _name_page(error: Refusal | None = None) -> str:
    session = http.db_session()
    member, _who = _sitting()
    row = session.get(Author, member.id)
    return render_template(
        "forum/own_name.html",
        chosen=row.name if row is not None else "",
        me=_name(member),
        most=NAME_CHARS,
        wrong=showing.wrong(error),
        typed=request.form,
    )


def _form_page(error: Refusal | None = None) -> str:
    session = http.db_session()
    member, who = _sitting()
    near = [one for one in path_of(session, who.region_code) if len(one.code) >= SMALLEST]
    return render_template(
        "forum/own_new.html",
        regions=near[::-1],
        region=request.form.get("region", who.region_code),
        courses=showing.courses(who),
        branch=session.get(Branch, member.branch_id) if member.branch_id else None,
        blocked=authors.blocked(session, who, http.now()),
        me=_name(member),
        wrong=showing.wrong(error),
        typed=request.form or request.args,
        limits=showing.limits(),
    )


def _done(post_id: UUID, act: Callable[[Post, Writer], None]) -> ResponseReturnValue:
    session = http.db_session()
    _member, who = _sitting()
    post = listing.post_asked(session, post_id, who)
    try:
        act(post, who)
    except Refusal as error:
        session.rollback()
        post = listing.post_asked(session, post_id, who)
        return _page_of(session.get_one(Thread, post.thread_id), who, error, str(post_id)), http.status_of(error)
    return _gone_to(post)


def _gone_to(post: Post) -> ResponseReturnValue:
    page, anchor = listing.page_number_of(post), f"post-{post.number}"
    part = page if page > 1 else None
    return redirect(url_for("school_forum.show", thread_id=post.thread_id, page=part, _anchor=anchor), 303)

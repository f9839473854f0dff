"""Pages on which articles are written: the list, one as it will be read, its form."""

from pathlib import Path
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.accounts import Account
from contentserver.courses import Course, Lesson, LessonState
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.members import Branch, branches_within
from contentserver.portal import rules, service, words
from contentserver.portal.models import SUMMARY_CHARS, TEXT_CHARS, TITLE_CHARS, Article
from contentserver.portal.publishing import ArticleKind
from contentserver.portal.rules import Kind, State, Words
from contentserver.portal.service import Belongs, ChangedMeanwhile
from contentserver.processes import under_way
from contentserver.regions import near_filter, path_of, region_names, regions_in
from contentserver.stars import keep_photograph, photograph_file, photograph_folder

blueprint = Blueprint("articles", __name__, url_prefix="/articles", template_folder="templates")
scoping.lies(blueprint, "article_id", where=service.where_article)
PHOTO_BYTES = 12_000_001
WORDS_CHARS = 40
OFFERED = 200


@blueprint.get("")
@auth.require(Right.EDIT_SITE)
def index() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    state, asked = request.args.get("state", ""), request.args.get("q", "").strip()[:WORDS_CHARS]
    state = state if state in {*State} else ""
    page = service.page_of_articles(session, who.region_code, state, asked, request.args.get("page", 1, int))
    return render_template(
        "portal/index.html",
        page=page,
        names={row.made_by: session.get_one(Account, row.made_by).display_name for row in page.rows},
        regions=region_names(session, (row.region_code for row in page.rows)),
        state=state,
        asked=asked,
        words=words,
        State=State,
    )


@blueprint.get("/new")
@auth.require(Right.EDIT_SITE)
def new() -> ResponseReturnValue:
    return _form_page(None)


@blueprint.post("/new")
@auth.require(Right.EDIT_SITE)
def write() -> ResponseReturnValue:
    """A new one."""
    session, given = http.db_session(), request.form.get("kind", "")
    kind = Kind(given) if given in {*Kind} else Kind.NEWS
    try:
        region = request.form.get("region", "")
        row = service.draft(session, kind, region, _typed(""), _belongs(), auth.person(), http.now())
    except Refusal as error:
        session.rollback()
        return _form_page(None, error), http.status_of(error)
    return redirect(url_for("articles.show", article_id=row.id))


@blueprint.get("/<uuid:article_id>")
@auth.require(Right.EDIT_SITE)
def show(article_id: UUID) -> ResponseReturnValue:
    """As it will be read."""
    return _page(service.article_with(http.db_session(), article_id))


@blueprint.get("/<uuid:article_id>/edit")
@auth.require(Right.EDIT_SITE)
def edit(article_id: UUID) -> ResponseReturnValue:
    return _form_page(service.article_with(http.db_session(), article_id))


@blueprint.post("/<uuid:article_id>/edit")
@auth.require(Right.EDIT_SITE)
def save(article_id: UUID) -> ResponseReturnValue:
    """Other words."""
    session = http.db_session()
    row, version = service.article_with(session, article_id), request.form.get("version", 0, int)
    try:
        service.change(session, row, _typed(row.cover), _belongs(), version, auth.person(), http.now())
    except Refusal as error:
        session.rollback()
        return _form_page(service.article_with(session, article_id), error), http.status_of(error)
    return redirect(url_for("articles.show", article_id=article_id))


@blueprint.post("/<uuid:article_id>/submit")
@auth.require(Right.EDIT_SITE)
def submit(article_id: UUID) -> ResponseReturnValue:
    """Ask somebody else to agree."""
    session = http.db_session()
    service.submit(session, service.article_with(session, article_id), ArticleKind(), auth.person(), http.now())
    flash(_("Somebody else has to agree. It stands among their tasks."))
    return redirect(url_for("articles.show", article_id=article_id))


@blueprint.post("/<uuid:article_id>/withdraw")
@auth.require(Right.EDIT_SITE)
def withdraw(article_id: UUID) -> ResponseReturnValue:
    """Nobody reads it any more; what waits is a draft again."""
    session = http.db_session()
    row = service.article_with(session, article_id)
    try:
        service.withdraw(session, row, request.form.get("why", ""), auth.person(), http.now())
    except Refusal as error:
        session.rollback()
        return _page(service.article_with(session, article_id), error), http.status_of(error)
    flash(_("It is taken back."))
    return redirect(url_for("articles.show", article_id=article_id))


@blueprint.get("/<uuid:article_id>/cover")
@auth.require(Right.EDIT_SITE)
def cover(article_id: UUID) -> ResponseReturnValue:
    """Its photograph, also before everybody sees it."""
    row = service.article_with(http.db_session(), article_id)
    file = photograph_file(folder(), row.cover) if row.cover else None
    if file is None or not file.exists():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    return send_file(file, mimetype="image/jpeg", max_age=0)


def folder() -> Path:
    """Where photographs lie on this server."""
    return photograph_folder(current_app.extensions["services"].settings.data_dir)


def _typed(cover: str) -> Words:
    """What the form says; a new photograph takes the old one's place, and a tick takes it away.

    Raises:
        Rejected: the file is no photograph.
    """
    form = request.form
    file = request.files.get("cover")
    if file is not None and file.filename:
        cover = keep_photograph(folder(), file.read(PHOTO_BYTES)).digest
    elif "no_cover" in form:
        cover = ""
    return Words(
        title=" ".join(rules.cleaned(form.get("title", "")).split()),
        summary=" ".join(rules.cleaned(form.get("summary", "")).split()),
        text=rules.cleaned(form.get("text", "")),
        cover=cover,
        cover_says=" ".join(rules.cleaned(form.get("cover_says", "")).split())[:100] if cover else "",
    )


def _belongs() -> Belongs:
    return Belongs(request.form.get("lesson", ""), request.form.get("branch", ""))


def _page(row: Article, error: Refusal | None = None) -> str:
    session = http.db_session()
    settings = current_app.extensions["services"].settings
    said = service.words_of(row)
    return render_template(
        "portal/one.html",
        article=row,
        said=said,
        blocks=rules.blocks(said.text),
        region=path_of(session, row.region_code)[-1].name,
        process=under_way(session, service.subject_of(row), service.KIND_CODE),
        newer=bool(row.published) and service.newer(row),
        branch=session.get(Branch, row.branch_id) if row.branch_id else None,
        short=f"{settings.public_url}{url_for('site.short', code=row.code)}",
        error=error,
        words=words,
        State=State,
    )


def _form_page(row: Article | None, error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    kept = {} if row is None else {name: getattr(row, name) for name in ("title", "summary", "text", "cover_says")}
    near = near_filter(Course.region_code, who.region_code)
    lessons = select(Lesson).join(Course).where(Lesson.state == LessonState.APPROVED, near)
    lessons = lessons.order_by(Lesson.created_at.desc(), Lesson.id).limit(OFFERED)
    wrong = {} if error is None else error.fields or {"": error.sentence}
    branches = {one.id: one for one in branches_within(session, who.region_code)}
    own = session.get(Branch, row.branch_id) if row is not None and row.branch_id else None
    if own is not None:
        branches[own.id] = own
    if row is not None:
        kept |= {"kind": row.kind, "lesson": row.lesson_id, "branch": str(row.branch_id or "")}
    return render_template(
        "portal/form.html",
        article=row,
        values=request.form or {"kind": Kind.NEWS, **kept},
        branches=list(branches.values()),
        version=row.version if row else 0,
        theirs=service.words_of(row) if row is not None and isinstance(error, ChangedMeanwhile) else None,
        regions=[one for one in regions_in(session, who.region_code) if len(one.code) >= 4],
        lessons=session.scalars(lessons).all(),
        wrong=wrong,
        words=words,
        limits={"title": TITLE_CHARS, "summary": SUMMARY_CHARS, "text": TEXT_CHARS},
    )

"""Pages of projects: the list, one with its chain from lesson to income, its report on paper."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.accounts import Account
from contentserver.kernel import auth, clock, http, pdf, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.members import Member, masked
from contentserver.projects import forms, reading, reckoning, rules, service, words
from contentserver.projects.models import Project, ProjectNote, ProjectPhoto
from contentserver.projects.rules import Kind, Model
from contentserver.regions import parents_named, path_of, region_names, regions_in
from contentserver.stars import photograph_file
from contentserver.stations import Station

blueprint = Blueprint("projects", __name__, url_prefix="/projects", template_folder="templates")
scoping.lies(blueprint, "project_id", where=service.where_project)
scoping.free(blueprint, "digest", because="looked for among the photographs of the project that the address names")
SEES = (Right.KEEP_PROJECTS, Right.SEE_REPORTS)
WORDS_CHARS = 40


@blueprint.get("")
@auth.require_one_of(*SEES)
def index() -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    asked, state = request.args.get("q", "").strip()[:WORDS_CHARS], request.args.get("state", "")
    query = service.projects_of(who.region_code, asked, over={"over": True, "going": False}.get(state))
    if state == "stalled":
        going = session.scalars(reckoning.under_way(who.region_code)).all()
        query = query.where(Project.id.in_(reckoning.stalled(session, going, now)))
    page = service.page_of_projects(session, query, request.args.get("page", 1, int))
    return render_template(
        "projects/index.html",
        page=page,
        totals=reckoning.totals_of(session, page.rows),
        stalled=reckoning.stalled(session, [row.id for row in page.rows], now),
        places=parents_named(session, [row.region_code for row in page.rows]),
        names=region_names(session, (row.region_code for row in page.rows)),
        asked=asked,
        state=state,
        words=words,
        written=reading.written,
    )


@blueprint.get("/new")
@auth.require(Right.KEEP_PROJECTS)
def new() -> ResponseReturnValue:
    return _form_page(None)


@blueprint.post("/new")
@auth.require(Right.KEEP_PROJECTS)
def begin() -> ResponseReturnValue:
    """Begin one."""
    session = http.db_session()
    try:
        row = service.begin(session, forms.facts(), auth.person(), http.now())
    except Refusal as error:
        session.rollback()
        return _form_page(None, error), http.status_of(error)
    flash(_("The project has begun. Add its lessons and its households next."))
    return redirect(url_for("projects.show", project_id=row.id))


@blueprint.get("/<uuid:project_id>")
@auth.require_one_of(*SEES)
def show(project_id: UUID) -> ResponseReturnValue:
    return page_of(service.project_with(http.db_session(), project_id))


@blueprint.get("/<uuid:project_id>/edit")
@auth.require(Right.KEEP_PROJECTS)
def edit(project_id: UUID) -> ResponseReturnValue:
    return _form_page(service.project_with(http.db_session(), project_id))


@blueprint.post("/<uuid:project_id>/edit")
@auth.require(Right.KEEP_PROJECTS)
def save(project_id: UUID) -> ResponseReturnValue:
    """Other words for it."""
    session = http.db_session()
    row = service.project_with(session, project_id)
    try:
        version = request.form.get("version", 0, int)
        service.change(session, row, forms.facts(), version, auth.person(), http.now())
    except Refusal as error:
        session.rollback()
        return _form_page(service.project_with(session, project_id), error), http.status_of(error)
    flash(_("Saved."))
    return redirect(url_for("projects.show", project_id=project_id))


@blueprint.get("/<uuid:project_id>/photographs/<digest>")
@auth.require_one_of(*SEES)
def photograph(project_id: UUID, digest: str) -> ResponseReturnValue:
    """A photograph of one of its notes; `small` for lists."""
    session = http.db_session()
    known = (
        session.query(ProjectPhoto)
        .join(ProjectNote, ProjectNote.id == ProjectPhoto.note_id)
        .filter(ProjectNote.project_id == project_id, ProjectPhoto.digest == digest)
        .first()
    )
    file = photograph_file(forms.folder(), digest, small="small" in request.args) if known else None
    if file is None or not file.exists():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    return send_file(file, mimetype="image/jpeg", max_age=86_400)


@blueprint.get("/<uuid:project_id>/report.pdf")
@auth.require_one_of(*SEES)
def printed(project_id: UUID) -> ResponseReturnValue:
    """From lesson to income, on paper, with its evidence."""
    session, now = http.db_session(), http.now()
    row = service.project_with(session, project_id)
    page = render_template("projects/print.html", **_seen(row), at=now, settings=current_app.config)
    response = Response(pdf.pdf_of(page), content_type="application/pdf")
    name = f"{row.name} {clock.local(now):%Y-%m-%d}.pdf"
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    return response


def page_of(row: Project, error: Refusal | None = None, at: str = "") -> str:
    """A project's page; `at` says which of its forms was refused."""
    may = auth.person().may(Right.KEEP_PROJECTS)
    return render_template(
        "projects/one.html",
        **_seen(row),
        may_keep=may,
        may_plan=auth.person().may(Right.SCHEDULE),
        error=error,
        wrong=forms.sentences(error) if error else {},
        at=at,
        typed=request.form,
        asked_kind=request.values.get("kind", Kind.VISIT.value),
        stations=forms.stations_within(row) if may else [],
        offered=forms.lessons_offered(row) if may else [],
        limits={"photos": service.PHOTOS},
        gone=request.args.get("gone", ""),
    )


def _seen(row: Project) -> dict[str, object]:
    """What a project's page and its paper both show; names are masked, as everywhere."""
    session = http.db_session()
    notes = service.notes_of(session, row)
    households = service.households_of(session, row)
    photos: dict[UUID, list[ProjectPhoto]] = {}
    for photo in session.query(ProjectPhoto).filter(ProjectPhoto.note_id.in_([one.id for one in notes])):
        photos.setdefault(photo.note_id, []).append(photo)
    people = {one.by for one in notes} | {one.withdrawn_by for one in notes if one.withdrawn_by}
    return {
        "project": row,
        "path": path_of(session, row.region_code),
        "report": reckoning.report_of(session, row, http.now()),
        "households": households,
        "members": {one.id: session.get_one(Member, one.member_id) for one in households},
        "homes": {one.id: session.get_one(Station, one.station_id) for one in households},
        "notes": notes,
        "photos": photos,
        "by": {one: session.get_one(Account, one).display_name for one in people},
        "masked": masked,
        "words": words,
        "Kind": Kind,
        "written": reading.written,
        "figures": rules.FIGURES,
        "of_household": rules.OF_HOUSEHOLD,
    }


def _form_page(row: Project | None, error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    places = [one for one in regions_in(session, who.region_code) if len(one.code) >= 4]
    return render_template(
        "projects/form.html",
        project=row,
        values=forms.values(row),
        regions=places,
        words=words,
        models=Model,
        wrong=forms.sentences(error) if error else {},
    )

"""Pages of branches: the tree, one with its people by what they do, found, change, dissolve; what there is to do."""

from datetime import date
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal
from contentserver.kernel.pagination import paginate
from contentserver.members import branches, roles, rules
from contentserver.members.models import Branch, Member
from contentserver.members.schemas import BranchForm
from contentserver.members.words import BRANCH_KINDS
from contentserver.regions import parents_named, path_of, regions_in
from contentserver.stations import Station

blueprint = Blueprint("branches", __name__, url_prefix="/branches", template_folder="templates")
scoping.lies(blueprint, "branch_id", where=branches.where_branch)
scoping.free(blueprint, "role", because="what people do in branches is one list for the whole server")


@blueprint.get("")
@auth.require(Right.SEE_MEMBERS)
def index() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    dissolved = request.args.get("state") == "dissolved"
    nodes = branches.tree(session, who.region_code, dissolved=dissolved)
    return render_template(
        "members/branches.html",
        nodes=nodes,
        dissolved=dissolved,
        kinds=BRANCH_KINDS,
        places=parents_named(session, _codes(nodes)),
        stands=_stands,
    )


@blueprint.get("/new")
@auth.require(Right.KEEP_MEMBERS)
def new() -> ResponseReturnValue:
    """A form; `parent` names the one below which it is to hang."""
    form = _form(None)
    parent = request.args.get("parent", "")
    if parent in {one.value for one in form.parent.choices}:
        form.parent.data = parent
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.KEEP_MEMBERS)
def save_new() -> ResponseReturnValue:
    """Found one."""
    session, form = http.db_session(), _form(None)
    if not http.require_valid(form):
        return _form_page(form, None), 422
    try:
        row = branches.found(session, form.words(), auth.person(), http.now(), _today())
    except Refusal as error:
        return _refused(form, None, error)
    flash(_("“%(name)s” stands.", name=row.name))
    return redirect(url_for("branches.show", branch_id=row.id))


@blueprint.get("/<uuid:branch_id>")
@auth.require(Right.SEE_MEMBERS)
def show(branch_id: UUID) -> ResponseReturnValue:
    return _page(branches.branch_with(http.db_session(), branch_id))


@blueprint.get("/<uuid:branch_id>/edit")
@auth.require(Right.KEEP_MEMBERS)
def edit(branch_id: UUID) -> ResponseReturnValue:
    row = branches.branch_with(http.db_session(), branch_id)
    return _form_page(_form(row), row)


@blueprint.post("/<uuid:branch_id>/edit")
@auth.require(Right.KEEP_MEMBERS)
def save(branch_id: UUID) -> ResponseReturnValue:
    """Another name, kind, day or parent."""
    session = http.db_session()
    row = branches.branch_with(session, branch_id, locked=True)
    form = _form(row)
    if not http.require_valid(form):
        return _form_page(form, row), 422
    try:
        branches.change(session, row, form.words(row.region_code), auth.person(), http.now(), _today())
    except Refusal as error:
        return _refused(form, row, error)
    flash(_("The branch is changed."))
    return redirect(url_for("branches.show", branch_id=row.id))


@blueprint.post("/<uuid:branch_id>/dissolve")
@auth.require(Right.KEEP_MEMBERS)
def dissolve(branch_id: UUID) -> ResponseReturnValue:
    """It takes nobody any more."""
    session, who = http.db_session(), auth.person()
    row = branches.branch_with(session, branch_id)
    try:
        left = branches.dissolve(session, row, request.form.get("reason", ""), who, http.now(), _today())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return _page(branches.branch_with(session, branch_id), error), http.status_of(error)
    flash(_("The branch is dissolved."))
    if left:
        flash(ngettext("%(num)s person still belongs to it.", "%(num)s people still belong to it.", left))
    return redirect(url_for("branches.show", branch_id=branch_id))


@blueprint.post("/<uuid:branch_id>/bring-back")
@auth.require(Right.KEEP_MEMBERS)
def bring_back(branch_id: UUID) -> ResponseReturnValue:
    """It was dissolved by mistake."""
    session = http.db_session()
    branches.bring_back(session, branches.branch_with(session, branch_id), auth.person(), http.now())
    flash(_("The branch stands again."))
    return redirect(url_for("branches.show", branch_id=branch_id))


@blueprint.get("/roles")
@auth.require(Right.SEE_MEMBERS)
def role_kinds() -> ResponseReturnValue:
    """What there is to do in a branch."""
    return _roles_page()


@blueprint.post("/roles")
@auth.require(Right.ADMINISTER)
def add_role() -> ResponseReturnValue:
    """One more thing to do."""
    auth.require_administers_all()
    session = http.db_session()
    try:
        roles.add_kind(session, request.form.get("role_name", ""), auth.person(), http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return _roles_page(error), http.status_of(error)
    flash(_("It can be chosen now."))
    return redirect(url_for("branches.role_kinds"))


@blueprint.post("/roles/<role>")
@auth.require(Right.ADMINISTER)
def retire_role(role: str) -> ResponseReturnValue:
    """Nobody begins it any more; `undo` brings it back."""
    auth.require_administers_all()
    undo = bool(request.form.get("undo"))
    roles.retire_kind(http.db_session(), role, auth.person(), http.now(), undo=undo)
    flash(_("It can be chosen now.") if undo else _("It can no longer be chosen. Those who do it go on."))
    return redirect(url_for("branches.role_kinds"))


def _page(row: Branch, error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    people = (
        select(Member)
        .join(Station, Station.id == Member.station_id)
        .where(Member.branch_id == row.id, Member.merged_into.is_(None))
        .order_by(Member.active.desc(), Station.region_code, Member.number)
    )
    page = paginate(session, people, request.args.get("page", 1, int))
    held = roles.held_in(session, row.id)
    stations = {one.station_id for one in page.rows} | {one.member.station_id for one in held}
    below = session.scalars(select(Branch).where(Branch.parent_id == row.id).order_by(Branch.name)).all()
    return render_template(
        "members/branch.html",
        branch=row,
        above=branches.path_above(session, row),
        below=[one for one in below if who.reaches(one.region_code)],
        path=path_of(session, row.region_code),
        page=page,
        now_held=[one for one in held if one.row.until is None],
        held_before=[one for one in held if one.row.until is not None],
        roles=roles.names(session),
        stations={one: session.get_one(Station, one) for one in stations},
        kinds=BRANCH_KINDS,
        stands=_stands,
        masked=rules.masked,
        reaches=who.reaches,
        may_keep=who.may(Right.KEEP_MEMBERS),
        error=error,
        typed=request.form,
    )


def _roles_page(error: Refusal | None = None) -> str:
    session = http.db_session()
    return render_template(
        "members/roles.html",
        rows=roles.kinds(session, retired=True),
        names=roles.names(session),
        may_change=auth.person().administers_all,
        errors=error.fields if error else {},
        typed=request.form,
    )


def _form(row: Branch | None) -> BranchForm:
    session, who = http.db_session(), auth.person()
    if row is None:
        form = BranchForm()
        form.region_code.choices = [SelectChoice(one.code, one.name) for one in regions_in(session, who.region_code)]
        above = branches.choices_within(session, who.region_code)
    else:
        form = BranchForm(obj=row, parent=str(row.parent_id or ""))
        form.region_code.choices = []
        above = [one for one in branches.choices_for(session, row.region_code) if one.id != row.id]
    form.parent.choices = [SelectChoice("", _("to none")), *(SelectChoice(str(one.id), one.name) for one in above)]
    return form


def _form_page(form: BranchForm, row: Branch | None) -> str:
    path = path_of(http.db_session(), row.region_code) if row else ()
    return render_template("members/branch_form.html", form=form, branch=row, path=path, most=branches.BRANCH_CHARS)


def _refused(form: BranchForm, row: Branch | None, error: Refusal) -> ResponseReturnValue:
    if http.wants_json():
        raise error
    for name, sentence in error.fields.items():
        form[name].errors = [str(sentence)]
    if not error.fields:
        form.name.errors = [str(error.sentence)]
    return _form_page(form, row), http.status_of(error)


def _stands(row: Branch) -> bool:
    return rules.stands(row.dissolved_on, _today())


def _codes(nodes: list[branches.Node]) -> list[str]:
    return [code for node in nodes for code in (node.row.region_code, *_codes(node.below))]


def _today() -> date:
    return clock.local(http.now()).date()

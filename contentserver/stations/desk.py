"""Pages of groups: the list, one of them with its stations, making, changing, filling, deleting and taking it back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import Region, depth_of, parents_named, region_names, regions_in
from contentserver.stations import groups
from contentserver.stations.groups import Chosen, GroupRefused, GroupUsed
from contentserver.stations.models import StationGroup
from contentserver.stations.ports import GroupUse, GroupUses
from contentserver.stations.schemas import KINDS, GroupForm

blueprint = Blueprint("groups", __name__, url_prefix="/stations/groups", template_folder="templates")
scoping.lies(blueprint, "group_id", where=groups.where_group)
SEARCH_MAX = 40
VILLAGE_DEPTH = 4


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    session, who, words = http.db_session(), auth.person(), request.args.get("q", "").strip()[:SEARCH_MAX]
    removed = request.args.get("state") == "deleted"
    number = request.args.get("page", 1, int)
    page = groups.page_of_groups(session, who.region_code, words, number, removed=removed)
    return render_template(
        "stations/groups.html",
        page=page,
        words=words,
        removed=removed,
        gone=groups.page_of_groups(session, who.region_code, "", 1, removed=True).total,
        names=region_names(
            http.db_session(), {row.region_code for row in page.rows} | {row.below for row in page.rows}
        ),
        counts=groups.counts(session, page.rows),
        uses={row.id: _uses()(session, row.id, http.now()) for row in page.rows},
        words_of=groups.words_of,
        kinds=KINDS,
    )


@blueprint.get("/new")
@auth.require(Right.NOTIFY)
def new() -> ResponseReturnValue:
    form = _form(auth.person().region_code)
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.NOTIFY)
def save_new() -> ResponseReturnValue:
    return _saved(_form(auth.person().region_code), None)


@blueprint.get("/<uuid:group_id>")
@auth.require()
def show(group_id: UUID) -> ResponseReturnValue:
    return _show_page(_group(group_id))


@blueprint.get("/<uuid:group_id>/edit")
@auth.require(Right.NOTIFY)
def edit(group_id: UUID) -> ResponseReturnValue:
    row = _group(group_id)
    if row.removed_at is not None:
        return redirect(url_for("groups.show", group_id=group_id))
    form = _form(row.region_code)
    form.fill(groups.words_of(row), row.saved)
    return _form_page(form, row)


@blueprint.post("/<uuid:group_id>/edit")
@auth.require(Right.NOTIFY)
def save(group_id: UUID) -> ResponseReturnValue:
    row = _group(group_id)
    return _saved(_form(row.region_code), row)


@blueprint.post("/<uuid:group_id>/stations")
@auth.require(Right.NOTIFY)
def fill(group_id: UUID) -> ResponseReturnValue:
    """Keep the ticks of a page, or put in or take out everything that the filter found."""
    session, who, now, row = http.db_session(), auth.person(), http.now(), _group(group_id)
    do, chosen = request.form.get("do", ""), _chosen(request.form)
    try:
        if do in ("all", "none"):
            added, dropped = groups.put_all(session, row, chosen, who, now, out=do == "none")
        else:
            ticked, were = _ids("station"), _ids("was")
            added, dropped = groups.put(session, row, ticked - were, were - ticked, who, now)
    except (Conflict, Forbidden, NotFound, Rejected) as error:
        return _show_page(row, refused=str(error.sentence)), http.status_of(error)
    if added or dropped:
        flash(_("%(added)s put in, %(dropped)s taken out.", added=added, dropped=dropped))
    else:
        flash(_("Nothing was changed: it is as it was."))
    kept: dict[str, Any] = {
        "q": chosen.words,
        "region": chosen.region_code,
        "kind": chosen.kind,
        "in": request.form.get("in", ""),
    }
    kept["page"] = request.form.get("page", "")
    kept = {name: value for name, value in kept.items() if value}
    return redirect(url_for("groups.show", group_id=group_id, **kept))


@blueprint.post("/<uuid:group_id>/delete")
@auth.require(Right.NOTIFY)
def remove(group_id: UUID) -> ResponseReturnValue:
    row = _group(group_id)
    try:
        groups.remove(http.db_session(), row, _uses(), auth.person(), http.now())
    except GroupUsed as error:
        return _show_page(row, refused=str(error.sentence), because=error.uses), http.status_of(error)
    except Conflict as error:
        return _show_page(row, refused=str(error.sentence)), http.status_of(error)
    return redirect(url_for("groups.show", group_id=group_id))


@blueprint.post("/<uuid:group_id>/restore")
@auth.require(Right.NOTIFY)
def restore(group_id: UUID) -> ResponseReturnValue:
    row = _group(group_id)
    try:
        groups.restore(http.db_session(), row, auth.person(), http.now())
    except Conflict as error:
        return _show_page(row, refused=str(error.sentence)), http.status_of(error)
    flash(_("The group is back, with its stations."))
    return redirect(url_for("groups.show", group_id=group_id))


def _show_page(row: StationGroup, *, refused: str = "", because: Sequence[GroupUse] = ()) -> str:
    """A group and its stations; whoever may fill it sees those that could belong to it as well."""
    session, who = http.db_session(), auth.person()
    source = request.form if request.method == "POST" else request.args
    chosen = _chosen(source)
    fills = groups.may_change(row, who) and row.picked and row.removed_at is None
    asked = chosen if fills else Chosen(chosen.words, chosen.region_code, chosen.kind, inside=True)
    page = groups.page_of_candidates(session, row, asked, source.get("page", 1, int))
    belonging = groups.stations_of_groups(session, [row.id])
    return render_template(
        "stations/group.html",
        group=row,
        rule=groups.words_of(row),
        page=page,
        chosen=chosen,
        inside=source.get("in", ""),
        fills=fills,
        may_change=groups.may_change(row, who),
        belonging=belonging,
        places=parents_named(session, [station.region_code for station in page.rows]),
        parts=_parts(row.region_code)[1:],
        names=region_names(http.db_session(), {row.region_code, row.below}),
        kinds=KINDS,
        uses=_uses()(session, row.id, http.now()),
        refused=refused,
        because=because,
    )


def _saved(form: GroupForm, row: StationGroup | None) -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    if not form.validate():
        return _form_page(form, row), 422
    made = row is None
    try:
        if row is None:
            row = groups.make(session, form.words(), who, now)
        else:
            groups.change(session, row, form.words(), form.saved.data or 0, who, now)
    except GroupRefused as error:
        form.blame(error.faults)
        return _form_page(form, row), 422
    except (Forbidden, NotFound) as error:
        form.region_code.errors = [str(error.sentence)]
        return _form_page(form, row), http.status_of(error)
    except Conflict as error:
        if row is not None:
            form.stand_on(row.saved)
        return _form_page(form, row, refused=str(error.sentence)), http.status_of(error)
    if made and row.picked:
        flash(_("The group is there. Now tick its stations."))
    else:
        flash(_("The group is saved."))
    return redirect(url_for("groups.show", group_id=row.id))


def _form_page(form: GroupForm, row: StationGroup | None, *, refused: str = "") -> str:
    names = region_names(http.db_session(), [row.region_code]) if row else {}
    return render_template(
        "stations/group_form.html",
        form=form,
        kinds=KINDS,
        group=row,
        refused=refused,
        region=names.get(row.region_code) if row else "",
    )


def _form(root: str) -> GroupForm:
    """The form, with the regions of a subtree above the villages, indented by level."""
    form, found = GroupForm(), _parts(root)
    top = min((depth_of(region.code) for region in found), default=0)
    choices = [SelectChoice(one.code, "\u2003" * (depth_of(one.code) - top) + one.name) for one in found]
    form.region_code.choices = choices
    form.below.choices = [SelectChoice("", _("All of it")), *choices]
    return form


def _parts(root: str) -> list[Region]:
    """A region and what lies below it, without villages; a village's people have their own."""
    found = regions_in(http.db_session(), root)
    return [one for one in found if depth_of(one.code) < VILLAGE_DEPTH or one.code == root]


def _chosen(source: Mapping[str, str]) -> Chosen:
    return Chosen(
        words=source.get("q", "").strip()[:SEARCH_MAX],
        region_code=source.get("region", "")[:12],
        kind=source.get("kind", "")[:20],
        inside={"yes": True, "no": False}.get(source.get("in", "")),
    )


def _ids(name: str) -> set[UUID]:
    try:
        return {UUID(one) for one in request.form.getlist(name)}
    except ValueError as error:
        raise Rejected("station_unknown", _("There is no such station.")) from error


def _group(group_id: UUID) -> StationGroup:
    """The group of an address, which lies in the person's region."""
    return groups.group_with(http.db_session(), group_id)


def _uses() -> GroupUses:
    found: GroupUses = current_app.extensions["group_uses"]
    return found

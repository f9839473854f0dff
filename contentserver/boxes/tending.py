"""Pages of one box: all that is known of it, and what is done to it. Decided in `placing.py` and `credentials.py`.

Whoever may connect televisions in the region moves and replaces them, and sets how the line may be used; letting one
go and renewing its credential is for administrators.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver.boxes import credentials, placing, rules, service
from contentserver.boxes.models import Box, BoxStation, ReleaseRow
from contentserver.boxes.schemas import EndForm, FetchingForm, MoveForm, ReplaceForm
from contentserver.boxes.views import blueprint, reported, station_choices
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.regions import path_of, subtree_filter
from contentserver.stations import Station, station_named
from schedules.wire.messages import FetchRules
from schedules.wire.signing import Signer

MEGABYTE = 1_000_000
SUCCESSORS = 30
"""So many of the newest boxes are offered by number; any other can be typed."""


@blueprint.get("/boxes/<int:box_id>")
@auth.require()
def box(box_id: int) -> ResponseReturnValue:
    return _box_page(_box(box_id))


@blueprint.post("/boxes/<int:box_id>/move")
@auth.require(Right.CLAIM_BOX)
def move(box_id: int) -> ResponseReturnValue:
    found, form = _box(box_id), _move_form()
    if not http.require_valid(form):
        return _box_page(found, moving=form), 422
    station = station_named(http.db_session(), UUID(form.station.data))
    placing.move(http.db_session(), found, station, auth.person(), _signer(), http.now())
    flash(_("Box %(number)s now stands in %(station)s.", number=found.id, station=station.name))
    return redirect(url_for("boxes.box", box_id=found.id))


@blueprint.post("/boxes/<int:box_id>/fetching")
@auth.require(Right.CLAIM_BOX)
def fetching(box_id: int) -> ResponseReturnValue:
    found, form = _box(box_id), FetchingForm()
    if not http.require_valid(form):
        return _box_page(found, fetching=form), 422
    wanted = FetchRules(
        quiet_from=form.quiet_from.data or "",
        quiet_until=form.quiet_until.data or "",
        daily_bytes=(form.daily_mb.data or 0) * MEGABYTE,
        neighbours=form.neighbours.data,
    )
    try:
        service.change_fetching(http.db_session(), found, wanted, auth.person(), _signer(), http.now())
    except Refusal as error:
        form.quiet_until.errors = [str(error.sentence)]
        return _box_page(found, fetching=form), http.status_of(error)
    flash(_("The television keeps to these hours from now on."))
    return redirect(url_for("boxes.box", box_id=found.id))


@blueprint.get("/boxes/<int:box_id>/replace")
@auth.require(Right.CLAIM_BOX)
def replace(box_id: int) -> ResponseReturnValue:
    return _replace_page(_box(box_id), ReplaceForm())


@blueprint.post("/boxes/<int:box_id>/replace")
@auth.require(Right.CLAIM_BOX)
def replaced(box_id: int) -> ResponseReturnValue:
    session, old, form = http.db_session(), _box(box_id), ReplaceForm()
    if not http.require_valid(form):
        return _replace_page(old, form), 422
    try:
        new = session.get(Box, form.successor.data)
        if new is None:
            raise NotFound("box_unknown", _("There is no box with this number."))
        placing.replace(session, old, new, auth.person(), _signer(), http.now())
    except Refusal as error:
        form.successor.errors = [str(error.sentence)]
        return _replace_page(old, form), http.status_of(error)
    flash(_("Box %(new)s stands in the place of box %(old)s, whose enrolment has ended.", new=new.id, old=old.id))
    return redirect(url_for("boxes.box", box_id=new.id))


@blueprint.post("/boxes/<int:box_id>/rotate")
@auth.require(Right.ADMINISTER)
def rotate(box_id: int) -> ResponseReturnValue:
    found, secret = _box(box_id), current_app.extensions["services"].settings.secret_key
    credentials.rotate(http.db_session(), found, auth.person(), _signer(), secret, http.now())
    flash(_("A new credential waits for the television. The old one ends when the new one is used."))
    return redirect(url_for("boxes.box", box_id=found.id))


@blueprint.get("/boxes/<int:box_id>/end")
@auth.require(Right.ADMINISTER)
def end(box_id: int) -> ResponseReturnValue:
    return _end_page(_box(box_id), EndForm())


@blueprint.post("/boxes/<int:box_id>/end")
@auth.require(Right.ADMINISTER)
def ended(box_id: int) -> ResponseReturnValue:
    found, form = _box(box_id), EndForm()
    if not http.require_valid(form):
        return _end_page(found, form), 422
    try:
        placing.end_enrolment(http.db_session(), found, form.reason.data, auth.person(), _signer(), http.now())
    except Refusal as error:
        form.reason.errors = [str(error.sentence)]
        return _end_page(found, form), http.status_of(error)
    flash(_("The enrolment of box %(number)s has ended. Its television says so within seconds.", number=found.id))
    return redirect(url_for("boxes.box", box_id=found.id))


def _box(box_id: int) -> Box:
    return service.box_numbered(http.db_session(), box_id)


def _box_page(found: Box, moving: MoveForm | None = None, fetching: FetchingForm | None = None) -> str:
    session = http.db_session()
    station = session.get_one(Station, found.station_id)
    wanted = session.get(ReleaseRow, found.release) if found.release else None
    report = reported(found)
    glance = msgspec.json.decode(found.reported, type=rules.Glance) if found.reported else None
    return render_template(
        "boxes/box.html",
        box=found,
        station=station,
        path=path_of(session, station.region_code),
        report=report,
        wanted=wanted,
        wanted_name=rules.release_name(wanted.version, wanted.sha256) if wanted else "",
        care=rules.care_of(
            ended=found.revoked_at is not None,
            online=found.online,
            heard_at=found.seen_at or found.enrolled_at,
            glance=glance,
            wanted_release=rules.release_name(wanted.version, wanted.sha256) if wanted else "",
            now=http.now(),
        ),
        Care=rules.Care,
        stood=_stood(found),
        rules=msgspec.json.decode(found.fetching, type=FetchRules),
        moving=moving or _move_form(),
        fetching=fetching or _fetching_form(found),
    )


def _stood(found: Box) -> Sequence[tuple[BoxStation, Station]]:
    """Where a box stands and stood, the newest first."""
    query = (
        select(BoxStation, Station)
        .join(Station, Station.id == BoxStation.station_id)
        .where(BoxStation.box_id == found.id)
        .order_by(BoxStation.since.desc())
    )
    return [(row, station) for row, station in http.db_session().execute(query)]


def _replace_page(old: Box, form: ReplaceForm) -> str:
    session = http.db_session()
    candidates = (
        select(Box, Station)
        .join(Station, Station.id == Box.station_id)
        .where(
            subtree_filter(Station.region_code, auth.person().region_code),
            Box.revoked_at.is_(None),
            Box.id != old.id,
        )
        .order_by(Box.enrolled_at.desc(), Box.id.desc())
        .limit(SUCCESSORS)
    )
    return render_template(
        "boxes/replace.html",
        box=old,
        station=session.get_one(Station, old.station_id),
        form=form,
        candidates=[(one, station) for one, station in session.execute(candidates)],
    )


def _end_page(found: Box, form: EndForm) -> str:
    station = http.db_session().get_one(Station, found.station_id)
    return render_template("boxes/end.html", box=found, station=station, form=form)


def _move_form() -> MoveForm:
    form = MoveForm()
    form.station.choices = station_choices() if auth.person().may(Right.CLAIM_BOX) else []
    return form


def _fetching_form(found: Box) -> FetchingForm:
    """The form as the rules stand, whatever else was sent with the request."""
    stands = msgspec.json.decode(found.fetching, type=FetchRules)
    return FetchingForm(
        formdata=None,
        quiet_from=stands.quiet_from,
        quiet_until=stands.quiet_until,
        daily_mb=stands.daily_bytes // MEGABYTE or None,
        neighbours=stands.neighbours,
    )


def _signer() -> Signer:
    found: Signer = current_app.extensions["services"].signer
    return found

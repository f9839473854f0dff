"""The page of a spot check, made for a telephone in one hand; read by the station once the round is published."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.regions import path_of
from contentserver.stars import checking, gathering, pictures, rounds, service
from contentserver.stars.models import StarCheck, StarRound
from contentserver.stations import Station, station_named, where_station

blueprint = Blueprint("star_checks", __name__, url_prefix="/stars/rounds", template_folder="templates")
scoping.decided(blueprint, "round_id", by=rounds.round_with)
scoping.lies(blueprint, "station_id", where=where_station)
_YES, _NO = "yes", "no"
GIVE_UP = "give_up"


@blueprint.get("/<uuid:round_id>/checks/<uuid:station_id>")
@auth.require(Right.SEE_REPORTS)
def show(round_id: UUID, station_id: UUID) -> ResponseReturnValue:
    """What was found, or the form while it is open."""
    found, station, row = _asked(round_id, station_id)
    typed = {f"item-{place}": _YES if one else _NO for place, one in enumerate(gathering.answers_of(row))}
    return _page(found, station, row, {**typed, "note": row.note}, {})


@blueprint.post("/<uuid:round_id>/checks/<uuid:station_id>")
@auth.require(Right.ASSESS)
def found_there(round_id: UUID, station_id: UUID) -> ResponseReturnValue:
    """Keep what was found, with photographs; or why there was no check."""
    session, who, now = http.db_session(), auth.person(), http.now()
    found, station, row = _asked(round_id, station_id)
    if not checking.may_check(who, station):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    typed, does = request.form.to_dict(), request.form.get("do", pictures.KEEP)
    try:
        rounds.require_draft(found)
        pictures.carry_out(
            session,
            does,
            service.photographs_of(session, station_id, round_id=round_id),
            lambda data: service.add_photograph(
                session, pictures.folder(), station, data, round_id=round_id, who=who, now=now
            ),
            lambda row, back: service.remove_photograph(session, row, who, now, back=back),
        )
        if pictures.only_pictures(does):
            session.flush()
            return _page(found, station, row, typed, {})
        if does == GIVE_UP:
            checking.give_up(session, found, station, typed.get("note", ""), who, now)
        else:
            answers = [_answer(typed, place) for place in range(len(rounds.rules_of(found).items))]
            checking.keep(session, found, station, answers, typed.get("note", ""), who, now)
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        found, station, row = _asked(round_id, station_id)
        return _page(found, station, row, typed, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("The spot check is kept and counts in the round."))
    return redirect(url_for("star_rounds.show", round_id=round_id, _anchor="checks"))


def _asked(round_id: UUID, station_id: UUID) -> tuple[StarRound, Station, StarCheck]:
    session = http.db_session()
    station = station_named(session, station_id)
    found = rounds.round_with(session, round_id, auth.person())
    return found, station, checking.check_of(session, found, station)


def _page(
    found: StarRound, station: Station, row: StarCheck, typed: Mapping[str, str], errors: Mapping[str, object]
) -> str:
    session = http.db_session()
    return render_template(
        "stars/check.html",
        round=found,
        station=station,
        path=path_of(session, station.region_code)[-2:],
        row=row,
        items=rounds.rules_of(found).items,
        typed=typed,
        errors=errors,
        photographs=service.photographs_of(session, station.id, round_id=found.id),
        editable=found.published_at is None and checking.may_check(auth.person(), station),
        names=service.names_of(session, [row.by]),
    )


def _answer(typed: Mapping[str, str], place: int) -> bool | None:
    return {_YES: True, _NO: False}.get(typed.get(f"item-{place}", ""))

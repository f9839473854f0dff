"""The page of facts below a session's numbers: each event with its box, its key, and how sure its time is."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select

from contentserver.attendance import roll, words
from contentserver.attendance.models import EventRow, SessionRow
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.pagination import paginate
from contentserver.members import masked_roster_of
from contentserver.regions import path_of
from contentserver.stations import station_named
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    HeadCounted,
    Message,
    PlaybackSpan,
    SegmentDamaged,
    SignedIn,
    SignInUndone,
)

blueprint = Blueprint("evidence", __name__, url_prefix="/sessions", template_folder="templates")
scoping.lies(blueprint, "airing_id", "station_id", where=roll.where_session)


def _kinds(*bodies: type[Message]) -> tuple[str, ...]:
    return tuple(str(body.__struct_config__.tag) for body in bodies)


ABOUT: Final = {
    "shown": (
        _("What was shown"),
        _kinds(AiringStarted, PlaybackSpan, AiringEnded, AiringMissed, SegmentDamaged),
    ),
    "people": (_("Who signed in"), _kinds(SignedIn, SignInUndone)),
    "room": (_("What was counted and said in the room"), _kinds(HeadCounted)),
}
"""Which events a number stands on: name, and kinds of events."""


@blueprint.get("/<airing_id>/<uuid:station_id>/events")
@auth.require(Right.SEE_REPORTS)
def events(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """All events of a session in the order in which its boxes saw them, or those that one number stands on."""
    session, found = http.db_session(), roll.session_asked(airing_id, station_id)
    about = request.args.get("about", "")
    page = paginate(session, _of(found, about), request.args.get("page", 1, int))
    station = station_named(session, station_id)
    return render_template(
        "attendance/events.html",
        found=found,
        station=station,
        path=path_of(session, found.region_code),
        page=page,
        said=_in_words(page.rows, station_id, {str(station.id): station.name}),
        about=about if about in ABOUT else "",
        choices={key: name for key, (name, _of_kind) in ABOUT.items()},
    )


def _of(found: SessionRow, about: str) -> Select[EventRow]:
    query = select(EventRow).where(EventRow.airing_id == found.airing_id, EventRow.station_id == found.station_id)
    if about in ABOUT:
        query = query.where(EventRow.kind.in_(ABOUT[about][1]))
    return query.order_by(EventRow.box_id, EventRow.epoch, EventRow.sequence)


def _in_words(rows: Sequence[EventRow], station_id: UUID, stations: Mapping[str, str]) -> list[str]:
    """A sentence for each row; who may not see members reads no names."""
    if not auth.person().may(Right.SEE_MEMBERS):
        return [words.sentence(row.body, None, stations) for row in rows]
    members = {member.id: member for member in masked_roster_of(http.db_session(), station_id).members}
    return [words.sentence(row.body, members, stations) for row in rows]

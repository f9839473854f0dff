"""The page of events in quarantine: what came, what counts instead, and that somebody has looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import quarantine, words
from contentserver.attendance.quarantine import Entry
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.members import masked_roster_of
from contentserver.stations import Station

blueprint = Blueprint("quarantine", __name__, url_prefix="/quarantine", template_folder="templates")


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry in words; `counts` is empty where nothing stands against it."""

    entry: Entry
    said: str
    counts: str
    reason: str


@blueprint.get("")
@auth.require(Right.INSPECT)
def index() -> ResponseReturnValue:
    session, everything = http.db_session(), request.args.get("all") == "1"
    root = auth.person().region_code
    page = quarantine.entries(session, root, request.args.get("page", 1, int), everything=everything)
    return render_template(
        "attendance/quarantine.html",
        page=page,
        rows=_in_words(session, page.rows),
        everything=everything,
        new=quarantine.waiting(session, root),
    )


@blueprint.post("/seen")
@auth.require(Right.INSPECT)
def seen() -> ResponseReturnValue:
    """Put some aside; they stay in the list of all."""
    marked = quarantine.mark_seen(http.db_session(), _ids(request.form.getlist("event")), auth.person(), http.now())
    if marked:
        flash(ngettext("%(num)s event is put aside.", "%(num)s events are put aside.", marked))
    return redirect(url_for("quarantine.index"))


def waiting_for_person() -> int:
    """How many events wait for the signed-in person; 0 for those who do not look at them."""
    person = auth.person_or_none()
    if person is None or not person.may(Right.INSPECT):
        return 0
    return quarantine.waiting(http.db_session(), person.region_code)


def _ids(texts: Sequence[str]) -> set[UUID]:
    found = set()
    for text in texts[:200]:
        try:
            found.add(UUID(text))
        except ValueError:
            continue
    return found


def _in_words(session: Session, entries: Sequence[Entry]) -> list[Shown]:
    rosters = {
        station: {member.id: member for member in masked_roster_of(session, station).members}
        for station in {entry.station.id for entry in entries}
    }
    names = {str(key): name for key, name in session.execute(select(Station.id, Station.name))}
    return [
        Shown(
            entry=entry,
            said=words.sentence(entry.event.body, rosters[entry.station.id], names),
            counts=words.sentence(entry.counted.body, rosters[entry.station.id], names) if entry.counted else "",
            reason=str(words.REASONS.get(entry.event.reason, entry.event.reason)),
        )
        for entry in entries
    ]

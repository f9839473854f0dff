"""The five ones of a station: noted, never overwritten, with photographs. Rounds: `rounds.py`; rules: `rulebook.py`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stars import photographs
from contentserver.stars.models import OneEntry, Photograph
from contentserver.stars.rules import FIELDS, One, OneState
from contentserver.stations import Station, stations_in, where_station

FIELD_LONGEST = 300
MOST_PHOTOGRAPHS = 12
"""Of one of the five, or of one spot check; removed ones not counted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a station stands with one of the five: the newest entry, its fields, its photographs, and all entries."""

    one: One
    state: OneState
    entry: OneEntry | None
    fields: Mapping[str, str]
    photographs: Sequence[Photograph]
    history: Sequence[OneEntry]


def standings(session: Session, station_id: UUID) -> list[Standing]:
    """How a station stands with each of the five."""
    entries = session.scalars(
        select(OneEntry).where(OneEntry.station_id == station_id).order_by(OneEntry.at.desc(), OneEntry.id.desc())
    ).all()
    pictures = session.scalars(
        select(Photograph).where(Photograph.station_id == station_id, Photograph.one != "").order_by(Photograph.at)
    ).all()
    return [
        _standing(
            one, [entry for entry in entries if entry.one == one], [found for found in pictures if found.one == one]
        )
        for one in One
    ]


def states_of(session: Session, stations: Iterable[UUID]) -> dict[UUID, dict[One, OneState]]:
    """What each station has of the five; what was never noted is missing."""
    found = {station: dict.fromkeys(One, OneState.MISSING) for station in stations}
    query = select(OneEntry.station_id, OneEntry.one, OneEntry.state).where(OneEntry.station_id.in_(found))
    for station, one, state in session.execute(query.order_by(OneEntry.at, OneEntry.id)):
        found[station][One(one)] = OneState(state)
    return found


def lacking(session: Session, root: str, which: One | None, words: str) -> list[tuple[Station, dict[One, OneState]]]:
    """The stations of a subtree whose name has the words; with `which`, those that do not have it whole."""
    stations = [station for station in stations_in(session, root) if words in station.name]
    states = states_of(session, [station.id for station in stations])
    rows = [(station, states[station.id]) for station in stations]
    return rows if which is None else [row for row in rows if row[1][which] is not OneState.HAS]


def note_one(
    session: Session,
    station: Station,
    one: One,
    *,
    state: OneState,
    fields: Mapping[str, str],
    since: date | None,
    after: str,
    who: Person,
    now: datetime,
) -> OneEntry:
    """Note how a station stands with one of the five; what was noted before stays as its history.

    Args:
        after: the id of the entry that the person saw, empty for none.

    Raises:
        Forbidden: the station lies outside the person's region.
        Rejected: a value is wrong.
        Conflict: somebody else has noted something meanwhile.
    """
    _require_keeper(who, station)
    wrong: dict[str, object] = {
        name: _("Please use at most %(number)s characters.", number=FIELD_LONGEST)
        for name in FIELDS[one]
        if len(fields.get(name, "")) > FIELD_LONGEST
    }
    if since is not None and not clock.EARLIEST <= since <= clock.local(now).date():
        wrong["since"] = _("This day has not come yet, or it is too long ago.")
    if state is not OneState.MISSING and not fields.get(FIELDS[one][0], "").strip():
        wrong[FIELDS[one][0]] = _("Please fill this in, or choose that it is missing.")
    if wrong:
        raise Rejected("one_wrong", _("Please look at this again."), wrong)
    newest = next(iter(_standing_of(session, station.id, one).history), None)
    if (str(newest.id) if newest else "") != after:
        raise Conflict(
            "one_changed", _("Somebody else has noted something here meanwhile. Look at it, then save again.")
        )
    kept = {name: fields.get(name, "").strip() for name in FIELDS[one]}
    if newest is not None and (newest.state, newest.since, written_in(newest)) == (state.value, since, kept):
        return newest
    entry = OneEntry(
        station_id=station.id,
        one=one.value,
        state=state.value,
        fields=msgspec.json.encode(kept).decode(),
        since=since,
        at=now,
        by=who.id,
    )
    session.add(entry)
    session.flush()
    audit(
        session,
        who=who,
        action="station.one",
        subject=f"station {station.id}",
        now=now,
        before={"one": one, "state": newest.state if newest else None},
        after={"one": one, "state": state, "since": since, **kept},
    )
    return entry


def add_photograph(
    session: Session,
    folder: Path,
    station: Station,
    data: bytes,
    *,
    one: One | None = None,
    round_id: UUID | None = None,
    who: Person,
    now: datetime,
) -> Photograph:
    """Keep a photograph of one of the five, or of a spot check.

    Raises:
        Forbidden: the station lies outside the person's region.
        Rejected: it is none, it is too large, or there are enough.
    """
    if round_id is None:
        _require_keeper(who, station)
    there = photographs_of(session, station.id, one=one, round_id=round_id)
    if sum(1 for row in there if row.removed_at is None) >= MOST_PHOTOGRAPHS:
        raise Rejected(
            "photographs_enough", _("There are %(number)s photographs already. Remove one.", number=MOST_PHOTOGRAPHS)
        )
    kept = photographs.keep(folder, data)
    same = next((row for row in there if row.digest == kept.digest), None)
    if same is not None:
        same.removed_at = same.removed_by = None
        return same
    row = Photograph(
        station_id=station.id,
        one=one.value if one else "",
        round_id=round_id,
        digest=kept.digest,
        width=kept.width,
        height=kept.height,
        bytes=kept.bytes,
        at=now,
        by=who.id,
    )
    session.add(row)
    session.flush()
    audit(
        session,
        who=who,
        action="photograph.added",
        subject=f"station {station.id}",
        now=now,
        after={"photograph": str(row.id), "one": row.one, "round": str(round_id or ""), "digest": row.digest},
    )
    return row


def remove_photograph(session: Session, row: Photograph, who: Person, now: datetime, *, back: bool = False) -> None:
    """Take a photograph away, or put it back; doing it twice changes nothing."""
    if (row.removed_at is None) is back:
        return
    row.removed_at, row.removed_by = (None, None) if back else (now, who.id)
    action = "photograph.put_back" if back else "photograph.removed"
    audit(session, who=who, action=action, subject=f"photograph {row.id}", now=now)


def photographs_of(
    session: Session, station_id: UUID, *, one: One | None = None, round_id: UUID | None = None
) -> Sequence[Photograph]:
    """The photographs of one of the five, or of a spot check, removed ones too."""
    query = select(Photograph).where(
        Photograph.station_id == station_id,
        Photograph.one == (one.value if one else ""),
        Photograph.round_id == round_id,
    )
    return session.scalars(query.order_by(Photograph.at, Photograph.id)).all()


def photograph_with(session: Session, photograph_id: UUID) -> Photograph:
    """The photograph with this id.

    Raises:
        NotFound: there is none.
    """
    row = session.get(Photograph, photograph_id)
    if row is None:
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    return row


def where_photograph(session: Session, photograph_id: UUID) -> str:
    """The code of the region in which the station lies of which a photograph was taken.

    Raises:
        NotFound: there is none.
    """
    return where_station(session, photograph_with(session, photograph_id).station_id)


def names_of(session: Session, accounts: Iterable[UUID | None]) -> dict[UUID | None, str]:
    """Who did something, by account."""
    wanted = {one for one in accounts if one is not None}
    found = session.execute(select(Account.id, Account.display_name).where(Account.id.in_(wanted)))
    return dict(found.all())


def may_keep(who: Person, station: Station) -> bool:
    """Whether somebody notes what a station has."""
    return who.may(Right.KEEP_RECORD) and who.reaches(station.region_code)


def _require_keeper(who: Person, station: Station) -> None:
    if not who.may(Right.KEEP_RECORD):
        raise Forbidden("no_right", _("Your role may not do this."))
    if not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))


def _standing_of(session: Session, station_id: UUID, one: One) -> Standing:
    return next(found for found in standings(session, station_id) if found.one is one)


def _standing(one: One, entries: Sequence[OneEntry], pictures: Sequence[Photograph]) -> Standing:
    newest = entries[0] if entries else None
    return Standing(
        one=one,
        state=OneState(newest.state) if newest else OneState.MISSING,
        entry=newest,
        fields=written_in(newest) if newest else {},
        photographs=pictures,
        history=entries,
    )


def written_in(entry: OneEntry) -> dict[str, str]:
    """What was written, by the names of its fields."""
    return msgspec.json.decode(entry.fields, type=dict[str, str])

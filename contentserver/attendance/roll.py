"""The page of one session: its roll with what people set right in it, and the ways to set something right or back.

Every way is a form with a reason; a refused one shows the page again with what was typed. Paper rolls: `paper.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, ngettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.attendance import correcting, doubting, service, words
from contentserver.attendance.correcting import Key
from contentserver.attendance.corrections import LONGEST_MINUTE, MOST_PEOPLE, Kind, in_force
from contentserver.attendance.counting import rule_on
from contentserver.attendance.doubts import unpacked
from contentserver.attendance.models import CorrectionRow, SessionRow, SignInRow
from contentserver.attendance.rules import day_counted
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.display import moment
from contentserver.kernel.errors import Forbidden, NotFound, Refusal, Rejected
from contentserver.members import Member, masked, members_by_id, members_found
from contentserver.regions import path_of, subtree_filter
from contentserver.stations import Station, station_named

blueprint = Blueprint("roll", __name__, url_prefix="/sessions", template_folder="templates")
FOUND_AT_MOST = 12
"""Members among whom a guest is looked for; more words find fewer."""
NUMBER_CHARS, WORDS_CHARS = 6, 40


@dataclass(frozen=True, slots=True)
class Name:
    """Who somebody on a roll is, as a page may say it. `station` is empty for those of the session's own station."""

    number: str
    name: str
    station: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """A correction in words, or a paper roll's together: `number` takes it back. `over` says when, by whom and why."""

    number: int
    at: datetime
    by: str
    said: str
    reason: str
    over: str


def session_asked(airing_id: str, station_id: UUID) -> SessionRow:
    """The session of an address.

    Raises:
        NotFound: there is none.
    """
    found = http.db_session().get(SessionRow, (airing_id, station_id)) if airing_id.isprintable() else None
    if found is None:
        raise NotFound("session_unknown", _("There is no such session, or it has not been reported yet."))
    return found


def where_session(_session: Session, airing_id: str, station_id: UUID) -> str:
    """The code of the region in which a session was held.

    Raises:
        NotFound: there is none.
    """
    return session_asked(airing_id, station_id).region_code


scoping.lies(blueprint, "airing_id", "station_id", where=where_session)
scoping.free(blueprint, "number", because="a correction, looked for among those of the session")


def page_of(found: SessionRow, wrong: Mapping[str, object] | None = None) -> str:
    """The page of a session.

    Args:
        wrong: what is wrong with a form that was sent, by the form's name; what was typed stays in it.
    """
    session, key = http.db_session(), (found.airing_id, found.station_id)
    sees = auth.person().may(Right.SEE_MEMBERS)
    guest = request.args.get("guest", "").strip()[:WORDS_CHARS]
    rows = session.scalars(
        select(SignInRow)
        .where(SignInRow.airing_id == key[0], SignInRow.station_id == key[1])
        .order_by(SignInRow.at, SignInRow.member_id)
    ).all()
    corrections = _corrections(session, key)
    names = names_of(session, {row.member_id for row in rows} | {one.member_id for one in corrections}, key[1])
    told = _told(session, corrections, names if sees else None)
    return render_template(
        "attendance/session.html",
        found=found,
        rule=rule_on(session, day_counted(found.planned_start)),
        station=station_named(session, found.station_id),
        path=path_of(session, found.region_code),
        roll=[(row, names.get(row.member_id)) for row in rows] if sees else None,
        told=told,
        told_by_number=_by_number(corrections, told),
        methods=words.METHODS,
        doubts=doubts_in_words(found),
        review=doubting.review_of(session, found),
        phrases=[words.PHRASES.get(code, code) for code in found.phrases.split()],
        missed=words.MISSED,
        missed_otherwise=words.MISSED_OTHERWISE,
        without_box=_without_box(session, key),
        may_correct=sees and auth.person().may(Right.CORRECT_ROLL),
        guest=guest,
        guests_found=_guests_found(session, guest) if sees and guest else [],
        wrong=wrong or {},
        typed=request.form,
        longest=LONGEST_MINUTE,
        most_people=MOST_PEOPLE,
    )


@blueprint.post("/<airing_id>/<uuid:station_id>/corrections")
@auth.require(Right.CORRECT_ROLL, Right.SEE_MEMBERS)
def correct(airing_id: str, station_id: UUID) -> ResponseReturnValue:
    """Set something right; which form was sent stands in `form`."""
    found = session_asked(airing_id, station_id)
    asked = request.form.get("form", "")
    if asked not in FORMS:
        raise Rejected("form_unknown", _("Something is missing in this form. Load the page again and repeat."))
    try:
        sentence = FORMS[asked](http.db_session(), (airing_id, station_id), auth.person(), http.now())
    except Forbidden:
        raise
    except Refusal as error:
        return page_of(found, {asked: error.sentence}), http.status_of(error)
    flash(sentence)
    return redirect(_address(airing_id, station_id))


@blueprint.post("/<airing_id>/<uuid:station_id>/corrections/<int:number>/back")
@auth.require(Right.CORRECT_ROLL, Right.SEE_MEMBERS)
def take_back(airing_id: str, station_id: UUID, number: int) -> ResponseReturnValue:
    """Undo a correction by another one."""
    found = session_asked(airing_id, station_id)
    reason, key = request.form.get("reason", ""), (airing_id, station_id)
    try:
        correcting.take_back(http.db_session(), key, number, reason, auth.person(), http.now())
    except Forbidden:
        raise
    except Refusal as error:
        return page_of(found, {f"back-{number}": error.sentence}), http.status_of(error)
    flash(gettext("The correction is taken back; both are kept."))
    gone = http.db_session().get(SessionRow, key) is None
    return redirect(url_for("attendance.index") if gone else _address(airing_id, station_id))


def _add(session: Session, key: Key, who: Person, now: datetime) -> str:
    minutes = (_number("from_minute"), _number("to_minute"))
    correcting.add_member(session, key, _text("number", NUMBER_CHARS), _text("reason"), who, now, minutes=minutes)
    return str(gettext("They are on the roll. The numbers are computed anew."))


def _take_off(session: Session, key: Key, who: Person, now: datetime) -> str:
    correcting.take_off(session, key, _text("member"), _text("reason"), who, now)
    return str(gettext("They are off the roll. What the box wrote down is kept."))


def _left(session: Session, key: Key, who: Person, now: datetime) -> str:
    correcting.left_early(session, key, _text("member"), _number("minute"), _text("reason"), who, now)
    return str(gettext("It is noted when they went. Their hours are computed anew."))


def _counted(session: Session, key: Key, who: Person, now: datetime) -> str:
    correcting.count_heads(session, key, _number("people"), _text("reason"), who, now)
    return str(gettext("The head count is set. What was counted at the television is kept."))


def _guest(session: Session, key: Key, who: Person, now: datetime) -> str:
    correcting.name_guest(session, key, _text("member"), _text("reason"), who, now)
    return str(gettext("The guest has a name now: one guest less, one more who came."))


FORMS: Mapping[str, Callable[[Session, Key, Person, datetime], str]] = {
    "add": _add,
    "take_off": _take_off,
    "left": _left,
    "counted": _counted,
    "guest": _guest,
}


def doubts_in_words(row: SessionRow) -> list[LazyString]:
    """Why somebody should ask in the village."""
    return [words.DOUBTS[one] for one in sorted(unpacked(row.doubts))]


def names_of(session: Session, ids: set[str], station_id: UUID) -> dict[str, Name]:
    """Masked names by id; of people of other stations with the station."""
    known = members_by_id(session, ids)
    elsewhere = {member.station_id for member in known.values()} - {station_id}
    stations = dict(session.execute(select(Station.id, Station.name).where(Station.id.in_(elsewhere))).all())
    return {key: _name(member, stations.get(member.station_id, "")) for key, member in known.items()}


def _name(member: Member, station: str) -> Name:
    return Name(number=member.number, name=masked(member.name), station=station)


def _guests_found(session: Session, typed: str) -> list[tuple[str, Name]]:
    stations = select(Station.id).where(subtree_filter(Station.region_code, auth.person().region_code))
    members = session.scalars(members_found(stations, typed).where(Member.active).limit(FOUND_AT_MOST)).all()
    names = dict(
        session.execute(select(Station.id, Station.name).where(Station.id.in_({m.station_id for m in members}))).all()
    )
    return [(str(member.id), _name(member, names[member.station_id])) for member in members]


def _corrections(session: Session, key: Key) -> list[CorrectionRow]:
    rows = select(CorrectionRow).where(CorrectionRow.airing_id == key[0], CorrectionRow.station_id == key[1])
    return list(session.scalars(rows.order_by(CorrectionRow.number)))


def _without_box(session: Session, key: Key) -> bool:
    return any(one.kind is Kind.HELD for one in in_force(service.corrections_of(session, *key)))


def _told(session: Session, rows: list[CorrectionRow], names: Mapping[str, Name] | None) -> list[Told]:
    """The corrections in words, the newest first; those of one paper roll stand together."""
    people = select(Account.id, Account.display_name).where(Account.id.in_({row.by for row in rows}))
    who = dict(session.execute(people).all())
    ended = {row.revokes: row for row in rows if row.revokes}
    sheets: dict[int, list[CorrectionRow]] = {}
    for row in rows:
        if row.kind != Kind.REVOKED:
            sheets.setdefault(row.sheet or -row.number, []).append(row)
    found = []
    for several in sheets.values():
        first, over = several[0], [ended[row.number] for row in several if row.number in ended]
        last = over[-1] if len(over) == len(several) else None
        over_words = (
            gettext("taken back on %(moment)s by %(who)s: %(why)s", **_moment_of(last, who)) if last is not None else ""
        )
        said = str(words.correction(several, names))
        found.append(Told(first.number, first.at, who[first.by], said, first.reason, over_words))
    return found[::-1]


def _moment_of(row: CorrectionRow, who: Mapping[UUID, str]) -> dict[str, str]:
    return {"moment": moment(row.at), "who": who[row.by], "why": row.reason}


def _by_number(rows: list[CorrectionRow], told: list[Told]) -> dict[int, Told]:
    """The words of a correction by the number that a line of the roll carries."""
    by_first = {one.number: one for one in told}
    return {row.number: by_first[row.sheet or row.number] for row in rows if row.kind != Kind.REVOKED}


def _text(name: str, most: int = correcting.REASON_CHARS) -> str:
    return "".join(filter(str.isprintable, request.form.get(name, ""))).strip()[:most]


def _number(name: str) -> int | None:
    """A number of a form; None where nothing is typed.

    Raises:
        Rejected: something is typed that is no number.
    """
    typed = request.form.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= NUMBER_CHARS):
        raise Rejected("number_wrong", _("“%(typed)s” is no number.", typed=typed[:20]))
    return int(typed)


def _address(airing_id: str, station_id: UUID) -> str:
    return url_for("attendance.one", airing_id=airing_id, station_id=station_id)


def kept_in_words(number: int) -> str:
    """How many came onto the roll by a paper roll."""
    return str(ngettext("%(num)s person is on the roll by it.", "%(num)s people are on the roll by it.", number))

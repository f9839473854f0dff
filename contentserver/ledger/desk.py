"""Pages on which entries are written, set right, noted, taken out. What is typed is kept as a draft at once."""

from collections.abc import Callable, Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.bylaws import InForce
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Rejected
from contentserver.ledger import drafting, history, kinds, rules, service, words
from contentserver.ledger.drafting import Picture, Typed
from contentserver.ledger.models import LedgerDraft
from contentserver.ledger.rules import KindOfEntry
from contentserver.ledger.views import entry_page, folder, this_month, today
from contentserver.stations import Station, station_named, where_station
from contentserver.timetable import holiday_table

blueprint = Blueprint("ledger_desk", __name__, url_prefix="/ledger", template_folder="templates")
scoping.lies(blueprint, "station_id", where=where_station)
scoping.lies(blueprint, "entry_id", where=service.where_entry)
scoping.free(blueprint, "kind", because="a kind of entry; which there are depends on the station, which is asked about")
AT_ONCE = 6
"""Files of one field."""
BYTES_MAX = 12_000_000
KEEP, AUTO, DRAFT, PICTURES, DISCARD, REMOVE = "keep", "auto", "draft", "photographs", "discard", "remove:"


@blueprint.route("/stations/<uuid:station_id>/write/<kind>", methods=["GET", "POST"])
@auth.require(Right.KEEP_RECORD)
def write(station_id: UUID, kind: str) -> ResponseReturnValue:
    """Write an entry: a form that is kept while it is filled in."""
    session, who = http.db_session(), auth.person()
    station = station_named(session, station_id)
    found = kinds.KINDS.one(session, station.region_code, kind)
    if not found.law.typed:
        raise Forbidden("kind_arises", _("Entries of this kind arise by themselves."))
    if request.method == "GET":
        return _write_page(station, found, None, _faults(station, found) if "look" in request.args else {})
    typed, does = _typed(found.law), request.form.get("do", KEEP)
    try:
        if does == DISCARD:
            return _discard(station, kind)
        draft = drafting.keep_draft(session, station, kind, typed, who, http.now())
        if does.startswith(REMOVE):
            _remove_from_draft(draft, does.removeprefix(REMOVE))
        elif does != AUTO:
            drafting.add_pictures(session, folder(), _brought(), who=who, now=http.now(), draft=draft)
    except Rejected as error:
        if http.wants_json():
            raise
        session.rollback()
        return _write_page(station, found, typed, error.fields or {"": error.sentence}), http.status_of(error)
    if does == AUTO:
        return "", 204
    if does != KEEP:
        flash(_("It is kept as a draft.") if does == DRAFT else _("The photographs are kept with the draft."))
        return redirect(url_for("ledger_desk.write", station_id=station_id, kind=kind, _anchor="pictures"))
    try:
        row = service.write(session, station, found, typed, who, http.now(), holiday_table(session))
    except Rejected:
        if http.wants_json():
            raise
        # what was typed stays as a draft; a page that is loaded again shows it with what is wrong, and sends nothing
        return redirect(url_for("ledger_desk.write", station_id=station_id, kind=kind, look="1"))
    flash(_("It stands in the book."))
    return redirect(url_for("ledger.station", station_id=station_id, month=words.month(row.month), _anchor=str(row.id)))


@blueprint.route("/entries/<uuid:entry_id>/correct", methods=["GET", "POST"])
@auth.require(Right.KEEP_RECORD)
def correct(entry_id: UUID) -> ResponseReturnValue:
    """Set an entry right, with a reason; what it said before stays in its history."""
    session, who = http.db_session(), auth.person()
    row = service.entry_with(session, entry_id)
    kind = kinds.KINDS.named(session, row.kind, row.version, row.region_code)
    if request.method == "GET":
        return _correct_page(entry_id, _as_typed(kind, entry_id), "", {})
    typed, why = _typed(kind), request.form.get("why", "")
    try:
        service.correct(
            session,
            row,
            typed,
            why=why,
            saved=request.form.get("saved", ""),
            without=_without(),
            brought=_brought(),
            folder=folder(),
            who=who,
            now=http.now(),
            calendar=holiday_table(session),
        )
    except (Rejected, Conflict) as error:
        if http.wants_json():
            raise
        session.rollback()
        return _correct_page(entry_id, typed, why, error.fields or {"": error.sentence}), http.status_of(error)
    flash(_("It is set right; what it said before stays in its history."))
    return redirect(url_for("ledger.entry", entry_id=entry_id))


@blueprint.post("/entries/<uuid:entry_id>/note")
@auth.require(Right.KEEP_RECORD)
def note(entry_id: UUID) -> ResponseReturnValue:
    """Add a note to an entry, also to one that arose by itself."""
    session = http.db_session()
    return _done(
        entry_id,
        lambda: service.annotate(
            session,
            service.entry_with(session, entry_id),
            request.form.get("note", ""),
            auth.person(),
            http.now(),
            holiday_table(session),
        ),
    )


@blueprint.post("/entries/<uuid:entry_id>/removal")
@auth.require(Right.KEEP_RECORD)
def remove(entry_id: UUID) -> ResponseReturnValue:
    """Take an entry out of the book with a reason, or put it back."""
    session = http.db_session()
    return _done(
        entry_id,
        lambda: service.remove(
            session,
            service.entry_with(session, entry_id),
            request.form.get("why", ""),
            auth.person(),
            http.now(),
            holiday_table(session),
            back=request.form.get("do") == "back",
        ),
    )


def _done(entry_id: UUID, change: Callable[[], None]) -> ResponseReturnValue:
    session = http.db_session()
    try:
        change()
    except Refusal as error:
        if http.wants_json() or isinstance(error, NotFound):
            raise
        session.rollback()
        errors = error.fields or {"": error.sentence}
        return render_template("ledger/entry.html", **entry_page(session, entry_id), errors=errors), http.status_of(
            error
        )
    flash(_("It is kept; what it said before stays in its history."))
    return redirect(url_for("ledger.entry", entry_id=entry_id))


def _faults(station: Station, kind: InForce[KindOfEntry]) -> Mapping[str, object]:
    """What is wrong with the draft as it is now."""
    session = http.db_session()
    draft = drafting.draft_of(session, station.id, kind.code, auth.person())
    return drafting.faults_of(session, draft, kind.law, http.now()) if draft else {}


def _write_page(station: Station, kind: InForce[KindOfEntry], typed: Typed | None, errors: Mapping[str, object]) -> str:
    session, who = http.db_session(), auth.person()
    draft = drafting.draft_of(session, station.id, kind.code, who)
    offered = service.offered(session, station.id, kind)
    if typed is None:
        typed = drafting.typed_in(draft) if draft else _as_last_time(kind, offered)
    pictures = drafting.pictures_of_draft(session, draft) if draft else ()
    return render_template(
        "ledger/write.html",
        station=station,
        kind=kind.law,
        code=kind.code,
        typed=typed,
        draft=draft,
        offered=offered,
        pictures=[one for one in pictures if not one.signature],
        signed=[one for one in pictures if one.signature],
        errors=errors,
        today=today(),
        closes_on=history.closes_on(this_month(), holiday_table(session)),
        words=words,
    )


def _correct_page(entry_id: UUID, typed: Typed, why: str, errors: Mapping[str, object]) -> str:
    shown = entry_page(http.db_session(), entry_id)
    return render_template("ledger/correct.html", **shown, typed=typed, why=why, errors=errors, today=today())


def _as_last_time(kind: InForce[KindOfEntry], offered: Mapping[str, list[str]]) -> Typed:
    again = {one.name: offered[one.name][0] for one in kind.law.fields if one.again and offered.get(one.name)}
    return Typed(today().isoformat(), again)


def _as_typed(kind: KindOfEntry, entry_id: UUID) -> Typed:
    row = service.entry_with(http.db_session(), entry_id)
    values = history.values_of(row)
    return Typed(
        row.day.isoformat(),
        {one.name: words.typed(one, values.get(one.name, "")) for one in kind.fields},
        row.signers,
    )


def _typed(kind: KindOfEntry) -> Typed:
    sent = request.form
    return Typed(
        sent.get("day", "").strip(),
        {one.name: sent.get(one.name, "") for one in kind.fields},
        rules.clean(sent.get("signers", ""), lines=True),
    )


def _brought() -> list[Picture]:
    found = []
    for name in ("photographs", "signatures"):
        files = [file for file in request.files.getlist(name) if file.filename]
        if len(files) > AT_ONCE:
            sentence = _("Choose at most %(number)s photographs at once.", number=AT_ONCE)
            raise Rejected("photographs_many", sentence, {name: sentence})
        found += [Picture(file.read(BYTES_MAX + 1), file.filename or "", name == "signatures") for file in files]
    return found


def _without() -> frozenset[UUID]:
    return frozenset(filter(None, map(_uuid, request.form.getlist("without"))))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _remove_from_draft(draft: LedgerDraft, named: str) -> None:
    session = http.db_session()
    for one in drafting.pictures_of_draft(session, draft):
        if str(one.id) == named:
            session.delete(one)
            session.flush()
            return
    raise Rejected("photograph_unknown", _("There is no such photograph."))


def _discard(station: Station, kind: str) -> ResponseReturnValue:
    session = http.db_session()
    if (draft := drafting.draft_of(session, station.id, kind, auth.person())) is not None:
        drafting.throw_away(session, draft)
    flash(_("The draft was thrown away."))
    return redirect(url_for("ledger.station", station_id=station.id))

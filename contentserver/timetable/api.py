"""JSON of the timetable: layers for boxes that MQTT does not reach; for editors the week, edits, live delivery.

Edits and their meaning: `edits.py`; the week: `grid.py`. Words are the person's language's.
"""

import time
from collections.abc import Iterator
from datetime import date, timedelta
from threading import BoundedSemaphore
from typing import TypeVar

import msgspec
from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.db import Database
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.regions import region_asked, region_named
from contentserver.timetable import copying, grid, publishing, rules, service, words
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.plans import Change
from contentserver.timetable.programmes import lessons_with
from contentserver.timetable.rules import Verdict
from contentserver.timetable.schemas import ClashAnswer, CopyRequest, EditRequest, UndoRequest, VerdictAnswer
from contentserver.timetable.service import DraftMovedOn, EditRefused
from schedules.conflicts import Clash
from schedules.layers import region_layer

blueprint = Blueprint("timetable_api", __name__, url_prefix="/api/v1")
scoping.decided(blueprint, "code", by=region_asked)
scoping.free(blueprint, "layer_id", because="boxes ask, and what is published is for every box")
STREAMS_AT_ONCE = 6
"""Of one process: each holds a thread, and pages that get none ask every few seconds instead."""
STREAM_FOR = timedelta(minutes=10)
STREAM_LOOKS_EVERY_S = 0.5
STREAM_BEATS_EVERY_S = 2.0
"""A page that was left is noticed by writing to it alone; until then it holds one of the few streams."""
_streams = BoundedSemaphore(STREAMS_AT_ONCE)
_T = TypeVar("_T")


@blueprint.get("/layers/<layer_id>")
def layer(layer_id: str) -> ResponseReturnValue:
    """The newest signed revision of a layer."""
    auth.require_box()
    newest = publishing.newest_revision(http.db_session(), layer_id)
    if newest is None:
        raise NotFound("layer_unknown", _("This layer has never been published."))
    return Response(newest.jws, content_type="application/jose")


@blueprint.get("/timetable/<code>/week")
@auth.require()
def week(code: str) -> ResponseReturnValue:
    """A week as a region sees it (`grid.Week`)."""
    monday = rules.monday_of(_day(request.args.get("week")))
    return _json(grid.week_of(http.db_session(), code, monday, auth.person(), http.now()))


@blueprint.post("/timetable/<code>/edits")
@auth.require(Right.SCHEDULE)
def edit(code: str) -> ResponseReturnValue:
    """Make an edit, or only judge it: 200 with what to know, 409 where the draft moved on, 422 where it is refused."""
    session, asked = http.db_session(), _body(EditRequest)
    record = service.layer_of(session, code)
    if asked.dry:
        verdict, _document = service.judge(session, record, asked.edit, http.now())
        session.rollback()
        return _json(_answer(verdict, 0))
    try:
        verdict = service.edit(session, record, asked.edit, auth.person(), http.now(), version=asked.version)
    except EditRefused as error:
        return _json(_answer(error.verdict, record.draft_version), 422)
    except DraftMovedOn as error:
        return _json(_moved_on(session, error, record), 409)
    return _json(_answer(verdict, record.draft_version, said=_said(session, record)))


@blueprint.post("/timetable/<code>/undo")
@auth.require(Right.SCHEDULE)
def undo(code: str) -> ResponseReturnValue:
    """Take the newest edit back."""
    session, asked = http.db_session(), _body(UndoRequest)
    record = service.layer_of(session, code)
    try:
        service.undo(session, record, auth.person(), http.now(), version=asked.version)
    except DraftMovedOn as error:
        return _json(_moved_on(session, error, record), 409)
    return _json(VerdictAnswer(version=record.draft_version, said=str(words.ACTIONS["undo"])))


@blueprint.post("/timetable/<code>/copy")
@auth.require(Right.SCHEDULE)
def copy(code: str) -> ResponseReturnValue:
    """Copy a week of the region's layer to another week, or into the layers of other regions."""
    session, asked = http.db_session(), _body(CopyRequest)
    for region in asked.regions:
        region_named(session, region)
        auth.require_scope(region)
    try:
        copied = copying.copy_week(
            session, code, asked.week, asked.to, asked.regions or (code,), auth.person(), http.now()
        )
    except EditRefused as error:
        return _json(_answer(error.verdict, 0), 422)
    return {"slots": copied}


@blueprint.get("/timetable/<code>/stream")
@auth.require()
def stream(code: str) -> ResponseReturnValue:
    """Server-sent events: the delivery of the layer's newest revision, at once and whenever it changes."""
    if not _streams.acquire(blocking=False):
        raise StreamsTaken
    database: Database = current_app.extensions["database"]
    answer = Response(_deliveries(database, region_layer(code)), content_type="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(_streams.release)
    return answer


class StreamsTaken(Rejected):
    """Too many live streams; the page asks again and again instead."""

    def __init__(self) -> None:
        super().__init__("streams_taken", _("Live updates are busy; this page asks every few seconds instead."))


def _deliveries(database: Database, layer_id: str) -> Iterator[bytes]:
    ends, beat_at, last = clock.now() + STREAM_FOR, 0.0, b""
    while clock.now() < ends:
        with database.reader() as session:
            state = delivery_state(session, layer_id)
        data = msgspec.json.encode(state)
        if data != last or time.monotonic() >= beat_at:
            last, beat_at = data, time.monotonic() + STREAM_BEATS_EVERY_S
            yield b"event: delivery\ndata: " + data + b"\n\n"
        time.sleep(STREAM_LOOKS_EVERY_S)


def delivery_state(session: Session, layer_id: str) -> dict[str, object]:
    """How a layer stands, as programs read it."""
    record = session.get(LayerRecord, layer_id)
    if record is None:
        return {"revision": 0, "changed": False, "waiting": False, "boxes": 0, "stored": 0, "applied": 0, "draft": 0}
    found = publishing.delivery(session, record)
    return {
        "revision": record.revision,
        "changed": record.changed,
        "waiting": record.submitted_version is not None,
        "boxes": found.followers,
        "stored": found.stored,
        "applied": found.applied,
        "draft": record.draft_version,
    }


def _answer(verdict: Verdict, version: int, said: str = "") -> VerdictAnswer:
    return VerdictAnswer(
        code=verdict.faults[0].value if verdict.faults else "",
        sentences=tuple(str(service.FAULT_SENTENCES[fault]) for fault in verdict.faults),
        clashes=tuple(map(_clash, verdict.clashes)),
        elsewhere=tuple(map(_clash, verdict.elsewhere)),
        next_free=verdict.next_free and grid.naive(verdict.next_free),
        version=version,
        said=said,
    )


def _clash(clash: Clash) -> ClashAnswer:
    return ClashAnswer(
        wanted=clash.wanted.lesson.title,
        title=clash.standing.lesson.title,
        rank=str(words.RANK_NAMES[clash.standing.rank]),
        start=grid.naive(clash.standing.start),
        end=grid.naive(clash.standing.end),
    )


def _moved_on(session: Session, error: DraftMovedOn, record: LayerRecord) -> VerdictAnswer:
    by = session.get(Account, error.by) if error.by else None
    return VerdictAnswer(
        code=error.code,
        sentences=(str(error.sentence),),
        version=record.draft_version,
        changes=tuple(sentences_of(session, error.changes)),
        by=by.display_name if by else "",
    )


def sentences_of(session: Session, changes: tuple[Change, ...]) -> list[str]:
    """Differences in words, with the titles of their lessons."""
    ids = {lesson for change in changes for lesson in _lessons(change)}
    titles = {key: episode.lesson.title for key, episode in lessons_with(session, ids).episodes.items()}
    return words.sentences(changes, titles)


def _lessons(change: Change) -> Iterator[str]:
    yield change.lesson
    for slot in (change.before, change.after):
        yield from slot.lessons if slot else ()
    if change.now:
        yield change.now.lesson


def _said(session: Session, record: LayerRecord) -> str:
    newest = service.undoable(session, record)
    return f"{words.ACTIONS.get(newest.action, newest.action)}: {newest.subject}" if newest else ""


def _body(kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(request.get_data(), type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Rejected("body_unreadable", str(error)[:200]) from error


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return clock.local(http.now()).date()


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status=status, content_type="application/json")

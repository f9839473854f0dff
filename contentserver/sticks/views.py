"""Pages: make a stick for some stations, bring a journal back from one."""

from collections.abc import Sequence
from urllib.parse import quote

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import auth, clock, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.pagination import cut
from contentserver.regions import parents_named
from contentserver.stations import Station, station_named, stations_in
from contentserver.sticks import bringing, image, service
from contentserver.sticks.bringing import Brought
from contentserver.sticks.rules import Content
from contentserver.sticks.schemas import JournalForm, LoadQuery, load_query
from contentserver.sticks.service import Load

blueprint = Blueprint("sticks", __name__, url_prefix="/sticks", template_folder="templates")
SHOWN = 30
"""Stations on one page; more are found by their names."""


@blueprint.get("")
@auth.require(Right.CLAIM_BOX)
def index() -> ResponseReturnValue:
    return _index_page(JournalForm())


@blueprint.get("/lessons")
@auth.require(Right.CLAIM_BOX)
def lessons() -> ResponseReturnValue:
    """What the chosen stations need, and how large it is."""
    query = load_query(request.args)
    load = _load(http.db_session(), query)
    fitting = next((one for one in Content if load.chosen(one)), Content.MISSING)
    return render_template(
        "sticks/lessons.html", load=load, contents=_contents(load), chosen=query.content or fitting, Content=Content
    )


@blueprint.post("/image")
@auth.require(Right.CLAIM_BOX)
def make() -> ResponseReturnValue:
    """The ZIP to be unpacked onto the stick."""
    session, query = http.db_session(), load_query(request.form)
    load, content = _load(session, query), query.content or Content.MISSING
    made = image.image_of(session, load, content, current_app.extensions["services"].store, http.now())
    for station in load.stations:
        audit(
            session,
            who=auth.person(),
            action="stick.made",
            subject=f"station {station.id}",
            now=http.now(),
            after={"content": content.value, "lessons": made.lessons, "bytes": made.bytes},
        )
    name = f"yuanjiao-{load.stations[0].name}-{clock.local(http.now()):%Y%m%d}.zip"
    return Response(
        iter(made.archive),
        mimetype="application/zip",
        headers={
            "Content-Length": str(made.bytes),
            "Content-Disposition": f"attachment; filename=yuanjiao.zip; filename*=UTF-8''{quote(name)}",
        },
    )


@blueprint.post("/journals")
@auth.require(Right.CLAIM_BOX)
def journals() -> ResponseReturnValue:
    """Take in what was brought; each file for itself, so that one bad file costs only itself."""
    form = JournalForm()
    if not http.require_valid(form):
        return _index_page(form), 422
    key_file = current_app.extensions["services"].settings.journal_key_file
    if not key_file.exists():
        raise Rejected("no_journal_key", _("This server has no key for journals: contentserver admin init makes it."))
    session, private_key = http.db_session(), key_file.read_text()
    brought: list[Brought] = []
    refused: list[tuple[str, str]] = []
    for file in form.files.data:
        try:
            with session.begin_nested():
                brought.append(bringing.bring(session, file.read(), private_key, auth.person(), http.now()))
        except Refusal as error:
            refused.append((file.filename or "?", str(error.sentence)))
    return render_template("sticks/brought.html", brought=bringing.together(brought), refused=refused)


def _load(session: Session, query: LoadQuery) -> Load:
    if not query.stations:
        raise Rejected("no_station", _("Choose at least one station."))
    stations = [station_named(session, one) for one in query.stations]
    for station in stations:
        auth.require_scope(station.region_code)
    return service.load_for(session, stations, current_app.extensions["services"].store, http.now())


def _contents(load: Load) -> list[tuple[Content, str, int, int]]:
    """What could be carried: choice, words, lessons, bytes; nothing that says the same twice."""
    words = {
        Content.MISSING: _("What is missing, in the smallest size"),
        Content.MISSING_WHOLE: _("What is missing, in every size"),
        Content.PLANNED: _("Everything planned, in the smallest size"),
        Content.PLANNED_WHOLE: _("Everything planned, in every size"),
    }
    return [(one, words[one], len(load.chosen(one)), load.bytes_for(one)) for one in Content]


def _index_page(form: JournalForm) -> str:
    session, words = http.db_session(), request.args.get("q", "").strip()[:40]
    found: Sequence[Station] = [one for one in stations_in(session, auth.person().region_code) if words in one.name]
    page = cut(found, request.args.get("page", 1, int), SHOWN)
    places = parents_named(session, [station.region_code for station in page.rows])
    return render_template("sticks/index.html", page=page, words=words, places=places, form=form)

"""Pages: what may be asked of one box from afar, and the help that somebody at the television has agreed to."""

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.boxes import Box, where_box
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.stations import Station
from contentserver.support import keeping, rules, service, words
from contentserver.support.models import CommandRow, HelpRow
from contentserver.support.rules import CommandState, HelpPhase
from contentserver.support.schemas import USUAL_VOLUME, CommandForm, HelpForm
from schedules.wire.messages import SetVolume
from schedules.wire.signing import Signer

blueprint = Blueprint("support", __name__, url_prefix="/support", template_folder="templates")
scoping.lies(blueprint, "box_id", where=where_box)
scoping.lies(blueprint, "command_id", where=service.where_command)
scoping.lies(blueprint, "help_id", where=service.where_command)


def panel_of(box_id: int) -> dict[str, object]:
    """What `support/panel.html` shows of a box to the signed-in person; without the right, nothing but `may`."""
    session, who = http.db_session(), auth.person_or_none()
    box, station = service.box_and_place(session, box_id)
    if who is None or not who.may(Right.OPERATE_BOX) or not who.reaches(station.region_code):
        return {"may": False}
    rows = service.last_commands(session, box_id)
    return {
        "may": True,
        "box": box,
        "commands": rows,
        "names": service.names_of(session, rows),
        "lively": any(_waited_for(row) for row in rows),
        "volume": next((_percent(row) for row in rows if row.kind == "set_volume"), USUAL_VOLUME),
        "help": service.open_help(session, box_id, http.now()),
        "form": HelpForm(formdata=None),
        "has": {row.id: _has(row) for row in rows},
        "phases": {row.id: service.phase_of(row, http.now()) for row in rows if row.help},
        "words": words,
    }


@blueprint.get("/boxes/<int:box_id>")
@auth.require(Right.OPERATE_BOX)
def box(box_id: int) -> ResponseReturnValue:
    """The panel as a page of its own."""
    found, station = _box(box_id)
    return render_template("support/box.html", box=found, station=station)


@blueprint.get("/boxes/<int:box_id>/commands")
@auth.require(Right.OPERATE_BOX)
def commands(box_id: int) -> ResponseReturnValue:
    """The list alone, which renews itself while something is waited for."""
    return render_template("support/commands.html", panel=panel_of(box_id))


@blueprint.post("/boxes/<int:box_id>/commands")
@auth.require(Right.OPERATE_BOX)
def ask(box_id: int) -> ResponseReturnValue:
    """Ask something of a box."""
    found, _station = _box(box_id)
    form = CommandForm()
    body = form.body() if http.require_valid(form) else None
    if body is None:
        raise Rejected("command_wrong", _("Choose what the box should do; the volume goes from 0 to 100."))
    service.ask(http.db_session(), found, body, auth.person(), _signer(), http.now())
    flash(_("%(what)s: the box is asked now. Its answer stands in the list.", what=words.KIND_NAMES[form.kind.data]))
    return redirect(_back(box_id))


@blueprint.post("/boxes/<int:box_id>/helps")
@auth.require(Right.OPERATE_BOX)
def offer(box_id: int) -> ResponseReturnValue:
    """Ask at the television whether somebody may help."""
    found, station = _box(box_id)
    form = HelpForm()
    if not http.require_valid(form):
        return render_template("support/offer.html", box=found, station=station, form=form), 422
    row = service.offer_help(
        http.db_session(), found, form.reason.data, form.minutes.data, auth.person(), _signer(), http.now()
    )
    return redirect(url_for("support.help_page", help_id=row.id))


@blueprint.get("/helps/<uuid:help_id>")
@auth.require(Right.OPERATE_BOX)
def help_page(help_id: UUID) -> ResponseReturnValue:
    """One help: the question, the screen, and how it ended."""
    row, given, found, station = _help(help_id)
    phase, now = service.phase_of(row, http.now()), http.now()
    over = rules.overdue(service.as_help(row), now)
    return render_template(
        "support/help.html",
        row=row,
        given=given,
        box=found,
        station=station,
        phase=phase.value,
        name=service.names_of(http.db_session(), [row])[row.asked_by],
        own=row.asked_by == auth.person().id,
        left=_left(given),
        ended_at=given.ended_at or (over[1] if over else None),
        ended_words=words.ENDED_NAMES.get(given.ended_by or (over[0] if over else "")),
        why=words.DETAIL_NAMES.get(row.detail, ""),
        failed=words.STATE_NAMES[CommandState(row.state)],
        picture=_picture_tag(row),
        keys=words.KEY_NAMES,
    )


@blueprint.get("/helps/<uuid:help_id>/now")
@auth.require(Right.OPERATE_BOX)
def help_now(help_id: UUID) -> ResponseReturnValue:
    """How the help stands, for a page that asks every second; 304 where nothing is new."""
    row, given, _box_there, _station = _help(help_id)
    stands = {
        "phase": service.phase_of(row, http.now()).value,
        "picture": _picture_tag(row) if row.asked_by == auth.person().id else "",
        "left": -(-max(0, int(_left(given).total_seconds())) // 60),
    }
    data = msgspec.json.encode(stands)
    response = Response(data, content_type="application/json")
    response.set_etag(hashlib.sha256(data).hexdigest()[:16])
    return response.make_conditional(request)


@blueprint.post("/helps/<uuid:help_id>/keys")
@auth.require(Right.OPERATE_BOX)
def press(help_id: UUID) -> ResponseReturnValue:
    """Press a key of the television's remote."""
    row, _given, _box_there, _station = _help(help_id)
    service.press_key(http.db_session(), row, request.form.get("key", ""), auth.person(), _signer(), http.now())
    if http.wants_json():
        return Response(status=204)
    return redirect(url_for("support.help_page", help_id=help_id, _anchor="remote"))


@blueprint.post("/helps/<uuid:help_id>/end")
@auth.require(Right.OPERATE_BOX)
def end(help_id: UUID) -> ResponseReturnValue:
    """End the help, or take the question back."""
    row, _given, _box_there, _station = _help(help_id)
    service.end_help(http.db_session(), row, auth.person(), _signer(), http.now())
    return redirect(url_for("support.help_page", help_id=help_id))


@blueprint.get("/commands/<uuid:command_id>/picture")
@auth.require(Right.OPERATE_BOX)
def picture(command_id: UUID) -> ResponseReturnValue:
    """The newest picture of a screen that came; of a help, to the helper alone."""
    row = _command(command_id)
    if row.help is not None:
        service.require_own(row, auth.person())
    return _file(row, keeping.PICTURE)


@blueprint.get("/commands/<uuid:command_id>/log")
@auth.require(Right.OPERATE_BOX)
def log(command_id: UUID) -> ResponseReturnValue:
    """The program's log, as a file."""
    return _file(_command(command_id), keeping.LOG)


def _box(box_id: int) -> tuple[Box, Station]:
    return service.box_and_place(http.db_session(), box_id)


def _command(command_id: UUID) -> CommandRow:
    return service.command_with(http.db_session(), command_id)


def _help(help_id: UUID) -> tuple[CommandRow, HelpRow, Box, Station]:
    row, given = service.help_with(http.db_session(), help_id)
    return row, given, *_box(row.box_id)


def _file(row: CommandRow, name: str) -> Response:
    file = keeping.kept(_folder(), row.id, name)
    if file is None:
        raise NotFound("not_here", _("Nothing has come from the television, or it was removed after 30 days."))
    is_log = name == keeping.LOG
    response = send_file(
        file.resolve(),
        mimetype="text/plain; charset=utf-8" if is_log else "image/jpeg",
        as_attachment=is_log,
        download_name=f"box-{row.box_id}-{row.asked_at:%Y%m%d-%H%M}.txt" if is_log else None,
        conditional=True,
        etag=keeping.tag_of(_folder(), row.id, name),
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _has(row: CommandRow) -> str:
    """`picture` or `log` where one has come under the command."""
    if row.kind == "take_screenshot" and keeping.kept(_folder(), row.id, keeping.PICTURE):
        return "picture"
    return "log" if row.kind == "send_logs" and keeping.kept(_folder(), row.id, keeping.LOG) else ""


def _waited_for(row: CommandRow) -> bool:
    if row.help is not None:
        return service.phase_of(row, http.now()) in (HelpPhase.ASKED, HelpPhase.LASTS)
    return row.state in rules.OPEN


def _percent(row: CommandRow) -> int:
    return msgspec.json.decode(row.body, type=SetVolume).percent


def _left(given: HelpRow) -> timedelta:
    return max(timedelta(), given.ends_at - http.now()) if given.ends_at else timedelta(minutes=given.minutes)


def _picture_tag(row: CommandRow) -> str:
    return keeping.tag_of(_folder(), row.id, keeping.PICTURE)


def _signer() -> Signer:
    signer: Signer = current_app.extensions["services"].signer
    return signer


def _folder() -> Path:
    return keeping.folder_of(current_app.extensions["services"].settings.data_dir)


def _back(box_id: int) -> str:
    """The page from which something was asked, at its section."""
    came = http.local_path(request.referrer) if request.referrer else url_for("support.box", box_id=box_id)
    return f"{came}#from-afar"

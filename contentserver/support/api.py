"""Commands by HTTP, for boxes: what is to be done, what became of it, and the pictures and logs that belong to it."""

from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.boxes import box_of_request
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Rejected
from contentserver.support import delivering, keeping, rules
from schedules.wire.messages import Commands, Reply

blueprint = Blueprint("support_api", __name__, url_prefix="/api/v1/box")
scoping.free(blueprint, "command_id", because="a box asks with its token, and finds its own commands alone")
http.csrf.exempt(blueprint)


@blueprint.get("/commands")
def commands() -> ResponseReturnValue:
    """The signed commands that the box has not answered."""
    box = box_of_request()
    rows = delivering.unanswered(http.db_session(), box.id, http.now())
    return http.json_response(Commands(commands=tuple(row.jws for row in rows)))


@blueprint.post("/replies")
def replies() -> ResponseReturnValue:
    """What became of a command."""
    box, reply = box_of_request(), http.json_body(Reply)
    if reply.box != box.id:
        raise Rejected("wrong_box", _("The reply speaks of another box."))
    delivering.take_reply(http.db_session(), box.id, reply, http.now())
    return Response(status=204)


@blueprint.post("/commands/<uuid:command_id>/picture")
def picture(command_id: UUID) -> ResponseReturnValue:
    """The screen; inside a help an empty body says that it has not changed."""
    box = box_of_request()
    delivering.may_send_picture(http.db_session(), box.id, str(command_id), http.now())
    data = _body(rules.PICTURE_MAX)
    if data:
        keeping.keep_picture(_folder(), command_id, data)
    return Response(status=204)


@blueprint.post("/commands/<uuid:command_id>/log")
def log(command_id: UUID) -> ResponseReturnValue:
    """The last lines of the program's log."""
    box = box_of_request()
    delivering.may_send_log(http.db_session(), box.id, str(command_id))
    keeping.keep_log(_folder(), command_id, _body(rules.LOG_MAX))
    return Response(status=204)


def _body(most: int) -> bytes:
    """The request's body, refused by its announced length before it is read."""
    if (request.content_length or 0) > most:
        raise Rejected("too_large", _("This is larger than what is taken."))
    return request.get_data()


def _folder() -> Path:
    return keeping.folder_of(current_app.extensions["services"].settings.data_dir)

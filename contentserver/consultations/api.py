"""Files of answers by HTTP, for boxes: what the paper of the box's own station names, and nothing else."""

from flask import Blueprint, send_file
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.boxes import box_of_request
from contentserver.consultations import keeping, laying_out, views
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import NotFound

blueprint = Blueprint("consultations_api", __name__, url_prefix="/api/v1/box")
scoping.free(blueprint, "sha256", because="looked for in the paper of the station where the asking box stands")
http.csrf.exempt(blueprint)


@blueprint.get("/answer-files/<sha256>")
def answer_file(sha256: str) -> ResponseReturnValue:
    """A photograph or a voice note of an answer that the station reads; it was written anew when it was brought."""
    named = laying_out.released(http.db_session(), box_of_request().station_id, sha256)
    path = keeping.file_of(views.folder(), named.kind, named.sha256) if named else None
    if path is None or not path.is_file():
        raise NotFound("file_unknown", _("There is no such file."))
    return send_file(path.resolve(), mimetype="application/octet-stream", etag=sha256)

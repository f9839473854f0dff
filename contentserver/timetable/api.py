"""Layers by HTTP, for a box that MQTT does not reach: the same signed bytes."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.kernel import auth, http
from contentserver.kernel.errors import NotFound
from contentserver.timetable import publishing

blueprint = Blueprint("timetable_api", __name__, url_prefix="/api/v1")


@blueprint.get("/layers/<layer_id>")
def layer(layer_id: str) -> ResponseReturnValue:
    """The newest signed revision of a layer."""
    auth.require_box()
    newest = publishing.newest_revision(http.db_session(), layer_id)
    if newest is None:
        raise NotFound("layer_unknown", _("This layer has never been published."))
    return Response(newest.jws, content_type="application/jose")

"""Alerts by HTTP, for a box that MQTT does not reach: the same signed bytes."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.alerts import publishing
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.errors import NotFound

blueprint = Blueprint("alerts_api", __name__, url_prefix="/api/v1")
scoping.free(blueprint, "layer_id", because="boxes ask, and alerts that were sent are for every box")


@blueprint.get("/alerts/<layer_id>")
def alerts(layer_id: str) -> ResponseReturnValue:
    """The newest signed document of a region's alerts."""
    auth.require_box()
    newest = publishing.newest_alerts(http.db_session(), layer_id)
    if newest is None:
        raise NotFound("alerts_unknown", _("There has never been an alert for this region."))
    return Response(newest.jws, content_type="application/jose")

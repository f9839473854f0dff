"""Events by HTTP, where MQTT does not reach. Same rows, same keys, same acknowledgement."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.attendance import service
from contentserver.attendance.acknowledging import acknowledge
from contentserver.boxes import box_of_request
from contentserver.kernel import http
from contentserver.kernel.errors import Rejected
from schedules.wire.messages import EventBatch
from schedules.wire.topics import BoxId

blueprint = Blueprint("attendance_api", __name__, url_prefix="/api/v1")
http.csrf.exempt(blueprint)


@blueprint.post("/box/events")
def events() -> ResponseReturnValue:
    """Store a batch, commit, then acknowledge."""
    batch = http.json_body(EventBatch)
    box = box_of_request()
    if batch.box != box.id:
        raise Rejected("wrong_box", _("These events are another box's."))
    session = http.db_session()
    service.take_in(session, box, batch, http.now())
    session.commit()
    return http.json_response(acknowledge(session, BoxId(box.id), batch.epoch))

"""The list of stations. One station with its boxes and members: `boxes/views.py`."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.kernel import auth, http
from contentserver.regions import parents_named
from contentserver.stations import service

blueprint = Blueprint("stations", __name__, url_prefix="/stations", template_folder="templates")
KINDS = {
    "village": _("Village"),
    "community": _("Community"),
    "township": _("Township"),
    "office": _("Office"),
    "farm": _("Farm"),
    "social": _("Social organisation"),
    "enterprise": _("Enterprise"),
}


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    session, words = http.db_session(), request.args.get("q", "").strip()[:40]
    page = service.page_of_stations(session, auth.person().region_code, words, request.args.get("page", 1, int))
    places = parents_named(session, [station.region_code for station in page.rows])
    return render_template("stations/index.html", page=page, words=words, places=places, kinds=KINDS)

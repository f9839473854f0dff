"""The list of stations. One station with its boxes and members: `boxes/views.py`."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.regions import parents_named
from contentserver.stations import groups, service
from contentserver.stations.schemas import KINDS

blueprint = Blueprint("stations", __name__, url_prefix="/stations", template_folder="templates")


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    session, who, words = http.db_session(), auth.person(), request.args.get("q", "").strip()[:40]
    page = service.page_of_stations(session, who.region_code, words, request.args.get("page", 1, int))
    places = parents_named(session, [station.region_code for station in page.rows])
    grouped = who.may(Right.NOTIFY) or bool(groups.groups_within(session, who.region_code))
    return render_template("stations/index.html", page=page, words=words, places=places, kinds=KINDS, grouped=grouped)

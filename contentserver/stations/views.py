"""Pages about stations: the list, and one station with its boxes and members."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contentserver.kernel import auth, http
from contentserver.stations import service

blueprint = Blueprint("stations", __name__, url_prefix="/stations", template_folder="templates")


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    words = request.args.get("q", "").strip()[:40]
    page = service.page_of_stations(
        http.db_session(), auth.person().region_code, words, request.args.get("page", 1, int)
    )
    return render_template("stations/index.html", page=page, words=words)

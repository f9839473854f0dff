"""JSON for other pages: how ready the days of a week are, for the heads of the timetable's columns."""

from collections import Counter
from datetime import date

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.kernel import auth, clock, http
from contentserver.kernel.errors import Rejected
from contentserver.readiness import service
from contentserver.readiness.reasons import Light
from contentserver.readiness.schemas import EARLIEST, LATEST
from contentserver.regions import region_named

blueprint = Blueprint("readiness_api", __name__)
ZONE = "Asia/Shanghai"


@blueprint.get("/readiness/week.json")
@auth.require()
def week() -> ResponseReturnValue:
    """`{"2026-11-23": {"ready": 600, "at_risk": 8, "will_not_play": 2, …}, …}`: boxes, each by its worst airing.

    Days before today count what was shown; a day without airings has an empty object.
    """
    session = http.db_session()
    region = request.args.get("region") or auth.person().region_code
    if region:
        region_named(session, region)
        auth.require_scope(region)
    packages = current_app.extensions["services"].store
    days = service.week(session, region, _monday(), http.now(), packages, ZONE)
    return {day.isoformat(): _counts(found) for day, found in days.items()}


def _counts(found: Counter[Light]) -> dict[str, int]:
    return {light.value: found[light] for light in Light} if found else {}


def _monday() -> date:
    asked = request.args.get("week", "")
    try:
        day = date.fromisoformat(asked) if asked else clock.local(http.now()).date()
    except ValueError as error:
        raise Rejected("week_unreadable", _("Give the week by a day, for example 2026-11-23.")) from error
    if not EARLIEST < day.year < LATEST:
        raise Rejected("week_unreadable", _("Give the week by a day, for example 2026-11-23."))
    return date.fromordinal(day.toordinal() - day.weekday())

"""Public pages: the stars that were published, by year and region. No signing in, nothing of a draft, no person."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from contentserver.kernel import http, scoping
from contentserver.kernel.pagination import paginate
from contentserver.regions import parents_named, path_of
from contentserver.stars import rounds, views, words
from contentserver.stars.document import STAR_NAMES
from contentserver.stars.models import StarAppeal, StarResult
from contentserver.stars.rules import MOST_STARS
from contentserver.stations import Station

blueprint = Blueprint("published_stars", __name__, url_prefix="/stars/published", template_folder="templates")
scoping.free(blueprint, "round_id", because="what was published is for everybody; a draft is not found here")
PAGES = "240 per minute"


@blueprint.get("")
@http.limiter.limit(PAGES)
def index() -> ResponseReturnValue:
    """Every published round."""
    session = http.db_session()
    found = rounds.rounds_seen(session, None)
    spreads = {one.id: rounds.spread(session, one) for one in found}
    return render_template(
        "stars/published.html", rounds=found, spreads=spreads, names=views.region_names(session, found), most=MOST_STARS
    )


@blueprint.get("/<uuid:round_id>")
@http.limiter.limit(PAGES)
def show(round_id: UUID) -> ResponseReturnValue:
    """The stations of a published round with their stars, the most first."""
    session = http.db_session()
    found = rounds.round_with(session, round_id, None)
    stars, typed = request.args.get("stars", type=int), request.args.get("q", "").strip()[:40]
    query = rounds.results(found, "", stars).join(Station, Station.id == StarResult.station_id)
    if typed:
        query = query.where(Station.name.contains(typed, autoescape=True))
    query = query.order_by(StarResult.stars.desc(), StarResult.region_code, StarResult.station_id)
    page = paginate(session, query, request.args.get("page", 1, type=int))
    ids = [row.station_id for row in page.rows]
    heard = select(StarAppeal.station_id).where(StarAppeal.round_id == round_id, StarAppeal.stars_after.is_not(None))
    return render_template(
        "stars/published_round.html",
        round=found,
        region=path_of(session, found.region_code)[-1],
        rules=rounds.rules_of(found),
        page=page,
        stars=stars,
        typed=typed,
        stations={one.id: one for one in session.scalars(select(Station).where(Station.id.in_(ids)))},
        places=parents_named(session, [row.region_code for row in page.rows]),
        heard=set(session.scalars(heard.where(StarAppeal.station_id.in_(ids)))),
        spread=rounds.spread(session, found),
        star_names=STAR_NAMES,
        most=MOST_STARS,
        words=words,
    )

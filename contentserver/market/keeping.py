"""Pages of what prices are about, and of where they come from: commodities, markets, feeds."""

from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal
from contentserver.market import catalogue, feeds
from contentserver.market.catalogue import Named
from contentserver.regions import depth_of, parents_named, region_names, regions_in

blueprint = Blueprint("market_goods", __name__, url_prefix="/market", template_folder="templates")
scoping.decided(blueprint, "commodity_id", by=catalogue.commodity_asked)
scoping.lies(blueprint, "feed_id", where=feeds.where_feed)
DAYS = (90, 366, 30)
"""How long a feed may hold, to choose from."""
SMALLEST = 3
"""Depth of a township: markets and commodities of a single village are made by whoever works for it."""


@blueprint.get("/goods")
@auth.require(Right.KEEP_MARKET)
def goods() -> ResponseReturnValue:
    """Commodities and markets."""
    return _goods_page()


@blueprint.post("/goods")
@auth.require(Right.KEEP_MARKET)
def add_commodity() -> ResponseReturnValue:
    """Add a commodity."""
    named = Named(request.form.get("region", ""), _text("name"), _text("unit"), _text("keywords"))
    try:
        catalogue.add_commodity(http.db_session(), named, auth.person(), http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return _goods_page("commodity", error), http.status_of(error)
    flash(_("%(name)s is on the list.", name=named.name))
    return redirect(url_for("market_goods.goods"))


@blueprint.post("/goods/<uuid:commodity_id>")
@auth.require(Right.KEEP_MARKET)
def change_keywords(commodity_id: UUID) -> ResponseReturnValue:
    """Other words by which lessons about a commodity are found."""
    session, who = http.db_session(), auth.person()
    commodity = catalogue.commodity_asked(session, commodity_id, who)
    catalogue.change_keywords(session, commodity, _text("keywords"), who, http.now())
    flash(_("The words are kept."))
    return redirect(url_for("market_goods.goods"))


@blueprint.post("/places")
@auth.require(Right.KEEP_MARKET)
def add_place() -> ResponseReturnValue:
    """Add a market."""
    name = _text("name")
    try:
        catalogue.add_place(http.db_session(), request.form.get("region", ""), name, auth.person(), http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return _goods_page("place", error), http.status_of(error)
    flash(_("%(name)s is on the list.", name=name))
    return redirect(url_for("market_goods.goods"))


@blueprint.get("/feeds")
@auth.require(Right.KEEP_MARKET)
def feeds_page() -> ResponseReturnValue:
    """Feeds, and how a program brings prices."""
    return _feeds_page()


@blueprint.post("/feeds")
@auth.require(Right.KEEP_MARKET)
def make_feed() -> ResponseReturnValue:
    """Make a feed; its secret stands on this answer and nowhere else."""
    region, name, days = request.form.get("region", ""), request.form.get("name", ""), request.form.get("days", 0, int)
    try:
        row, secret = feeds.make(http.db_session(), region, name, days, auth.person(), http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return _feeds_page(wrong=error, name=name), http.status_of(error)
    return _feeds_page(made=row.name, secret=secret)


@blueprint.post("/feeds/<uuid:feed_id>/end")
@auth.require(Right.KEEP_MARKET)
def end_feed(feed_id: UUID) -> ResponseReturnValue:
    """End a feed at once."""
    session = http.db_session()
    row = feeds.feed_with(session, feed_id)
    feeds.end(session, row, auth.person(), http.now())
    flash(_("The feed %(name)s has ended.", name=row.name))
    return redirect(url_for("market_goods.feeds_page"))


def _goods_page(form: str = "", wrong: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    goods = catalogue.commodities_seen(session, who.region_code)
    places = catalogue.places_seen(session, who.region_code)
    codes = {one.region_code for one in goods} | {one.region_code for one in places}
    return render_template(
        "market/goods.html",
        goods=goods,
        places=places,
        names=_names(codes),
        regions=_regions(),
        reaches=who.reaches,
        form=form,
        wrong=wrong,
        typed=request.form,
    )


def _feeds_page(**shown: object) -> str:
    session, who = http.db_session(), auth.person()
    rows = feeds.feeds_of(session, who.region_code)
    return render_template(
        "market/feeds.html",
        feeds=[(row, feeds.holds(row, http.now())) for row in rows],
        names=_names({row.region_code for row in rows}),
        regions=_regions(),
        days=DAYS,
        home=str(current_app.extensions["services"].settings.public_url),
        **shown,
    )


def _regions() -> list[tuple[str, str]]:
    """Regions of one's own that may have a market, down to townships, each with its name."""
    who = auth.person()
    found = regions_in(http.db_session(), who.region_code)
    kept = [one for one in found if depth_of(one.code) <= SMALLEST or one.code == who.region_code]
    top = min((depth_of(one.code) for one in kept), default=0)
    return [(one.code, "\u2003" * (depth_of(one.code) - top) + one.name) for one in kept]


def _names(codes: set[str]) -> dict[str, str]:
    """Each region's name, with the county before it."""
    session = http.db_session()
    above = parents_named(session, codes)
    own = region_names(session, codes)
    return {code: f"{above[code]} {own.get(code, code)}".strip() for code in codes}


def _text(field: str) -> str:
    return " ".join(request.form.get(field, "").split())

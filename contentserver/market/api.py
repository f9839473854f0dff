"""Prices by program: a feed's secret, a list of prices, and for each that cannot be kept the reason why."""

from datetime import timedelta

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.kernel import clock, http
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Rejected, Unauthenticated
from contentserver.market import feeds, rules, service
from contentserver.market.importing import Names
from contentserver.market.rules import Source
from contentserver.market.schemas import FeedAnswer, FeedPrice, FeedPrices, RefusedPrice
from contentserver.market.service import Entry

blueprint = Blueprint("market_api", __name__, url_prefix="/api/v1/market")
http.csrf.exempt(blueprint)
AT_ONCE = 500
"""Prices of one request."""
NOTED_EVERY = timedelta(minutes=1)
"""A feed's last use is written at most this often."""


@blueprint.post("/prices")
@http.limiter.limit("60 per minute")
def bring() -> ResponseReturnValue:
    """Keep what can be kept; sending the same again changes nothing. 422 where nothing of it can."""
    who = _person_of_feed()
    session, sent = http.db_session(), http.json_body(FeedPrices).prices
    if not 0 < len(sent) <= AT_ONCE:
        raise Rejected("prices_count", _("Send 1 to %(number)s prices at once.", number=AT_ONCE))
    names, entries, refused = Names.of(session, who), dict[tuple[object, ...], Entry](), list[RefusedPrice]()
    for place, one in enumerate(sent):
        try:
            entry = _entry(one, names)
            key = (entry.commodity_id, entry.place_id, entry.day)
            if key in entries:
                raise Rejected("twice", _("There is another price of this day before it."))
            entries[key] = entry
        except Rejected as error:
            refused.append(RefusedPrice(place=place, code=error.code, title=str(error.sentence)))
    kept = service.keep(session, entries.values(), Source.FEED, who, http.now())
    answer = FeedAnswer(
        new=kept.new, corrected=kept.corrected, same=kept.same, doubted=kept.doubted, refused=tuple(refused)
    )
    return http.json_response(answer, 200 if entries else 422)


def _entry(one: FeedPrice, names: Names) -> Entry:
    commodity_id, place_id = names.pair(one.commodity.strip(), one.market.strip())
    fault = rules.fault_of_cents(one.cents) or rules.fault_of_day(one.day, clock.local(http.now()).date())
    if fault is not None:
        raise service.refusal_of(fault)
    return Entry(commodity_id, place_id, one.day, one.cents)


def _person_of_feed() -> Person:
    """Whoever made the feed whose secret was sent; noted with the rest, where the request is kept."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Unauthenticated("token_missing", _("Send a token: Authorization: Bearer …"))
    row, g.person = feeds.person_with(http.db_session(), secret.strip(), http.now())
    if row.used_at is None or row.used_at < http.now() - NOTED_EVERY:
        row.used_at = http.now()
    who: Person = g.person
    return who

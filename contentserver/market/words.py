"""What prices, doubts, trends and offers are called on the pages."""

from flask_babel import lazy_gettext as _

from contentserver.market.rules import Doubt, OfferState, Source, Trend
from schedules.wire.messages import OfferKind

DOUBTS = {
    Doubt.ANOTHER_UNIT: _("a hundredfold of the usual or more: another unit, or the point in a wrong place?"),
    Doubt.FAR: _("far from the usual price of the last 30 days"),
}
TRENDS = {
    Trend.UP: _("up"),
    Trend.DOWN: _("down"),
    Trend.EVEN: _("even"),
    Trend.UNKNOWN: _("first price"),
}
ARROWS = {Trend.UP: "▲", Trend.DOWN: "▼", Trend.EVEN: "■", Trend.UNKNOWN: ""}
SOURCES = {Source.FORM: _("by form"), Source.SHEET: _("from a sheet"), Source.FEED: _("by a feed")}
KINDS = {OfferKind.SUPPLY: _("Offered"), OfferKind.DEMAND: _("Wanted")}
STATES = {
    OfferState.WAITING: _("Waits to be looked at"),
    OfferState.SHOWN: _("On the televisions"),
    OfferState.REFUSED: _("Refused"),
    OfferState.WITHDRAWN: _("Has been taken back"),
    OfferState.OVER: _("Has ended"),
}
STATE_SIGNS = {
    OfferState.WAITING: "risk",
    OfferState.SHOWN: "good",
    OfferState.REFUSED: "bad",
    OfferState.WITHDRAWN: "idle",
    OfferState.OVER: "idle",
}


def yuan(cents: int) -> str:
    """`1.18`, `1,280.00`."""
    return f"{cents / 100:,.2f}"

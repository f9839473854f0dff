"""Prices in large figures with the thirty days of the one in focus, and behind the other tab the villages' bulletin."""

from datetime import date, timedelta

from kivy.properties import ListProperty, StringProperty

from schedules.wire.messages import OfferCard, OfferKind, PriceLine
from tvclient.core.pages import market
from tvclient.core.screens import local, on_air
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, clock, plain
from tvclient.ui.theme import clipped
from tvclient.ui.widgets.price_row import OfferRow, PriceRow
from tvclient.ui.widgets.push_button import PushButton

SHORT_NAME = 490


class MarketScreen(ScreenView):
    """Five prices or five offers, and what there is to say of the price in focus."""

    title = StringProperty("")
    time = StringProperty("")
    back = StringProperty("")
    page = StringProperty("")
    empty_title = StringProperty("")
    empty_words = StringProperty("")
    panel = StringProperty("")
    name = StringProperty("")
    place = StringProperty("")
    high = StringProperty("")
    low = StringProperty("")
    first = StringProperty("")
    last = StringProperty("")
    alone = StringProperty("")
    days = ListProperty([])

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._prices = PushButton(rest="field", focus_id=market.PRICES)
        self._offers = PushButton(rest="field", focus_id=market.OFFERS)
        self._price_rows = [PriceRow() for _at in market.PRICES_AT]
        self._offer_rows = [OfferRow() for _at in market.OFFERS_AT]
        for thing in (self._prices, self._offers, *self._price_rows, *self._offer_rows):
            self.add_widget(thing)

    def show(self, state: State) -> None:
        """See the base."""
        bulletin = market.shows_offers(state)
        count = len(market.offers(state) if bulletin else market.prices(state))
        self.title, self.time = _("Market"), clock(state.now)
        self._prices.text, self._offers.text = _("Prices"), _("Bulletin")
        self._prices.chosen, self._offers.chosen = not bulletin, bulletin
        self.back = _("{back} Back to the lesson") if on_air(state) and len(state.over_home) == 1 else _("{back} Back")
        turn = _("Page {page} of {pages}, {down} turns it").format(
            page=market.page_shown(state) + 1, pages=market.pages(count), down="{down}"
        )
        self.page = turn if market.pages(count) > 1 else ""
        self._empty(bulletin, count)
        prices, offers = market.prices_shown(state), market.offers_shown(state)
        for slot, row in enumerate(self._price_rows):
            row.focus_id = market.price_row(prices[slot]) if slot < len(prices) else f"no_price.{slot}"
            if slot < len(prices):
                _dress_price(row, prices[slot], local(state.now).date())
        for slot, entry in enumerate(self._offer_rows):
            entry.focus_id = market.offer_row(offers[slot]) if slot < len(offers) else f"no_offer.{slot}"
            if slot < len(offers):
                _dress_offer(entry, offers[slot])
        self._panel(market.price_chosen(state), local(state.now).date())

    def _empty(self, bulletin: bool, count: int) -> None:
        if count:
            self.empty_title = self.empty_words = ""
        elif bulletin:
            self.empty_title = _("Nothing is offered or wanted now")
            self.empty_words = _("Whoever has something asks at the station")
        else:
            self.empty_title = _("There are no prices yet")
            self.empty_words = _("They come by themselves once the county has entered them")

    def _panel(self, line: PriceLine | None, today: date) -> None:
        self.panel = "field" if line else ""
        if line is None:
            self.name = self.place = self.high = self.low = self.first = self.last = self.alone = ""
            self.days = []
            return
        known = [cents for cents in line.days if cents is not None]
        self.name = plain(clipped(line.commodity, SHORT_NAME, "heading"))
        self.place = plain(clipped(line.market, SHORT_NAME, "small"))
        self.days = list(line.days) if len(known) > 1 else []
        drawn = bool(self.days)
        self.high = _("Highest {price}").format(price=yuan(max(known))) if drawn else ""
        self.low = _("Lowest {price}").format(price=yuan(min(known))) if drawn else ""
        self.first = day_words(line.day - timedelta(days=len(line.days) - 1), None) if drawn else ""
        self.last = day_words(line.day, today) if drawn else ""
        self.alone = "" if drawn else _("One price so far. A line comes with the next ones.")


def yuan(cents: int) -> str:
    """`1.18`, as it is called out."""
    return f"{cents / 100:.2f}"


def day_words(day: date, today: date | None) -> str:
    """Today, yesterday, or month and day."""
    if today is not None and day == today:
        return _("Today")
    if today is not None and day == today - timedelta(days=1):
        return _("Yesterday")
    return _("{month}/{day}").format(month=day.month, day=day.day)


def kind_words(offer: OfferCard) -> str:
    """Whether somebody has it or looks for it."""
    return _("Wanted") if offer.kind is OfferKind.DEMAND else _("Offered")


def until_words(offer: OfferCard) -> str:
    """The last day on which it stands."""
    last = local(offer.until - timedelta(seconds=1)).date()
    return _("until {day}").format(day=day_words(last, None))


def trend_words(line: PriceLine) -> tuple[str, str, str]:
    """Icon, tone and words of where a price went since the one before it; empty words where there was none."""
    before = line.before_cents
    if before is None:
        return "", "straw", ""
    change = yuan(abs(line.cents - before))
    if line.cents > before:
        return "up", "paper", _("up {price}").format(price=change)
    if line.cents < before:
        return "down", "paper", _("down {price}").format(price=change)
    return "even", "straw", _("even")


def _dress_price(row: PriceRow, line: PriceLine, today: date) -> None:
    row.name = plain(line.commodity)
    row.more = f"{day_words(line.day, today)}\u3000{plain(line.market)}"
    row.price = yuan(line.cents)
    row.unit = _("yuan/{unit}").format(unit=plain(line.unit))
    row.glyph, row.tone, row.trend = trend_words(line)


def _dress_offer(row: OfferRow, offer: OfferCard) -> None:
    row.kind, row.title = kind_words(offer), plain(offer.title)
    row.more = f"{plain(offer.place)}\u3000{until_words(offer)}"


load_kv(__file__)

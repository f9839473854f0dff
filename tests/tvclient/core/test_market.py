"""Prices and the bulletin on the television: within three presses, by five keys, from the stored paper alone."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schedules.wire.messages import Market
from tests.tvclient.core.trading import market_of, offer
from tests.tvclient.evening import NOON, Television
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import market
from tvclient.core.state import Screen

ARROWS = (Key.UP, Key.DOWN, Key.LEFT, Key.RIGHT)


def television(paper: Market | None = None) -> Television:
    """On the market's screen, without a line."""
    tv = Television(NOON)
    if paper is not None:
        tv.take(events.PaperChanged(paper))
    tv.press(Key.DOWN, Key.RIGHT, Key.RIGHT, Key.OK)
    assert tv.screen() is Screen.MARKET
    return tv


def test_prices_are_one_press_from_today_and_back_leads_there() -> None:
    tv = television(market_of(3, 0, NOON))
    assert [one.commodity for one in market.prices_shown(tv.state)] == ["c0", "c1", "c2"]
    assert tv.focus() == market.price_row(market.prices(tv.state)[0])
    chosen = market.price_chosen(tv.state)
    assert chosen is not None
    assert chosen.commodity == "c0"
    tv.press(Key.DOWN)
    chosen = market.price_chosen(tv.state)
    assert chosen is not None
    assert chosen.commodity == "c1"
    tv.press(Key.BACK)
    assert tv.screen() is Screen.TODAY


def test_down_turns_the_page_and_up_turns_it_back_to_the_tabs() -> None:
    tv = television(market_of(7, 0, NOON))
    tv.press(*(Key.DOWN,) * 5)
    assert [one.commodity for one in market.prices_shown(tv.state)] == ["c5", "c6"]
    tv.press(Key.DOWN, Key.DOWN)
    assert tv.focus() == market.price_row(market.prices(tv.state)[6])
    tv.press(*(Key.UP,) * 6)
    assert tv.focus() == market.price_row(market.prices(tv.state)[0])
    tv.press(Key.UP)
    assert tv.focus() == market.PRICES
    tv.press(Key.DOWN)
    assert tv.focus() == market.price_row(market.prices(tv.state)[0])


def test_the_bulletin_is_behind_the_other_tab_and_an_entry_opens_large() -> None:
    tv = television(market_of(7, 6, NOON))
    tv.press(*(Key.DOWN,) * 6, *(Key.UP,) * 7, Key.RIGHT)
    assert tv.focus() == market.OFFERS
    assert [one.id for one in market.offers_shown(tv.state)] == ["o0", "o1", "o2", "o3", "o4"]
    tv.press(Key.DOWN, Key.DOWN, Key.OK)
    assert tv.screen() is Screen.OFFER
    opened = market.offer_chosen(tv.state)
    assert opened is not None
    assert opened.id == "o1"
    tv.press(Key.LEFT, Key.OK, Key.OK, Key.OK, Key.OK)
    following = market.offer_chosen(tv.state)
    assert following is not None
    assert following.id == "o5"
    tv.press(Key.OK)
    first = market.offer_chosen(tv.state)
    assert first is not None
    assert first.id == "o0"
    tv.press(Key.BACK)
    assert tv.screen() is Screen.MARKET
    assert tv.focus() == market.offer_row(first)
    tv.press(Key.UP, Key.LEFT)
    assert not market.shows_offers(tv.state)
    assert len(market.prices_shown(tv.state)) == 5


def test_without_prices_the_bulletin_comes_first() -> None:
    tv = television(market_of(0, 2, NOON))
    assert market.shows_offers(tv.state)
    assert tv.focus() == market.offer_row(market.offers(tv.state)[0])


def test_without_a_paper_there_are_the_tabs_and_a_word() -> None:
    tv = television()
    assert tv.focus() == market.PRICES
    tv.press(Key.OK, Key.DOWN, Key.RIGHT, Key.OK, Key.BACK)
    assert tv.screen() is Screen.TODAY


def test_an_entry_ends_by_its_hour_whatever_the_paper_says() -> None:
    soon, later = offer(0, NOON + timedelta(seconds=30)), offer(1, NOON + timedelta(days=1))
    tv = television(Market(version="1", offers=(soon, later)))
    tv.press(Key.OK)
    assert tv.screen() is Screen.OFFER
    tv.take(events.Ticked(), soon.until - timedelta(seconds=1))
    assert market.offer_chosen(tv.state) is not None
    tv.take(events.Ticked(), soon.until)
    assert market.offer_chosen(tv.state) is None
    assert [one.id for one in market.offers(tv.state)] == ["o1"]
    tv.press(Key.BACK)
    assert tv.screen() is Screen.MARKET
    assert tv.focus() == market.offer_row(later)


def test_a_paper_with_something_twice_shows_it_once() -> None:
    paper = market_of(2, 2, NOON)
    tv = television(Market(version="1", prices=paper.prices * 2, offers=paper.offers * 2))
    assert (len(market.prices(tv.state)), len(market.offers(tv.state))) == (2, 2)


@pytest.mark.parametrize("gone", [market_of(0, 0, NOON, "2"), market_of(1, 1, NOON, "2"), market_of(9, 9, NOON, "2")])
@settings(max_examples=40)
@given(st.lists(st.sampled_from([*ARROWS, Key.OK, Key.BACK]), max_size=20))
def test_a_new_paper_never_takes_the_focus_away(gone: Market, keys: list[Key]) -> None:
    tv = television(market_of(12, 8, NOON))
    tv.press(*keys)
    tv.take(events.PaperChanged(gone))
    assert tv.focus() is not None
    tv.press(*keys)
    assert tv.focus() is not None

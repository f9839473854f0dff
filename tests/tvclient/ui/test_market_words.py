"""What the market's rows say: figures as they are called out, days as people say them, a trend by a word as well."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.wire.messages import OfferCard, OfferKind
from tests.tvclient.core.trading import price
from tvclient.core.state import Language
from tvclient.ui import texts
from tvclient.ui.screens.market import day_words, kind_words, trend_words, until_words, yuan
from tvclient.ui.widgets.price_chart import points_of


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    texts.use(Language.EN)
    yield
    texts.use(Language.ZH)


def test_a_price_is_called_out_in_yuan() -> None:
    assert (yuan(5), yuan(118), yuan(3280)) == ("0.05", "1.18", "32.80")


def test_where_it_went_is_said_by_a_word() -> None:
    line = price(18)
    assert trend_words(line) == ("up", "paper", "up 0.18")
    assert trend_words(replace(line, cents=90)) == ("down", "paper", "down 0.10")
    assert trend_words(replace(line, cents=100)) == ("even", "straw", "even")
    assert trend_words(replace(line, before_cents=None)) == ("", "straw", "")


def test_days_are_said_as_people_say_them() -> None:
    day = date(2026, 11, 23)
    assert day_words(day, day) == "Today"
    assert day_words(date(2026, 11, 22), day) == "Yesterday"
    assert day_words(date(2026, 11, 21), day) == "11/21"
    assert day_words(day, None) == "11/23"


def test_an_entry_stands_until_its_last_day() -> None:
    midnight = datetime(2026, 11, 30, 16, tzinfo=UTC)
    card = OfferCard(id="o", kind=OfferKind.DEMAND, title="t", place="p", until=midnight)
    assert (kind_words(card), until_words(card)) == ("Wanted", "until 11/30")
    assert kind_words(replace(card, kind=OfferKind.SUPPLY)) == "Offered"


@given(st.lists(st.one_of(st.none(), st.integers(1, 10**8)), max_size=30))
def test_a_line_stands_inside_its_rectangle(days: list[int | None]) -> None:
    points = points_of(days)
    assert len(points) == sum(one is not None for one in days)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
    assert [x for x, _y in points] == sorted(x for x, _y in points)

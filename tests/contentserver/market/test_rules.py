"""What a price may be, when it is doubted, when it has moved; what an offer may say."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.market import rules
from contentserver.market.drawing import line
from contentserver.market.proposing import season
from contentserver.market.rules import Doubt, OfferFault, OfferState, OfferWords, PriceFault, Trend

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
amounts = st.integers(1, rules.MOST_CENTS)
days = st.dictionaries(st.dates(TODAY - timedelta(days=80), TODAY), amounts, min_size=1)


@given(amounts)
def test_a_price_that_is_written_out_is_read_back(cents: int) -> None:
    plain = f"{cents // 100}.{cents % 100:02}"
    assert rules.cents_of(plain) == rules.cents_of(f" ￥{plain} 元") == cents
    assert rules.cents_of(f"{cents / 100:,.2f}") == cents


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", PriceFault.NOT_POSITIVE),
        ("0.00", PriceFault.NOT_POSITIVE),
        ("-1.18", PriceFault.NOT_POSITIVE),
        ("1000000.01", PriceFault.TOO_LARGE),
        ("999999999", PriceFault.TOO_LARGE),
        ("1.185", PriceFault.UNREADABLE),
        ("1,18", PriceFault.UNREADABLE),
        ("=1+1", PriceFault.UNREADABLE),
        ("1e3", PriceFault.UNREADABLE),
        ("nan", PriceFault.UNREADABLE),
        ("", PriceFault.UNREADABLE),
        ("一块二", PriceFault.UNREADABLE),
        ("１．２", 120),
        ("1.2", 120),
        ("1.200", 120),
        ("12", 1200),
    ],
)
def test_what_somebody_types_is_a_price_or_says_why_not(text: str, found: int | PriceFault) -> None:
    assert rules.cents_of(text) == found


@given(st.text(max_size=12))
def test_whatever_is_typed_is_an_amount_that_may_be_kept_or_a_fault(text: str) -> None:
    found = rules.cents_of(text)
    assert isinstance(found, PriceFault) or rules.fault_of_cents(found) is None


@given(st.dates())
def test_a_day_lies_between_a_year_ago_and_today(day: date) -> None:
    fault = rules.fault_of_day(day, TODAY)
    assert (fault is None) == (TODAY - rules.OLDEST <= day <= TODAY)
    assert fault is not PriceFault.FUTURE or day > TODAY


@given(st.lists(amounts, min_size=1), amounts)
def test_a_price_is_doubted_by_how_far_it_is_from_the_middle(usual: list[int], cents: int) -> None:
    doubt = rules.doubt_of(cents, usual)
    if min(usual) <= cents <= max(usual) and max(usual) < rules.FAR * min(usual):
        assert doubt is None
    if cents >= rules.ANOTHER_UNIT * max(usual) or cents * rules.ANOTHER_UNIT <= min(usual):
        assert doubt is Doubt.ANOTHER_UNIT
    if cents >= rules.FAR * max(usual) or cents * rules.FAR <= min(usual):
        assert doubt is not None
    assert rules.doubt_of(cents, [*usual, *usual]) == doubt


@given(st.integers(1, 100_000))
def test_a_thousandfold_is_doubted_both_ways_and_the_first_price_never(cents: int) -> None:
    assert rules.doubt_of(1000 * cents, [cents]) is Doubt.ANOTHER_UNIT
    assert rules.doubt_of(cents, [1000 * cents]) is Doubt.ANOTHER_UNIT
    assert rules.doubt_of(1000 * cents, []) is None


def test_a_price_that_was_confirmed_is_asked_about_once() -> None:
    calm = [100] * 20
    assert rules.doubt_of(400, calm, 100) is Doubt.FAR
    assert rules.doubt_of(410, [*calm, 400], 400) is None
    assert rules.doubt_of(100, [*calm, 400], 400) is None


@given(days)
def test_a_price_is_compared_with_a_month_around_it_and_never_with_itself(known: dict[date, int]) -> None:
    day = max(known)
    usual, last = rules.usual_of(known, day)
    others = {one: cents for one, cents in known.items() if one != day and day - one <= timedelta(days=30)}
    assert sorted(usual) == sorted(others.values())
    assert last == (others[max(others)] if others else None)


@given(days)
def test_thirty_days_are_drawn_and_the_newest_price_is_the_last_of_them(known: dict[date, int]) -> None:
    last, cents, before = rules.newest(known)
    line_of = rules.drawn(known, last)
    assert len(line_of) == 30
    assert line_of[-1] == cents
    assert sum(one is not None for one in line_of) == sum(last - day < timedelta(days=30) for day in known)
    assert (before is None) == (len(known) == 1)
    trend = rules.trend_of(cents, before)
    assert trend is (Trend.UNKNOWN if before is None else trend)


@given(st.lists(st.one_of(st.none(), amounts), min_size=1, max_size=30))
def test_a_line_stands_inside_its_box_with_the_dearest_day_on_top(known: list[int | None]) -> None:
    found, prices = line(known, 600, 180), [one for one in known if one is not None]
    if found is None:
        assert prices == []
        return
    assert (found.low, found.high, len(found.points)) == (min(prices), max(prices), len(prices))
    assert all(0 <= x <= 600.001 and 0 <= y <= 180 for x, y in found.points)
    if found.high > found.low:
        assert found.points[prices.index(found.high)][1] == 0


@pytest.mark.parametrize(
    ("known", "percent"),
    [
        ({0: 110, 7: 100}, 10),
        ({0: 109, 7: 100}, None),
        ({0: 90, 7: 100}, -10),
        ({6: 150, 7: 100, 40: 10}, 50),
        ({2: 150, 9: 100}, 50),
        ({7: 100}, None),
        ({0: 100}, None),
        ({8: 150, 20: 100}, None),
    ],
)
def test_a_move_is_a_tenth_within_a_week(known: dict[int, int], percent: int | None) -> None:
    found = rules.moved({TODAY - timedelta(days=back): cents for back, cents in known.items()}, TODAY)
    assert found == percent


def test_lessons_are_known_by_the_words_of_a_commodity() -> None:
    known = rules.keywords_of("玉米", "苞谷 青贮，玉米")
    assert known == ("玉米", "苞谷", "青贮")
    assert rules.speaks_of(known, "青贮怎么做")
    assert not rules.speaks_of(known, "水稻育秧")
    assert not rules.speaks_of(("",), "水稻")


def test_every_month_has_words() -> None:
    assert sorted(season()) == list(range(1, 13))
    assert all(words and all(words) for words in season().values())


texts = st.text(max_size=140)


@given(texts, texts, texts, st.integers(-100, 200))
def test_an_offer_says_what_fits_the_screen(title: str, text: str, contact: str, days_ahead: int) -> None:
    words = OfferWords("supply", title, text, contact, NOW + timedelta(days=days_ahead))
    faults = rules.offer_faults(words, NOW)
    assert ("title" in faults) == (not 0 < len(title) <= rules.TITLE_MOST)
    assert ("text" in faults) == (len(text) > rules.TEXT_MOST)
    assert ("contact" in faults) == (not 0 < len(contact) <= rules.CONTACT_MOST)
    assert ("until" in faults) == (not 0 < days_ahead <= 91)
    assert title or faults["title"] is OfferFault.NO_TITLE


@given(st.sampled_from(list(OfferState)), st.integers(-5, 5))
def test_what_stands_ends_by_its_day_and_what_was_decided_stays(state: OfferState, days_ahead: int) -> None:
    shown = rules.shown_state(state, NOW + timedelta(days=days_ahead), NOW)
    ended = days_ahead <= 0 and state in (OfferState.WAITING, OfferState.SHOWN)
    assert shown is (OfferState.OVER if ended else state)
    assert not (rules.may_change(shown) and shown in (OfferState.SHOWN, OfferState.WITHDRAWN, OfferState.OVER))

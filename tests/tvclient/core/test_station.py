"""The station's own page: what is said of it, its hours, and every lesson of today that is not there yet."""

from datetime import timedelta

import msgspec

from schedules.airings import Airing
from schedules.wire.messages import PackageReport, PackageState, StationCard
from tests.tvclient.evening import NOON, Television, airing
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import station
from tvclient.core.state import Screen

MINUTE = timedelta(minutes=1)
STORED = PackageReport(state=PackageState.STORED, stored_bytes=10, wanted_bytes=10)


def television(*airings: Airing, stored: int = 0) -> Television:
    """At its own page; the first `stored` airings' packages are on the disk."""
    tv = Television(NOON)
    tv.take(events.TimetableChanged(airings))
    tv.take(events.PackagesChanged({one.package: STORED for one in airings[:stored]}))
    tv.press(Key.MENU, Key.DOWN)
    while tv.focus() != "station":
        before = tv.focus()
        tv.press(Key.RIGHT)
        assert tv.focus() != before
    tv.press(Key.OK)
    return tv


def lessons(count: int) -> list[Airing]:
    return [airing(NOON + (10 + place) * MINUTE, 50, package=f"p{place}", slot=f"{place}") for place in range(count)]


def test_it_is_opened_from_today_and_one_press_leads_back() -> None:
    tv = television(*lessons(2), stored=2)
    assert tv.screen() is Screen.STATION
    assert tv.focus() == station.BACK
    tv.press(Key.OK)
    assert tv.screen() is Screen.TODAY


def test_what_nobody_said_is_left_out() -> None:
    tv = television()
    assert (station.stars(tv.state), station.quota_minutes(tv.state), station.shown_minutes(tv.state)) == (0, 0, 0)
    tv.take(events.StationChanged(StationCard(id="s", name="马场村", stars=4, quota_minutes=1200)))
    assert (station.stars(tv.state), station.quota_minutes(tv.state)) == (4, 1200)
    tv.take(events.StationChanged(StationCard(id="s", name="马场村", stars=9, quota_minutes=-5)))
    assert (station.stars(tv.state), station.quota_minutes(tv.state)) == (station.MOST_STARS, 0)


def test_every_missing_lesson_is_named_on_some_page() -> None:
    airings = lessons(9)
    tv = television(*airings, stored=2)
    assert station.of_today(tv.state) == tuple(airings)
    tv.press(Key.LEFT)
    assert tv.focus() == station.MORE
    named: list[Airing] = []
    for _page in range(station.pages(tv.state)):
        named.extend(station.missing_shown(tv.state))
        tv.press(Key.OK)
    assert named == airings[2:]
    assert station.page_shown(tv.state) == 0


def test_the_page_goes_back_when_lessons_have_come_and_the_focus_stays_somewhere() -> None:
    airings = lessons(9)
    tv = television(*airings)
    tv.press(Key.LEFT, Key.OK, Key.OK)
    assert station.page_shown(tv.state) == 2
    tv.take(events.PackagesChanged({one.package: STORED for one in airings[1:]}))
    assert station.missing_shown(tv.state) == tuple(airings[:1])
    assert tv.focus() == station.BACK


def test_a_lesson_shown_twice_counts_once_and_what_is_over_not_at_all() -> None:
    twice, over = lessons(1)[0], airing(NOON - 5 * MINUTE, 60, package="gone", slot="gone")
    again = msgspec.structs.replace(twice, id="again", start=twice.start + 30 * MINUTE)
    tomorrow = airing(NOON + timedelta(days=1), 60, package="later", slot="later")
    tv = television(over, twice, again, tomorrow)
    assert station.of_today(tv.state) == (twice,)


def test_the_line_is_remembered_from_when_it_turned() -> None:
    tv = television()
    tv.take(events.LinkChanged(False))
    assert tv.state.linked_at is None
    tv.take(events.LinkChanged(True), NOON + MINUTE)
    tv.take(events.LinkChanged(True), NOON + 2 * MINUTE)
    assert tv.state.linked_at == NOON + MINUTE
    tv.take(events.LinkChanged(False), NOON + 3 * MINUTE)
    assert tv.state.linked_at == NOON + 3 * MINUTE

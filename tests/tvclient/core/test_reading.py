"""Notices on the television: which hold, the way to them, their pages, and that opening one is a fact once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.wire.messages import NoticeCard, NoticeRead, Notices, StationCard
from tests.tvclient.core.told import TEXT, notice, notices_of
from tests.tvclient.evening import NOON, Television, airing
from tvclient.core import events, recording
from tvclient.core.events import Key
from tvclient.core.pages import focusables, notices, today
from tvclient.core.pages import notice as one_notice
from tvclient.core.pages.notice import FULL, SIMPLE, pages_of
from tvclient.core.reading import opened_as
from tvclient.core.state import Screen, Stick, StickPhase

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def television(*cards: NoticeCard) -> Television:
    """At today's programme, with nothing on the air."""
    tv = Television(NOON)
    tv.take(events.StationChanged(StationCard(id="s", name="马场村")))
    tv.take(told(*cards))
    return tv


def told(*cards: NoticeCard) -> events.PaperChanged:
    return events.PaperChanged(Notices(version=f"{len(cards)}", notices=cards))


def read(tv: Television) -> list[tuple[str, int]]:
    return [(one.notice, one.version) for one in tv.facts if isinstance(one, NoticeRead)]


def names(tv: Television) -> list[str]:
    return [one.id for one in notices.holding(tv.state)]


def test_from_home_it_takes_two_presses_of_ok() -> None:
    tv = television(notice("a", NOON - DAY), notice("b", NOON - MINUTE))
    assert tv.screen() is Screen.TODAY
    assert tv.focus() == today.NOTHING
    tv.press(Key.UP)
    assert tv.focus() == today.NOTICES
    tv.press(Key.OK)
    assert tv.screen() is Screen.NOTICES
    assert [thing.id for thing in focusables(tv.state)] == ["notice.b", "notice.a", "back"]
    assert read(tv) == []
    tv.press(Key.OK)
    assert tv.screen() is Screen.NOTICE
    assert read(tv) == [("b", 1)]
    tv.press(Key.BACK)
    assert tv.screen() is Screen.NOTICES
    assert tv.focus() == "notice.b"
    tv.press(Key.DOWN, Key.OK, Key.OK, Key.BACK)
    assert read(tv) == [("b", 1), ("a", 1)]
    assert tv.screen() is Screen.TODAY


def test_during_a_lesson_nothing_is_over_the_picture_and_three_presses_lead_there() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.take(events.TimetableChanged((airing(NOON - MINUTE, 3600),)))
    assert tv.screen() is Screen.BROADCAST
    assert focusables(tv.state) == ()
    tv.press(Key.OK, Key.RIGHT, Key.OK)
    assert tv.screen() is Screen.TODAY
    tv.press(Key.UP, Key.OK, Key.OK)
    assert tv.screen() is Screen.NOTICE


def test_opening_it_again_is_no_new_fact_other_words_are() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.press(Key.UP, Key.OK, Key.OK, Key.BACK, Key.OK)
    assert read(tv) == [("a", 1)]
    assert notices.not_opened(tv.state) == ()
    tv.press(Key.BACK)
    tv.take(told(notice("a", NOON - DAY, version=2, text="改了")))
    assert len(notices.not_opened(tv.state)) == 1
    tv.press(Key.OK)
    assert read(tv) == [("a", 1), ("a", 2)]


def test_what_was_opened_is_known_after_a_restart_and_not_at_another_station() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.take(events.SignInsRestored({}, entered="s", opened=frozenset({opened_as("a", 1)})))
    assert notices.not_opened(tv.state) == ()
    tv.press(Key.UP, Key.OK, Key.OK, Key.BACK, Key.BACK)
    assert read(tv) == []
    tv.take(events.StationChanged(StationCard(id="other", name="新村")))
    assert len(notices.not_opened(tv.state)) == 1
    tv.press(Key.UP, Key.OK, Key.OK)
    assert read(tv) == [("a", 1)]


def test_a_recording_tells_what_was_opened() -> None:
    restored = events.SignInsRestored({}, opened=frozenset({"a.1", "b.2"}))
    assert recording.what_happened(recording.happened(restored, NOON))[0] == restored


def test_it_holds_from_its_first_instant_up_to_its_last() -> None:
    later = notice("later", NOON - DAY, begins=NOON + 2 * MINUTE, until=NOON + 4 * MINUTE)
    tv = television(later, notice("over", NOON - DAY, until=NOON))
    seen = []
    for minute in range(6):
        tv.take(events.Ticked(), NOON + minute * MINUTE)
        seen.append(names(tv))
    assert seen == [[], [], ["later"], ["later"], [], []]


def test_important_ones_come_first_then_the_newest() -> None:
    tv = television(
        notice("old", NOON - 3 * DAY),
        notice("new", NOON - DAY),
        notice("important", NOON - 9 * DAY, important=True),
    )
    assert names(tv) == ["important", "new", "old"]


def test_without_notices_there_is_no_strip_and_the_card_is_where_it_was() -> None:
    tv = television()
    assert today.NOTICES not in {thing.id for thing in focusables(tv.state)}
    (card,) = [thing for thing in focusables(tv.state) if thing.id == today.NOTHING]
    assert card.rect == today.LARGE_CARD_AT


def test_a_word_at_the_edge_has_its_place_before_the_strip() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.press(Key.UP)
    tv.take(events.StickChanged(Stick(StickPhase.COPYING, 0, 2)))
    assert not today.strip_shown(tv.state)
    assert tv.focus() == today.NOTHING
    tv.take(events.StickChanged(None))
    assert tv.focus() == today.NOTICES


def test_its_pages_are_turned_by_ok_and_by_arrows_and_end_at_the_last() -> None:
    tv = television(notice("long", NOON - DAY, text=TEXT * 15))
    tv.press(Key.UP, Key.OK, Key.OK)
    last = len(one_notice.pages(tv.state)) - 1
    assert last >= 2
    assert tv.focus() == one_notice.NEXT
    tv.press(Key.OK)
    assert one_notice.page_shown(tv.state) == 1
    tv.press(Key.UP)
    assert one_notice.page_shown(tv.state) == 0
    blocked = tv.state.blocked
    tv.press(Key.UP)
    assert tv.state.blocked != blocked
    for _page in range(last):
        tv.press(Key.DOWN)
    assert one_notice.page_shown(tv.state) == last
    assert [thing.id for thing in focusables(tv.state)] == [one_notice.BACK]
    blocked = tv.state.blocked
    tv.press(Key.DOWN)
    assert tv.state.blocked != blocked
    tv.press(Key.OK)
    assert tv.screen() is Screen.NOTICES
    tv.press(Key.OK)
    assert one_notice.page_shown(tv.state) == 0


def test_the_list_has_pages_and_every_notice_is_on_one() -> None:
    tv = television(*notices_of(9, NOON).notices)
    tv.press(Key.UP, Key.OK, Key.DOWN, Key.DOWN, Key.DOWN, Key.DOWN)
    named: list[str] = []
    while tv.focus() != notices.MORE:
        before = tv.focus()
        tv.press(Key.LEFT)
        assert tv.focus() != before
    for _page in range(notices.pages(tv.state)):
        named.extend(one.id for one in notices.shown(tv.state))
        tv.press(Key.OK)
    assert named == [f"{place}" for place in range(9)]
    assert notices.page_shown(tv.state) == 0


def test_one_that_is_withdrawn_while_it_is_open_says_so_and_leads_back() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.press(Key.UP, Key.OK, Key.OK)
    tv.take(told())
    assert one_notice.shown(tv.state) is None
    assert tv.focus() == one_notice.BACK
    tv.press(Key.OK)
    assert tv.screen() is Screen.NOTICES
    assert [thing.id for thing in focusables(tv.state)] == [notices.BACK]
    tv.press(Key.OK)
    assert tv.screen() is Screen.TODAY


def test_whoever_reads_aloud_has_time_and_then_home_comes_back() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.press(Key.UP, Key.OK, Key.OK)
    tv.take(events.Ticked(), tv.now + 2 * MINUTE)
    assert tv.screen() is Screen.NOTICE
    tv.take(events.Ticked(), tv.now + MINUTE)
    assert tv.screen() is Screen.TODAY


def test_a_list_that_nobody_touches_gives_way_after_a_minute() -> None:
    tv = television(notice("a", NOON - DAY))
    tv.press(Key.UP, Key.OK)
    tv.take(events.Ticked(), tv.now + MINUTE)
    assert tv.screen() is Screen.TODAY


@given(st.lists(st.text(st.sampled_from("一二三，。（） abcW\u3000"), max_size=120), max_size=9), st.booleans())
def test_no_word_of_a_text_is_lost_and_no_page_is_empty(paragraphs: list[str], simple: bool) -> None:
    text = "\n".join(paragraphs)
    pages = pages_of(text, simple=simple)
    words = "".join(line for page in pages for line in page)
    assert "".join(words.split()) == "".join(text.split())
    most = (SIMPLE if simple else FULL)[1]
    for page in pages:
        assert len(page) <= most
        assert not page or (page[0].strip() and page[-1].strip())
    assert len(pages) == 1 or all(pages)


@pytest.mark.parametrize("simple", [True, False])
def test_the_sizes_that_are_counted_with_are_those_that_are_drawn(simple: bool) -> None:
    theme = pytest.importorskip("tvclient.ui.theme")
    role = theme.ROLES["large"]
    assert (role.simple if simple else role.full) == (SIMPLE if simple else FULL)[0]


def test_a_change_of_size_keeps_the_page_inside_the_text() -> None:
    tv = television(notice("long", NOON - DAY, text=TEXT * 15))
    tv.press(Key.UP, Key.OK, Key.OK, *(Key.DOWN,) * 9)
    smaller = replace(tv.state, simple=False)
    assert one_notice.page_shown(smaller) < len(one_notice.pages(smaller))

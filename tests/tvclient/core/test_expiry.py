"""A lesson whose rights are over is not shown, planned or chosen, by the box's own time and without a line."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.wire.messages import AiringEnded, AiringMissed, AiringStarted
from tests.tvclient.evening import NOON, Television, airing, lesson, library_of, stored
from tvclient.core import events
from tvclient.core.catalogue import courses
from tvclient.core.expiry import expired
from tvclient.core.navigation import REFUSED
from tvclient.core.screens import Picture, Readiness, picture, readiness
from tvclient.core.state import PlayPhase, StoredLesson
from tvclient.core.watching import choose

SECOND = timedelta(seconds=1)


def evening(ends: timedelta | None) -> Television:
    """A minute before an airing whose lesson's rights end that long after its start."""
    tv = Television(NOON - 60 * SECOND)
    until = None if ends is None else NOON + ends
    kept = StoredLesson(airing().package, lesson(), 60_000, "马晓峰", NOON - timedelta(days=1), until)
    tv.take(events.LibraryChanged((kept,)))
    tv.take(stored(airing()))
    tv.take(events.TimetableChanged((airing(),)))
    return tv


def test_an_expired_lesson_is_not_opened_and_is_written_down_as_missed_for_that() -> None:
    tv = evening(-timedelta(hours=1))
    assert readiness(tv.state, airing()) is Readiness.EXPIRED
    tv.run(NOON + 10 * SECOND)
    assert (tv.phase(), picture(tv.state)) == (None, Picture.EXPIRED)
    tv.run(NOON + 120 * SECOND)
    assert tv.facts_of(AiringStarted) == []
    (missed,) = tv.facts_of(AiringMissed)
    assert isinstance(missed, AiringMissed)
    assert missed.reason == "expired"


def test_what_began_before_its_end_is_shown_to_its_own() -> None:
    tv = evening(30 * SECOND)
    tv.run(NOON + 45 * SECOND)
    assert (tv.phase(), picture(tv.state)) == (PlayPhase.PLAYING, Picture.MOVING)
    tv.run(NOON + 65 * SECOND)
    assert tv.facts_of(AiringEnded) == [AiringEnded(airing=airing().id, complete=True)]


def test_a_newer_approval_brings_it_back() -> None:
    tv = evening(-timedelta(hours=1))
    tv.run(NOON + 5 * SECOND)
    (kept,) = tv.state.lessons
    tv.take(events.LibraryChanged((replace(kept, expires_at=NOON + timedelta(days=30)),)))
    tv.run(NOON + 10 * SECOND)
    assert picture(tv.state) is Picture.MOVING


@given(st.none() | st.timedeltas(-timedelta(days=3), timedelta(days=3)))
def test_nothing_expired_can_be_chosen_or_found_in_the_library(ends: timedelta | None) -> None:
    tv = Television(NOON)
    kept = replace(library_of(1)[0], expires_at=None if ends is None else NOON + ends)
    tv.take(events.LibraryChanged((kept,)))
    over = ends is not None and ends <= timedelta(0)
    assert expired(tv.state, kept.package) == over
    assert (courses(tv.state) == ()) == over
    assert (choose(tv.state, kept) == (tv.state, REFUSED)) == over

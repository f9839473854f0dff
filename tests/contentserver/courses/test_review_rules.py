"""Rules of review by property: on which days a lesson may air, what an approval needs, how people write a moment."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contentserver.courses import facts, rules
from contentserver.courses.rules import ApprovalVerdict, LessonState, ReviewItem, Terms
from contentserver.kernel import clock

DAYS = st.dates(date(2020, 1, 1), date(2040, 1, 1))
LIMITS = st.builds(Terms, st.none() | DAYS, st.none() | DAYS)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
LENGTHS = st.timedeltas(timedelta(minutes=1), timedelta(hours=3))


@given(LIMITS, DAYS)
def test_a_lesson_airs_when_approved_and_on_its_days_alone(terms: Terms, day: date) -> None:
    inside = (terms.first or day) <= day <= (terms.last or day)
    for state in LessonState:
        assert rules.airable(state, terms, day) == (state == LessonState.APPROVED and inside)


@given(LIMITS, INSTANTS, LENGTHS)
def test_an_airing_lies_inside_when_it_begins_and_ends_on_its_days(
    terms: Terms, start: datetime, length: timedelta
) -> None:
    end = start + length
    last_instant = clock.local(end - timedelta(microseconds=1)).date()
    inside = terms.holds_day(clock.local(start).date()) and not terms.over(last_instant)
    assert terms.hold(start, end) == inside


@given(LIMITS, DAYS)
def test_the_signed_end_is_the_midnight_after_the_last_day(terms: Terms, day: date) -> None:
    ends_at = terms.ends_at
    assert (ends_at is None) == (terms.last is None)
    if ends_at is not None:
        assert terms.over(clock.local(ends_at).date())
        assert not terms.over(clock.local(ends_at - timedelta(seconds=1)).date())
    assert not (terms.over(day) and terms.soon_over(day))


@given(
    st.sets(st.sampled_from(list(ReviewItem))),
    st.integers(0, 3),
    st.sampled_from(["", "  ", "已电话核实"]),
    LIMITS,
    DAYS,
)
def test_an_approval_needs_everything_confirmed_and_a_word_on_open_comments(
    ticked: set[ReviewItem], waiting: int, reason: str, terms: Terms, today: date
) -> None:
    verdict = rules.checklist_verdict(ticked, waiting, reason, terms, today)
    allowed = ticked == set(ReviewItem) and (not waiting or reason.strip() != "") and not terms.over(today)
    assert (verdict is ApprovalVerdict.ALLOWED) == allowed


@given(st.sets(st.uuids(), min_size=1), st.uuids())
def test_nobody_decides_about_what_they_ever_uploaded(uploaders: set[UUID], other: UUID) -> None:
    for one in uploaders:
        assert rules.approval_verdict(LessonState.IN_REVIEW, uploaders, one) is ApprovalVerdict.OWN_UPLOAD
    expected = ApprovalVerdict.OWN_UPLOAD if other in uploaders else ApprovalVerdict.ALLOWED
    assert rules.approval_verdict(LessonState.IN_REVIEW, uploaders, other) is expected


@given(st.integers(0, 9 * 3600))
def test_a_moment_is_read_as_it_is_shown(seconds: int) -> None:
    assert rules.moment_of(facts.clock(1000 * seconds)) == 1000 * seconds
    assert rules.moment_of(f" {facts.clock(1000 * seconds).replace(':', '：')} ") == 1000 * seconds


@given(st.text(max_size=12))
def test_whatever_is_no_moment_is_refused_without_a_fault(text: str) -> None:
    found = rules.moment_of(text)
    assert found is None or found >= 0


def test_moments_that_look_like_some() -> None:
    assert [rules.moment_of(text) for text in ("", "17:60", "-1:00", "1:2:3:4", "17.40", "十七", "²:00")] == [None] * 7

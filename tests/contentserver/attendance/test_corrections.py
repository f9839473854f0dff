"""What people set right: the same numbers in whatever order, gone without a trace when taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.attendance.corrections import Correction, Held, Kind, Means, corrected, in_force
from contentserver.attendance.crediting import CreditRule, credit, on_screen
from contentserver.attendance.doubts import Doubt, doubts_of
from contentserver.attendance.rules import Arrival, Fact, session_numbers
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringStarted,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
    SignInUndone,
)

T0 = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
MINUTE = 60_000
AIRING, PACKAGE = AiringId("a"), PackageName("p")
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
HELD = Held(lesson=LESSON, planned_start=T0, planned_ms=40 * MINUTE)
MEMBERS = st.sampled_from("vwxyz")


def _started() -> EventBody:
    return AiringStarted(
        airing=AIRING, planned_start=T0, duration_ms=40 * MINUTE, lesson=LESSON, package=PACKAGE, late_ms=0
    )


def _span(first: int, last: int) -> EventBody:
    return PlaybackSpan(
        airing=AIRING,
        lesson=LESSON,
        package=PACKAGE,
        from_ms=first * MINUTE,
        to_ms=last * MINUTE,
        started_at=T0 + timedelta(minutes=first),
    )


def _signed(member: str) -> EventBody:
    return SignedIn(airing=AIRING, lesson=LESSON, member=member, method=SignInMethod.NUMBER)


def facts_of(*bodies: EventBody) -> list[Fact]:
    return [Fact(at=T0 + timedelta(minutes=place), order=(1, 1, place), body=body) for place, body in enumerate(bodies)]


BODIES = st.one_of(
    st.builds(_started),
    MEMBERS.map(_signed),
    MEMBERS.map(lambda member: SignInUndone(airing=AIRING, member=member)),
    st.tuples(st.integers(0, 39), st.integers(1, 20)).map(lambda one: _span(one[0], one[0] + one[1])),
    st.integers(0, 40).map(lambda people: HeadCounted(airing=AIRING, people=people)),
)
MINUTES = st.none() | st.integers(0, 60)
SAID = st.one_of(
    st.builds(
        Correction,
        number=st.just(0),
        kind=st.just(Kind.ADDED),
        member=MEMBERS,
        means=st.sampled_from(Means),
        from_minute=MINUTES,
        to_minute=MINUTES,
    ),
    st.builds(Correction, number=st.just(0), kind=st.just(Kind.TAKEN_OFF), member=MEMBERS),
    st.builds(Correction, number=st.just(0), kind=st.just(Kind.LEFT), member=MEMBERS, to_minute=st.integers(0, 60)),
    st.builds(Correction, number=st.just(0), kind=st.just(Kind.COUNTED), people=st.integers(0, 90)),
    st.builds(Correction, number=st.just(0), kind=st.just(Kind.HELD), held=st.just(HELD)),
)


@st.composite
def corrections(draw: st.DrawFn) -> list[Correction]:
    """As people add them: numbered on, each revocation of an earlier one."""
    said: list[Correction] = []
    for one in draw(st.lists(SAID, max_size=8)):
        said.append(replace(one, number=len(said) + 1))
        if draw(st.booleans()):
            revoked = draw(st.integers(1, len(said)))
            said.append(Correction(number=len(said) + 1, kind=Kind.REVOKED, revokes=revoked))
    return said


@given(st.lists(BODIES, max_size=10).map(lambda bodies: facts_of(*bodies)), corrections(), st.randoms())
def test_facts_and_corrections_in_any_order_give_the_same(
    facts: list[Fact], said: list[Correction], random: object
) -> None:
    whole = corrected(session_numbers(facts), said)
    shuffled_facts, shuffled = list(facts), list(said)
    random.shuffle(shuffled_facts)  # type: ignore[attr-defined]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert corrected(session_numbers(shuffled_facts), [*shuffled, *shuffled[:2]]) == whole


@given(st.lists(BODIES, max_size=10).map(lambda bodies: facts_of(*bodies)), corrections())
def test_taking_all_back_gives_the_uncorrected_record_exactly(facts: list[Fact], said: list[Correction]) -> None:
    undone = list(said)
    while holding := in_force(undone):
        undone += [
            Correction(number=len(undone) + place, kind=Kind.REVOKED, revokes=one.number)
            for place, one in enumerate(holding, 1)
        ]
    assert corrected(session_numbers(facts), undone) == session_numbers(facts)


@given(st.lists(BODIES, max_size=10).map(lambda bodies: facts_of(*bodies)), corrections())
def test_nobody_earns_more_than_was_shown_and_evidence_is_not_touched(
    facts: list[Fact], said: list[Correction]
) -> None:
    seen = session_numbers(facts)
    found = corrected(seen, said)
    assert (found.shown_ms, found.live_ms, found.late_ms, found.complete, found.phrases) == (
        seen.shown_ms,
        seen.live_ms,
        seen.late_ms,
        seen.complete,
        seen.phrases,
    )
    assert len({one.member for one in found.arrivals}) == len(found.arrivals)
    assert all(0 <= one.credit_ms <= one.present_ms <= found.shown_ms for one in found.arrivals)
    if not found.shown_ms:
        assert sum(one.credit_ms for one in found.arrivals) == 0


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_leaving_later_never_earns_less_and_leaving_after_the_end_is_staying(came: int, one: int, other: int) -> None:
    screen, shown = on_screen([span for span in (_span(0, 20), _span(20, 40)) if isinstance(span, PlaybackSpan)]), 40
    rule, at = CreditRule(share_percent=60, grace_ms=0), T0 + timedelta(minutes=came)
    early, late = (
        credit(shown * MINUTE, screen, at, rule, left=T0 + timedelta(minutes=minute)) for minute in sorted((one, other))
    )
    assert late.present_ms >= early.present_ms
    assert late.credit_ms >= early.credit_ms
    stayed = credit(shown * MINUTE, screen, at, rule)
    assert credit(shown * MINUTE, screen, at, rule, left=T0 + timedelta(minutes=40)) == stayed
    assert early.present_ms == max(0, min(one, other, 40) - came) * MINUTE


def test_a_revocation_may_be_revoked_and_one_of_something_later_does_nothing() -> None:
    first = Correction(number=1, kind=Kind.COUNTED, people=9)
    back = Correction(number=2, kind=Kind.REVOKED, revokes=1)
    again = Correction(number=3, kind=Kind.REVOKED, revokes=2)
    assert in_force([first, back]) == ()
    assert in_force([again, back, first]) == (first,)
    assert in_force([Correction(number=1, kind=Kind.REVOKED, revokes=2), replace(first, number=2)]) == (
        replace(first, number=2),
    )


def test_when_a_box_saw_somebody_is_more_exact_than_was_there_but_minutes_win() -> None:
    facts = facts_of(_started(), *[_signed("x")] * 26, _span(0, 40))
    facts = [replace(one, at=T0 + timedelta(minutes=25)) if isinstance(one.body, SignedIn) else one for one in facts]
    seen = session_numbers(facts)
    assert [one.present_ms for one in seen.arrivals] == [15 * MINUTE]
    there = Correction(number=1, kind=Kind.ADDED, member="x", means=Means.PAPER)
    assert corrected(seen, [there]).arrivals == seen.arrivals
    early = corrected(seen, [replace(there, from_minute=0)])
    assert [(one.present_ms, one.method, one.observed) for one in early.arrivals] == [(40 * MINUTE, "paper", False)]


def test_a_lesson_held_without_a_box_has_people_and_no_hours_until_a_box_reports() -> None:
    said = [
        Correction(number=1, kind=Kind.HELD, held=HELD),
        Correction(number=2, kind=Kind.ADDED, member="x", means=Means.PAPER),
    ]
    found = corrected(session_numbers([]), said)
    assert (found.lesson, found.planned_start, found.planned_ms) == (LESSON, T0, 40 * MINUTE)
    assert [(one.member, one.credit_ms) for one in found.arrivals] == [("x", 0)]
    reported = corrected(session_numbers(facts_of(_started(), _span(0, 40))), said)
    assert [(one.member, one.credit_ms) for one in reported.arrivals] == [("x", 40 * MINUTE)]
    assert corrected(session_numbers([]), said[1:]) == session_numbers([])


def test_a_sheet_of_paper_is_no_crowd_but_fewer_heads_than_names_are_a_doubt() -> None:
    sheet = [Arrival(f"m{number}", T0, "paper", observed=False) for number in range(80)]
    asked = {"shown_ms": 1, "last_picture": T0 - timedelta(hours=2), "worst_uncertainty_ms": 5}
    assert doubts_of(sheet, head_count=80, **asked) == frozenset()  # type: ignore[arg-type]
    assert doubts_of(sheet, head_count=79, **asked) == {Doubt.FEWER_COUNTED}  # type: ignore[arg-type]
    boxes = [replace(one, observed=True) for one in sheet]
    assert doubts_of(boxes, head_count=80, **asked) == {Doubt.CROWD, Doubt.LONG_AFTER}  # type: ignore[arg-type]

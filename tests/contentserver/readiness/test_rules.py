"""The verdict: each fact that matters, and properties that must hold whatever the facts are."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.readiness import reasons, rules
from contentserver.readiness.reasons import GOOD, WORST_FIRST, AnyReason, Light, Remedy
from contentserver.readiness.rules import Cut, Facts, Seen, Stale, verdict, worth_telling
from schedules.airings import Airing, AiringId, LessonCard, LessonId, PackageName, Rank, SlotId
from schedules.wire.messages import PackageReport, PackageState

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
START = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MB = 1_000_000
AIRING = Airing(
    id=AiringId("a"),
    slot=SlotId("s"),
    start=START,
    duration_ms=2_400_000,
    rank=Rank.REGULAR,
    lesson=LessonCard(id=LessonId("l"), title="土地延包政策问答", course="政策"),
    package=PackageName("sha256-1"),
)
STORED = PackageReport(state=PackageState.STORED, playable=True, missing_bytes=0, stored_bytes=MB, wanted_bytes=MB)
HALF = PackageReport(state=PackageState.FETCHING, missing_bytes=45 * MB, stored_bytes=45 * MB, wanted_bytes=300 * MB)
GOOD_FACTS = Facts(
    online=True,
    seen_at=NOW,
    reported_at=NOW,
    package=STORED,
    smallest_bytes=90 * MB,
    kbps=600,
    clock_ms=20,
    free_bytes=10**10,
    on_days=7,
    known_days=7,
)


def judged(now: datetime = NOW, **changes: Any) -> reasons.Verdict:
    return verdict(replace(GOOD_FACTS, **changes), AIRING, now)


def codes(found: reasons.Verdict) -> list[str]:
    return [type(reason).__name__ for reason in found.reasons]


def test_stored_proved_sure_and_seen_is_ready() -> None:
    assert judged() == reasons.Verdict(Light.READY)


def test_an_older_box_that_says_only_stored_is_ready() -> None:
    assert judged(package=PackageReport(state=PackageState.STORED, stored_bytes=1, wanted_bytes=2)).light is Light.READY


@pytest.mark.parametrize(
    ("changes", "light", "first"),
    [
        ({"online": False, "seen_at": None}, Light.WILL_NOT_PLAY, "NeverCalled"),
        ({"online": False, "seen_at": NOW - 49 * HOUR}, Light.WILL_NOT_PLAY, "Silent"),
        ({"online": False, "seen_at": NOW - 27 * HOUR}, Light.AT_RISK, "Silent"),
        ({"package": PackageReport(state=PackageState.REFUSED)}, Light.WILL_NOT_PLAY, "Refused"),
        ({"package": HALF}, Light.AT_RISK, "Fetching"),
        ({"package": HALF, "kbps": 20}, Light.WILL_NOT_PLAY, "TooSlow"),
        ({"package": HALF, "kbps": None}, Light.AT_RISK, "SpeedUnknown"),
        ({"package": HALF, "online": False}, Light.AT_RISK, "LineDown"),
        ({"package": HALF, "online": False, "kbps": 20}, Light.WILL_NOT_PLAY, "LineDown"),
        ({"package": None}, Light.AT_RISK, "Fetching"),
        ({"package": HALF, "free_bytes": 40 * MB}, Light.WILL_NOT_PLAY, "DiskFull"),
        ({"stale": (Stale("平罗县", 46, 47),)}, Light.AT_RISK, "LayerBehind"),
        ({"stale": (Stale("平罗县", 0, 47),)}, Light.AT_RISK, "LayerMissing"),
        ({"clock_ms": None}, Light.AT_RISK, "ClockUnsure"),
        ({"clock_ms": 1001}, Light.AT_RISK, "ClockUnsure"),
        ({"ahead_ms": 61_000}, Light.AT_RISK, "ClockAhead"),
        ({"cuts": (Cut(START - HOUR, START + MINUTE),)}, Light.WILL_NOT_PLAY, "PowerCutAnnounced"),
        ({"on_days": 3}, Light.AT_RISK, "UsuallyOff"),
    ],
)
def test_each_fact_has_its_light_and_its_reason(changes: dict[str, Any], light: Light, first: str) -> None:
    found = judged(**changes)
    assert (found.light, codes(found)[0]) == (light, first)
    assert found.remedies


@pytest.mark.parametrize(
    "changes",
    [
        {"online": False, "seen_at": NOW - 20 * HOUR},
        {"clock_ms": 1000},
        {"ahead_ms": 60_000},
        {"on_days": 0, "known_days": 2},
        {"on_days": 1, "on_weeks": 2, "known_weeks": 2},
        {"cuts": (Cut(START - 2 * HOUR, START),)},
        {"cuts": (Cut(AIRING.end, AIRING.end + HOUR),)},
        {"free_bytes": 0},
    ],
)
def test_what_does_not_touch_the_airing_leaves_it_ready(changes: dict[str, Any]) -> None:
    assert judged(**changes).light is Light.READY


def test_shortly_before_the_start_the_box_must_be_on_and_then_its_habit_no_longer_counts() -> None:
    off = replace(GOOD_FACTS, online=False, seen_at=START - 20 * HOUR)
    assert verdict(off, AIRING, START - 31 * MINUTE).light is Light.READY
    late = verdict(off, AIRING, START - 30 * MINUTE)
    assert (late.light, codes(late)) == (Light.AT_RISK, ["NotOnYet"])
    on = replace(GOOD_FACTS, on_days=0)
    assert codes(verdict(on, AIRING, START - 3 * HOUR)) == ["UsuallyOff"]
    assert verdict(on, AIRING, START - 2 * HOUR).light is Light.READY


def test_the_forecast_counts_what_the_line_must_bring_first() -> None:
    alone, behind = judged(package=HALF), judged(package=HALF, before_bytes=45 * MB)
    assert alone.ready_by == NOW + 10 * MINUTE
    assert behind.ready_by == NOW + 20 * MINUTE
    cut = judged(package=HALF, cuts=(Cut(NOW, NOW + HOUR),))
    assert cut.ready_by == NOW + 70 * MINUTE
    assert alone.remedies == (Remedy.WAIT,)


def test_an_older_box_is_forecast_by_what_the_package_needs() -> None:
    old = PackageReport(state=PackageState.FETCHING, stored_bytes=45 * MB, wanted_bytes=300 * MB)
    assert judged(package=old).ready_by == NOW + 10 * MINUTE


def test_a_full_disk_far_ahead_may_still_empty_itself() -> None:
    far = msgspec.structs.replace(AIRING, start=START + 48 * HOUR)
    found = verdict(replace(GOOD_FACTS, package=HALF, free_bytes=0), far, NOW)
    assert found.light is Light.AT_RISK
    assert codes(found) == ["DiskFull"]


def test_a_substitute_is_offered_where_it_would_be_shown() -> None:
    assert Remedy.SUBSTITUTE in judged(package=HALF, kbps=20).remedies
    mandatory = msgspec.structs.replace(AIRING, rank=Rank.MANDATORY)
    assert Remedy.SUBSTITUTE not in verdict(replace(GOOD_FACTS, package=HALF, kbps=20), mandatory, NOW).remedies
    assert Remedy.SUBSTITUTE not in judged(online=False, seen_at=None).remedies
    assert Remedy.MOVE in judged(cuts=(Cut(START, START + HOUR),)).remedies
    assert Remedy.SMALLER in judged(package=HALF, smaller="360p").remedies


def test_while_it_runs_what_has_begun_is_ready() -> None:
    begun = Seen(begun=True, shown_ms=60_000, planned_ms=2_400_000, complete=False)
    assert judged(online=False, package=HALF, session=begun, now=START + MINUTE).light is Light.READY


@pytest.mark.parametrize(
    ("seen", "light"),
    [
        (Seen(begun=True, shown_ms=2_400_000, planned_ms=2_400_000, complete=True), Light.SHOWN),
        (Seen(begun=True, shown_ms=2_280_000, planned_ms=2_400_000, complete=False), Light.SHOWN),
        (Seen(begun=True, shown_ms=2_279_999, planned_ms=2_400_000, complete=False), Light.PARTLY),
        (Seen(begun=False, shown_ms=0, planned_ms=0, complete=False, missed="not_stored"), Light.MISSED),
        (Seen(begun=True, shown_ms=0, planned_ms=2_400_000, complete=False), Light.UNREPORTED),
        (None, Light.UNREPORTED),
    ],
)
def test_afterwards_it_is_what_was_shown(seen: Seen | None, light: Light) -> None:
    found = verdict(replace(GOOD_FACTS, session=seen), AIRING, AIRING.end)
    assert found.light is light
    assert (not found.reasons) == (light in GOOD)


def test_a_station_is_told_within_a_day_and_not_of_what_is_over_or_only_at_risk() -> None:
    bad = judged(online=False, seen_at=None)
    assert worth_telling(bad, AIRING, NOW) == bad.reasons[0]
    assert worth_telling(bad, AIRING, START - 25 * HOUR) is None
    assert worth_telling(bad, AIRING, START) is None
    assert worth_telling(judged(package=HALF), AIRING, NOW) is None


instants = st.integers(-5000, 5000).map(lambda minutes: START + minutes * MINUTE)
reports = st.one_of(
    st.none(),
    st.builds(
        PackageReport,
        state=st.sampled_from(list(PackageState)),
        stored_bytes=st.integers(0, 10**9),
        wanted_bytes=st.integers(0, 10**9),
        playable=st.booleans(),
        missing_bytes=st.none() | st.integers(0, 10**9),
    ),
)
cuts = st.builds(lambda at, length: Cut(at, at + length * MINUTE), instants, st.integers(1, 600))
any_facts = st.builds(
    Facts,
    online=st.booleans(),
    seen_at=st.none() | instants,
    reported_at=st.none() | instants,
    ahead_ms=st.integers(0, 10**6),
    stale=st.lists(st.builds(Stale, st.just("县"), st.integers(0, 5), st.just(6)), max_size=2).map(tuple),
    package=reports,
    smallest_bytes=st.integers(0, 10**9),
    before_bytes=st.integers(0, 10**9),
    kbps=st.none() | st.integers(0, 20_000),
    clock_ms=st.none() | st.integers(0, 10**5),
    free_bytes=st.none() | st.integers(0, 2 * 10**9),
    cuts=st.lists(cuts, max_size=2).map(tuple),
    on_days=st.integers(0, 7),
    known_days=st.integers(0, 7),
    on_weeks=st.integers(0, 2),
    known_weeks=st.integers(0, 2),
    smaller=st.sampled_from(["", "360p"]),
    session=st.none() | st.builds(Seen, st.booleans(), st.integers(0, 10**7), st.integers(0, 10**7), st.booleans()),
)


@given(any_facts, instants)
def test_every_verdict_that_is_not_good_has_a_reason_of_its_light_and_the_worst_comes_first(
    facts: Facts, now: datetime
) -> None:
    found = verdict(facts, AIRING, now)
    assert (not found.reasons) == (found.light in GOOD)
    order = [WORST_FIRST.index(reason.light) for reason in found.reasons]
    assert order == sorted(order)
    if found.reasons:
        assert found.reasons[0].light is found.light
    if found.light in {Light.AT_RISK, Light.WILL_NOT_PLAY}:
        assert found.remedies
    assert found.ready_by is None or found.ready_by >= now


@given(any_facts, instants, st.integers(0, 10**9))
def test_more_stored_bytes_never_make_the_light_worse(facts: Facts, now: datetime, more: int) -> None:
    if facts.package is None or facts.package.state is PackageState.REFUSED:
        return
    missing = facts.package.missing_bytes
    fuller = msgspec.structs.replace(
        facts.package,
        stored_bytes=facts.package.stored_bytes + more,
        missing_bytes=None if missing is None else max(0, missing - more),
        playable=facts.package.playable or (missing is not None and more >= missing),
    )
    before, after = verdict(facts, AIRING, now), verdict(replace(facts, package=fuller), AIRING, now)
    assert WORST_FIRST.index(after.light) >= WORST_FIRST.index(before.light)


@given(any_facts, instants, st.integers(0, 20_000))
def test_a_faster_line_is_never_later_and_never_worse(facts: Facts, now: datetime, more: int) -> None:
    if facts.kbps is None:
        return
    before, after = verdict(facts, AIRING, now), verdict(replace(facts, kbps=facts.kbps + more), AIRING, now)
    assert WORST_FIRST.index(after.light) >= WORST_FIRST.index(before.light)
    if before.ready_by is not None:
        assert after.ready_by is not None
        assert after.ready_by <= before.ready_by + timedelta(milliseconds=1)


@given(any_facts, instants)
def test_reasons_survive_being_written_down(facts: Facts, now: datetime) -> None:
    for reason in verdict(facts, AIRING, now).reasons:
        assert msgspec.json.decode(msgspec.json.encode(reason), type=AnyReason) == reason


def test_no_tag_of_a_reason_is_ever_renamed() -> None:
    tags = {kind.__struct_config__.tag for kind in reasons.Reason.__subclasses__()}
    assert tags == {
        "never_called",
        "silent",
        "not_on_yet",
        "refused",
        "power_cut",
        "disk_full",
        "too_slow",
        "line_down",
        "layer_missing",
        "layer_behind",
        "fetching",
        "speed_unknown",
        "clock_unsure",
        "clock_ahead",
        "usually_off",
        "partly_shown",
        "not_shown",
        "not_reported",
    }
    assert rules.CLOCK_SURE_MS == 1000

"""What an alert may say and who may send it; regions and kinds by the words of a file."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.alerts.rules import (
    LONGEST,
    AlertState,
    Fault,
    faults,
    kind_of,
    language_of,
    may_approve,
    names_in,
    outermost,
    region_of_code,
    shown_state,
)
from contentserver.regions import in_subtree
from schedules.alerts import DESCRIPTION_MAX, HEADLINE_MAX, STEP_MAX
from schedules.wire.messages import AlertKind
from tests.contentserver.alerts.samples import words
from tests.contentserver.conftest import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
KNOWN = {"64", "6402", "640221", "640221203", "640221203205"}


def test_a_usual_alert_has_no_fault() -> None:
    assert faults(words(), NOW) == ()
    assert faults(words(instructions=(), description="", effective=NOW + DAY, expires=NOW + 2 * DAY), NOW) == ()


@pytest.mark.parametrize(
    ("changes", "field", "fault"),
    [
        ({"regions": ()}, "regions", Fault.NO_REGION),
        ({"headline": "  "}, "headline", Fault.NO_HEADLINE),
        ({"headline": "雹" * (HEADLINE_MAX + 1)}, "headline", Fault.HEADLINE_LONG),
        ({"headline": "h" * (2 * HEADLINE_MAX + 1)}, "headline", Fault.HEADLINE_LONG),
        ({"description": "雹" * (DESCRIPTION_MAX + 1)}, "description", Fault.DESCRIPTION_LONG),
        ({"instructions": ("进屋", "雹" * (STEP_MAX + 1))}, "instructions.1", Fault.STEP_LONG),
        ({"instructions": ("一", "二", "三", "四")}, "instructions", Fault.TOO_MANY_STEPS),
        ({"sender_name": ""}, "sender_name", Fault.NO_SENDER),
        ({"effective": NOW + 8 * DAY, "expires": NOW + 9 * DAY}, "effective", Fault.TOO_FAR_AHEAD),
        ({"expires": NOW}, "expires", Fault.OVER_BEFORE_IT_BEGINS),
        ({"effective": NOW + DAY, "expires": NOW + MINUTE}, "expires", Fault.OVER_BEFORE_IT_BEGINS),
        ({"expires": NOW + MINUTE}, "expires", Fault.TOO_SHORT),
        ({"expires": NOW + LONGEST + MINUTE}, "expires", Fault.TOO_LONG),
    ],
)
def test_each_fault_is_named_with_its_field(changes: dict[str, object], field: str, fault: Fault) -> None:
    assert [(one.field, one.fault) for one in faults(words(**changes), NOW)] == [(field, fault)]


@given(st.sampled_from(AlertState), st.lists(st.uuids(), max_size=3), st.uuids())
def test_nobody_approves_their_own(state: AlertState, authors: list[UUID], who: UUID) -> None:
    assert not may_approve(state, [*authors, who], who)
    assert may_approve(state, authors, who) == (state is AlertState.WAITING and who not in authors)


@given(st.lists(st.sampled_from([*KNOWN, "6403", "640222", "640221204"]), max_size=8))
def test_the_outermost_regions_hold_all_the_others_and_none_of_each_other(codes: list[str]) -> None:
    kept = outermost(codes)
    assert all(any(in_subtree(code, root) for root in kept) for code in codes)
    assert not any(one != other and in_subtree(one, other) for one in kept for other in kept)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("640221", "640221"),
        ("640221000000", "640221"),
        ("640200", "6402"),
        ("640221203205", "640221203205"),
        ("640221203000", "640221203"),
        (" 640221 ", "640221"),
        ("640299", None),
        ("640221203999", None),
        ("CNNX", None),
        ("", None),
        ("６４０２２１", None),
    ],
)
def test_a_division_code_is_known_at_every_level(value: str, code: str | None) -> None:
    assert region_of_code(value, KNOWN) == code


def test_kinds_and_languages_by_their_words() -> None:
    assert kind_of("暴雨红色预警") is AlertKind.FLOOD
    assert kind_of("Hail") is AlertKind.HAIL
    assert kind_of("森林火险") is AlertKind.FIRE
    assert kind_of("道路结冰") is AlertKind.COLD
    assert kind_of("停水") is AlertKind.OTHER
    assert language_of("", "冰雹 hail") == "zh"
    assert language_of("Hail") == "en"


def test_the_names_in_an_area() -> None:
    assert names_in("平罗县、惠农区，大武口区") == ("平罗县、惠农区，大武口区", "平罗县", "惠农区", "大武口区")


def test_an_alert_whose_hour_has_passed_is_over_for_people_at_once() -> None:
    assert shown_state(AlertState.SENT, NOW, NOW) is AlertState.EXPIRED
    assert shown_state(AlertState.SENT, NOW + MINUTE, NOW) is AlertState.SENT
    assert shown_state(AlertState.CANCELLED, NOW, NOW) is AlertState.CANCELLED

"""How a command stands after a reply, how long a help lasts, and which keys there are."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.support import rules
from contentserver.support.rules import CommandState, EndedBy, Help, HelpPhase
from schedules.wire.messages import EndHelp, OfferHelp, PressKey, ReplyState
from tests.contentserver.conftest import NOW
from tvclient.core.events import Key

SECOND = timedelta(seconds=1)
states, replies = st.sampled_from(list(CommandState)), st.sampled_from(list(ReplyState))
spans = st.integers(-10_000, 10_000).map(lambda seconds: seconds * SECOND)


def test_the_keys_are_those_of_the_box() -> None:
    assert set(rules.KEYS) == set(Key)


@given(states, replies, replies)
def test_what_has_come_to_an_end_stays_so(state: CommandState, first: ReplyState, second: ReplyState) -> None:
    after = rules.after_reply(state, first)
    again = rules.after_reply(after, second)
    if after not in rules.OPEN and after is not CommandState.EXPIRED:
        assert again is after
    assert rules.after_reply(after, first) is after


@given(spans, spans, spans)
def test_a_help_ends_once_and_never_comes_back(ends: timedelta, heard: timedelta, look: timedelta) -> None:
    one = Help(CommandState.DONE, NOW, NOW + abs(ends), NOW + min(abs(heard), abs(look)))
    found = rules.overdue(one, NOW + abs(look))
    assert (rules.phase(one, NOW + abs(look)) is HelpPhase.ENDED) == (found is not None)
    if found:
        assert found[1] <= NOW + abs(look)
        assert rules.overdue(one, NOW + abs(look) + SECOND) == found


def test_the_sooner_end_counts() -> None:
    lasting = Help(CommandState.DONE, NOW, NOW + 900 * SECOND, NOW + 30 * SECOND)
    assert rules.phase(lasting, NOW + 89 * SECOND) is HelpPhase.LASTS
    assert rules.overdue(lasting, NOW + 90 * SECOND) == (EndedBy.LINE, NOW + 90 * SECOND)
    heard = Help(CommandState.DONE, NOW, NOW + 900 * SECOND, NOW + 899 * SECOND)
    assert rules.overdue(heard, NOW + 901 * SECOND) == (EndedBy.TIME, NOW + 900 * SECOND)


def test_a_help_before_anybody_agreed() -> None:
    assert rules.phase(Help(CommandState.WAITING), NOW) is HelpPhase.ASKED
    assert rules.phase(Help(CommandState.DECLINED), NOW) is HelpPhase.DECLINED
    assert rules.phase(Help(CommandState.EXPIRED), NOW) is HelpPhase.FAILED
    assert rules.phase(Help(CommandState.WAITING, ended_at=NOW), NOW) is HelpPhase.ENDED


def test_a_late_key_is_not_pressed_and_an_end_outlives_its_help() -> None:
    assert rules.holds_for(PressKey(help="h", key="ok")) <= 15 * SECOND
    assert rules.holds_for(OfferHelp(helper="李敏")) == 120 * SECOND
    assert rules.holds_for(EndHelp(help="h"), 600 * SECOND) == 600 * SECOND


def test_a_reply_under_way_is_waited_for() -> None:
    assert not rules.expired(CommandState.SENT, NOW, NOW + 30 * SECOND)
    assert rules.expired(CommandState.SENT, NOW, NOW + rules.GRACE)
    assert not rules.expired(CommandState.DONE, NOW, NOW + rules.GRACE)

"""Questions for the time: which way, how often, and which answers count."""

from datetime import timedelta

from schedules.wire.codec import encode
from schedules.wire.messages import TimeAnswer
from schedules.wire.topics import BoxId
from tests.tvclient.evening import NOON
from tvclient.adapters.asking_time import AT_FIRST, EVERY_OVER_HTTP_S, EVERY_S, FIRST_EVERY_S, AskingTime
from tvclient.adapters.clock import Clock

BOX = BoxId(7)


class Room:
    """A box whose wall clock woke in 1970, and a server that answers 40 ms later."""

    def __init__(self) -> None:
        self.mono = 500.0
        self.clock = Clock(None, lambda: self.mono, lambda: self.mono)
        self.asking = AskingTime(self.clock)

    def answer(self, token: str) -> bytes:
        at = NOON + timedelta(seconds=self.mono - 500)
        return encode(TimeAnswer(token=token, received_at=at, sent_at=at))

    def exchange(self) -> None:
        question = self.asking.question(BOX)
        self.mono += 0.02
        answer = self.answer(question.token)
        self.mono += 0.02
        self.asking.answered(answer, self.mono)


def test_the_first_questions_come_quickly_and_then_seldom() -> None:
    room = Room()
    for _ in range(AT_FIRST):
        assert room.asking.pause_s(online=True) == FIRST_EVERY_S
        room.exchange()
    assert room.asking.pause_s(online=True) == EVERY_S
    assert room.asking.pause_s(online=False) == EVERY_OVER_HTTP_S
    assert abs((room.clock.now() - NOON).total_seconds() - (room.mono - 500)) < 0.001
    assert not room.clock.unsure()


def test_an_answer_nobody_waits_for_says_nothing() -> None:
    room = Room()
    room.asking.answered(room.answer("nobody"), room.mono)
    question = room.asking.question(BOX)
    late = room.answer(question.token)
    room.asking.question(BOX)
    room.mono += 9
    room.asking.answered(late, room.mono)
    room.asking.answered(b"rubbish", room.mono)
    assert room.clock.unsure()


def test_the_same_answer_twice_counts_once() -> None:
    room = Room()
    question = room.asking.question(BOX)
    answer = room.answer(question.token)
    room.asking.answered(answer, room.mono + 0.04)
    sure = room.clock.report()
    room.asking.answered(answer, room.mono + 50)
    assert room.clock.report() == sure


def test_a_broker_behind_which_nobody_answers_is_passed_by() -> None:
    room = Room()
    for _ in range(3):
        assert not room.asking.prefers_http(online=True)
        room.asking.question(BOX)
    assert room.asking.prefers_http(online=True)
    room.asking.answered_over_http()
    assert not room.asking.prefers_http(online=True)
    assert room.asking.prefers_http(online=False)

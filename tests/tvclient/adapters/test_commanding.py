"""A command is believed when signed, done once and in time, and answered; also when it comes twice."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    CollectNow,
    Command,
    CommandBody,
    EndHelp,
    OfferHelp,
    PressKey,
    Reply,
    ReplyState,
    Restart,
    SendLogs,
    ServerTime,
    SetVolume,
    SignInMember,
    TakeScreenshot,
)
from schedules.wire.signing import Signer, Verifier, jwk_set, new_private_jwk
from schedules.wire.topics import BoxId
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.commanding import Commanding
from tvclient.adapters.duties import Duties
from tvclient.adapters.showing import Showing
from tvclient.core import events
from tvclient.core.effects import HelpSaid, HelpWord, PhoneAnswered, PhoneWord

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
SIGNER = Signer(new_private_jwk())


class Receiving:
    """The line's end of it, in one thread."""

    def __init__(self) -> None:
        self.collected = 0
        self.replies: list[Reply] = []
        self.up = True

    def reply(self, data: bytes) -> bool:
        if self.up:
            self.replies.append(decode(data, Reply))
        return self.up

    def later(self, job: Callable[[], None]) -> None:
        job()

    def collect(self) -> None:
        self.collected += 1

    def link_changed(self, online: bool) -> None: ...
    def link_refused(self) -> None: ...
    def desired_came(self, token: bytes) -> None: ...
    def layer_came(self, token: bytes) -> None: ...
    def ack_came(self, data: bytes) -> None: ...
    def time_came(self, data: bytes) -> None: ...
    def command_came(self, token: bytes) -> None: ...


class Box:
    """One box's commanding, with a wall clock of the test's own."""

    def __init__(self, folder: Path, *, sure: bool = True) -> None:
        self.now = NOW.timestamp()
        self.clock = Clock(None, lambda: self.now, lambda: self.now)
        if sure:
            self.clock.observe(self.now, ServerTime(received_at=NOW, sent_at=NOW), self.now)
        self.line, self.posted = Receiving(), list[events.Event]()
        self._api = Api("http://127.0.0.1:9")
        self._folder = folder
        self.commanding = self.begin()

    def begin(self) -> Commanding:
        return Commanding(
            BoxId(7),
            Verifier(jwk_set([SIGNER.public_jwk])),
            self._folder / "commands.json",
            self.clock,
            self.line,
            self._api,
            lambda heard, refused: Showing(self._api, None, None, heard, refused),
            self.line,
            self.posted.append,
        )

    def restart(self) -> None:
        self.commanding.close()
        self.posted.clear()
        self.line.replies.clear()
        self.commanding = self.begin()

    def take(self, token: bytes) -> list[tuple[ReplyState, str]]:
        """What is answered to it."""
        before = len(self.line.replies)
        self.commanding.came(token)
        return self.said()[before:]

    def said(self) -> list[tuple[ReplyState, str]]:
        self.commanding.turn(Duties(self.clock.ticks), online=True, http=False)
        return [(reply.state, reply.detail) for reply in self.line.replies]

    def close(self) -> None:
        self.commanding.close()
        self._api.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    found = Box(tmp_path)
    yield found
    found.close()


def command(
    body: CommandBody | bytes,
    name: str = "c",
    to: int = 7,
    holds: timedelta = timedelta(hours=1),
    signer: Signer = SIGNER,
) -> bytes:
    raw = msgspec.Raw(body if isinstance(body, bytes) else encode(body))
    return signer.sign(Command(id=name, box=BoxId(to), issued_at=NOW, expires_at=NOW + holds, body=raw))


DONE = ReplyState.DONE


def test_each_kind_does_what_it_says(box: Box) -> None:
    assert box.take(command(SetVolume(percent=40), "v")) == [(DONE, "40")]
    assert box.take(command(Restart(), "r")) == [(DONE, "")]
    assert box.take(command(CollectNow(), "n")) == [(DONE, "")]
    assert box.take(command(TakeScreenshot(), "p")) == [(ReplyState.FAILED, "no_picture")]
    assert box.posted == [events.VolumeWanted(40), events.RestartWanted()]
    assert box.line.collected == 1


def test_what_comes_twice_is_done_once_and_answered_twice(box: Box) -> None:
    token = command(Restart())
    assert box.take(token) == box.take(token) == [(DONE, "")]
    box.restart()
    assert box.take(token) == [(DONE, "")]
    assert box.posted == []


def test_what_nobody_trusted_signed_is_nothing(box: Box) -> None:
    stranger = Signer(new_private_jwk())
    good = command(Restart())
    for token in (command(Restart(), signer=stranger), good[:-6] + b"AAAAAA", command(Restart(), to=8), b"", b"\xff"):
        assert box.take(token) == []
    assert box.take(SIGNER.sign(SetVolume(percent=3))) == []
    assert box.posted == []
    assert box.take(good) == [(DONE, "")]


def test_unknown_and_unreadable_bodies_are_answered(box: Box) -> None:
    assert box.take(command(b'{"kind":"dance"}', "d")) == [(ReplyState.UNKNOWN, "")]
    assert box.take(command(b'{"kind":"set_volume","percent":"loud"}', "u")) == [(ReplyState.FAILED, "unreadable")]
    assert box.posted == []


def test_what_has_expired_is_not_done(box: Box) -> None:
    assert box.take(command(Restart(), holds=timedelta(seconds=-1))) == [(ReplyState.EXPIRED, "")]
    assert box.posted == []


def test_an_unsure_clock_refuses_only_what_is_long_expired(tmp_path: Path) -> None:
    box = Box(tmp_path, sure=False)
    assert box.take(command(Restart(), "a", holds=timedelta(hours=-2))) == [(DONE, "")]
    assert box.take(command(Restart(), "b", holds=timedelta(days=-2))) == [(ReplyState.EXPIRED, "")]
    assert len(box.posted) == 1
    box.close()


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (PhoneWord.DONE, (DONE, "")),
        (PhoneWord.ALREADY, (DONE, "already")),
        (PhoneWord.TAKEN_BACK, (DONE, "taken_back")),
        (PhoneWord.NOTHING_ON, (ReplyState.FAILED, "nothing_on")),
        (PhoneWord.NOT_ON_ROLL, (ReplyState.FAILED, "not_on_roll")),
    ],
)
def test_a_sign_in_by_phone_is_asked_of_the_core_once_and_answered_by_it(
    box: Box, word: PhoneWord, said: tuple[ReplyState, str]
) -> None:
    token = command(SignInMember(member="m-1", undo=word is PhoneWord.TAKEN_BACK), "s")
    assert box.take(token) == []
    assert box.take(token) == []
    assert box.posted == [events.PhoneSignedIn("s", "m-1", word is PhoneWord.TAKEN_BACK)]
    box.commanding.carry_out(PhoneAnswered("s", word))
    assert box.said() == [said]
    assert box.take(token) == [said]
    box.restart()
    assert box.take(token) == [said]
    assert box.posted == []


def test_a_sign_in_that_the_power_cut_short_is_said_to_have_failed(box: Box) -> None:
    assert box.take(command(SignInMember(member="m-1"), "s")) == []
    box.restart()
    assert box.said() == [(ReplyState.FAILED, "interrupted")]


def test_an_answer_waits_for_the_line(box: Box) -> None:
    box.line.up = False
    assert box.take(command(SetVolume(percent=1))) == []
    box.line.up = True
    assert box.said() == [(DONE, "1")]


def test_a_help_from_the_question_to_its_end(box: Box) -> None:
    assert box.take(command(OfferHelp(helper="李敏", minutes=15), "h")) == [(ReplyState.WAITING, "")]
    assert box.posted == [events.HelpAsked("h", "李敏", 15)]
    key = command(PressKey(help="h", key="down"), "k1")
    assert box.take(key) == [(ReplyState.DECLINED, "no_help")]
    box.commanding.carry_out(HelpSaid("h", HelpWord.AGREED))
    assert box.said()[-1] == (DONE, "")
    assert box.take(key) == [(ReplyState.DECLINED, "no_help")]
    again = command(PressKey(help="h", key="down"), "k2")
    assert box.take(again) == box.take(again) == [(DONE, "")]
    assert box.take(command(PressKey(help="h", key="power"), "k3")) == [(ReplyState.FAILED, "key_unknown")]
    assert box.take(command(PressKey(help="other", key="ok"), "k4")) == [(ReplyState.DECLINED, "no_help")]
    assert box.posted.count(events.SupportPressed("h", events.Key.DOWN)) == 1
    box.commanding.carry_out(HelpSaid("h", HelpWord.STOPPED))
    assert box.said()[-1] == (DONE, "ended_here")
    assert box.take(command(PressKey(help="h", key="down"), "k5")) == [(ReplyState.DECLINED, "no_help")]


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        (HelpWord.DECLINED, (ReplyState.DECLINED, "")),
        (HelpWord.UNANSWERED, (ReplyState.DECLINED, "nobody")),
        (HelpWord.BUSY, (ReplyState.FAILED, "busy")),
        (HelpWord.NOT_NOW, (ReplyState.FAILED, "not_now")),
        (HelpWord.WITHDRAWN, (ReplyState.DECLINED, "withdrawn")),
    ],
)
def test_every_no_is_said(box: Box, word: HelpWord, answer: tuple[ReplyState, str]) -> None:
    token = command(OfferHelp(helper="李敏"), "h")
    box.take(token)
    box.commanding.carry_out(HelpSaid("h", word))
    assert box.said()[-1] == answer
    assert box.take(token) == [answer]


def test_a_help_does_not_outlive_the_program(box: Box) -> None:
    box.take(command(OfferHelp(helper="李敏"), "h"))
    box.commanding.carry_out(HelpSaid("h", HelpWord.AGREED))
    box.said()
    box.restart()
    assert box.said() == [(DONE, "ended_line")]
    assert box.take(command(PressKey(help="h", key="ok"), "k")) == [(ReplyState.DECLINED, "no_help")]


def test_what_a_restart_interrupted_is_said(box: Box) -> None:
    box.take(command(OfferHelp(helper="李敏"), "h"))
    box.restart()
    assert box.said() == [(ReplyState.FAILED, "interrupted")]
    box.restart()
    assert box.said() == []


def test_the_end_comes_from_the_helper(box: Box) -> None:
    assert box.take(command(EndHelp(help="h"), "e")) == [(DONE, "")]
    assert box.posted == [events.HelpWithdrawn("h")]


def test_a_name_as_long_as_a_book_is_cut(box: Box) -> None:
    box.take(command(OfferHelp(helper="李\n敏" + "敏" * 500, minutes=10_000), "h"))
    (asked,) = box.posted
    assert isinstance(asked, events.HelpAsked)
    assert len(asked.helper) <= 20
    assert "\n" not in asked.helper
    assert asked.minutes == 60


@pytest.mark.parametrize("damage", [b"", b"{", b"[]"])
def test_a_damaged_memory_is_an_empty_one(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "commands.json").write_bytes(damage)
    box = Box(tmp_path)
    assert box.take(command(Restart())) == [(DONE, "")]
    box.close()


def test_a_log_that_cannot_be_sent_is_put_off_until_the_program_ends(box: Box) -> None:
    assert box.take(command(SendLogs(), "l")) == []
    box.restart()
    assert (ReplyState.FAILED, "interrupted") in box.said()

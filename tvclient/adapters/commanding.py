"""What the county asks of this box: believed when signed, done at most once and in time, and answered.

The answer to a command outlives a restart, until long after the command's expiry: what comes twice, by MQTT and by
HTTP, is answered from memory. A clock that no server has confirmed may be years off, so that by it only what is a day
past its expiry is refused (decision 21). Used by the line's thread; what it means on the screen: `core/helping.py`.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol, assert_never

import msgspec
import structlog

from schedules.wire.codec import Unreadable, decode_command, encode
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
    SetVolume,
    SignInMember,
    TakeScreenshot,
)
from schedules.wire.signing import BadSignature, Verifier
from schedules.wire.topics import BoxId
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.durable import write_durably
from tvclient.adapters.duties import Duties
from tvclient.adapters.errors import Refused
from tvclient.adapters.link import Receiver
from tvclient.adapters.showing import Showing
from tvclient.core import events
from tvclient.core.effects import HelpSaid, HelpWord, PhoneAnswered, PhoneWord, Photograph

ASK_EVERY_S = 300.0
ASK_EVERY_OFFLINE_S = 5.0
REPLY_HTTP_EVERY_S = 1.0
LONG_EXPIRED = timedelta(days=1)
REMEMBERED = timedelta(days=3)
"""After its expiry; longer than `LONG_EXPIRED`, so that nothing is done twice by a wrong clock."""
MOST_REMEMBERED = 500
MOST_MINUTES = 60
NAME_LENGTH = 20
INTERRUPTED = "interrupted"
_KEYS = frozenset(events.Key)
_ENDS = {
    HelpWord.STOPPED: "ended_here",
    HelpWord.RUN_OUT: "ended_time",
    HelpWord.LOST: "ended_line",
}
_ANSWERS = {
    HelpWord.DECLINED: (ReplyState.DECLINED, ""),
    HelpWord.UNANSWERED: (ReplyState.DECLINED, "nobody"),
    HelpWord.BUSY: (ReplyState.FAILED, "busy"),
    HelpWord.NOT_NOW: (ReplyState.FAILED, "not_now"),
}
_PHONE = {
    PhoneWord.DONE: (ReplyState.DONE, ""),
    PhoneWord.ALREADY: (ReplyState.DONE, "already"),
    PhoneWord.TAKEN_BACK: (ReplyState.DONE, "taken_back"),
    PhoneWord.NOTHING_ON: (ReplyState.FAILED, "nothing_on"),
    PhoneWord.NOT_ON_ROLL: (ReplyState.FAILED, "not_on_roll"),
}

log = structlog.get_logger(__name__)


class Hands(Receiver, Protocol):
    """The line: it takes what comes, and lends commands its thread."""

    def later(self, job: Callable[[], None]) -> None:
        """Do this in the line's own thread. From any thread."""

    def collect(self) -> None:
        """Send the journal, report and fetch at once, whatever the pace and the quiet hours."""


class ReplyLink(Protocol):
    """The way of a reply over MQTT."""

    def reply(self, data: bytes) -> bool:
        """Publish a `Reply`; whether it left."""


class Answered(msgspec.Struct, frozen=True):
    """What is said of a command from now on; `told` is false where it was still under way."""

    expires_at: datetime
    state: ReplyState
    detail: str = ""
    told: bool = True


class Commanding:
    """One box's commands."""

    def __init__(
        self,
        box: BoxId,
        verifier: Verifier,
        memory: Path,
        clock: Clock,
        link: ReplyLink,
        api: Api,
        showing: Callable[[Callable[[str], None], Callable[[str], None]], Showing],
        hands: Hands,
        post: Callable[[events.Event], None],
    ) -> None:
        """Load what was answered; what was under way when the program ended is answered now.

        Args:
            memory: file that keeps the answers.
            showing: makes what sends pictures, given what hears of a help and what is told that one is over.
            post: takes an event for the core.
        """
        self._box, self._verifier, self._memory, self._clock = box, verifier, memory, clock
        self._link, self._api, self._hands, self._post = link, api, hands, post
        self._showing = showing(
            lambda help_id: post(events.HelpHeard(help_id)), lambda help_id: post(events.HelpWithdrawn(help_id))
        )
        self._help: str | None = None
        self._pressed: dict[str, Answered] = {}
        """Keys of helps: a help does not outlive the program, so neither need these."""
        self._unsent: dict[str, Reply] = {}
        self._answered = _remembered(memory)
        self._owed = {command for command, answer in self._answered.items() if not answer.told}
        """What was under way when the program last ended, and has not been said since."""
        for command in self._owed:
            self._say(command, self._answered[command].state, self._answered[command].detail)

    def came(self, token: bytes) -> None:
        """A `Command`, still signed; what is none, or another box's, is left alone and logged."""
        try:
            command = self._verifier.read(token, Command)
        except BadSignature as error:
            log.warning("command.refused", reason=str(error))
            return
        if command.box != self._box or command.expires_at.tzinfo is None:
            log.warning("command.refused", reason="not for this box", box=command.box)
            return
        known = self._answered.get(command.id) or self._pressed.get(command.id)
        if known is not None:
            if known.told or command.id in self._owed:
                self._say(command.id, known.state, known.detail)
            return
        if self._is_expired(command):
            self._answer(command, ReplyState.EXPIRED)
            return
        try:
            body = decode_command(command.body)
        except Unreadable as error:
            log.warning("command.unreadable", command=command.id, reason=str(error))
            self._answer(command, ReplyState.FAILED, "unreadable")
            return
        if body is None:
            self._answer(command, ReplyState.UNKNOWN)
            return
        log.info("command.taken", command=command.id, kind=type(body).__name__)
        self._do(command, body)

    def turn(self, duties: Duties, *, online: bool, http: bool) -> None:
        """Send what is to be said, and ask over HTTP for what MQTT should have brought.

        Args:
            http: whether HTTP may be tried now.

        Raises:
            AdapterError: it could not be reached.
        """
        for command, reply in list(self._unsent.items()):
            if not self._link.reply(encode(reply)):
                if not http or not duties.due("replies_http", REPLY_HTTP_EVERY_S):
                    break
                try:
                    self._api.send_reply(reply)
                except Refused as error:
                    log.warning("reply.refused", command=command, reason=str(error))
            del self._unsent[command]
            if command in self._owed:
                self._owed.discard(command)
                self._conclude(command, reply.state, reply.detail)
        if http and duties.due("commands", ASK_EVERY_S if online else ASK_EVERY_OFFLINE_S):
            try:
                for token in self._api.commands():
                    self.came(token.encode())
            except Refused as error:  # a server that knows no commands
                log.debug("commands.not_given", reason=str(error))

    def carry_out(self, effect: HelpSaid | PhoneAnswered | Photograph) -> None:
        """What the core wants said or sent."""
        match effect:
            case Photograph(command):
                self._showing.picture(command, lambda code: self._hands.later(lambda: self._sent(command, code)))
            case HelpSaid(help_id, word):
                self._help_said(help_id, word)
            case PhoneAnswered(command, answer):
                self._conclude(command, *_PHONE[answer])
                self._say(command, *_PHONE[answer])
            case _:
                assert_never(effect)

    def close(self) -> None:
        """Stop sending."""
        self._showing.close()

    def _is_expired(self, command: Command) -> bool:
        overdue = self._clock.now() - command.expires_at
        return overdue >= (LONG_EXPIRED if self._clock.unsure() else timedelta())

    def _do(self, command: Command, body: CommandBody) -> None:
        match body:
            case CollectNow():
                self._answer(command, ReplyState.DONE)
                self._hands.collect()
            case SetVolume(percent=percent):
                self._answer(command, ReplyState.DONE, str(max(0, min(100, percent))))
                self._post(events.VolumeWanted(percent))
            case Restart():
                self._answer(command, ReplyState.DONE)
                self._post(events.RestartWanted())
            case TakeScreenshot() if not self._showing.has_screen:
                self._answer(command, ReplyState.FAILED, "no_picture")
            case TakeScreenshot():
                self._begin(command)
                self._post(events.ScreenshotWanted(command.id))
            case SendLogs(lines=lines):
                self._begin(command)
                taken = command.id
                self._showing.log(taken, lines, lambda code: self._hands.later(lambda: self._sent(taken, code)))
            case SignInMember(member=member, undo=undo):
                self._begin(command)
                self._post(events.PhoneSignedIn(command.id, member, undo))
            case OfferHelp() | PressKey() | EndHelp():
                self._help_with(command, body)
            case _:
                assert_never(body)

    def _help_with(self, command: Command, body: OfferHelp | PressKey | EndHelp) -> None:
        match body:
            case OfferHelp(helper=helper, minutes=minutes):
                self._begin(command)
                self._say(command.id, ReplyState.WAITING)
                name = " ".join(helper.split())[:NAME_LENGTH]
                self._post(events.HelpAsked(command.id, name, max(1, min(MOST_MINUTES, minutes))))
            case PressKey(help=help_id, key=key):
                self._press(command, help_id, key)
            case EndHelp(help=help_id):
                self._answer(command, ReplyState.DONE)
                self._post(events.HelpWithdrawn(help_id))
            case _:
                assert_never(body)

    def _press(self, command: Command, help_id: str, key: str) -> None:
        state, detail = ReplyState.DONE, ""
        if help_id != self._help:
            state, detail = ReplyState.DECLINED, "no_help"
        elif key not in _KEYS:
            state, detail = ReplyState.FAILED, "key_unknown"
        else:
            self._post(events.SupportPressed(help_id, events.Key(key)))
        self._pressed[command.id] = Answered(command.expires_at, state, detail)
        self._say(command.id, state, detail)

    def _help_said(self, help_id: str, word: HelpWord) -> None:
        agreed = self._help == help_id
        if word is HelpWord.AGREED:
            self._help = help_id
            self._conclude(help_id, ReplyState.DONE, _ENDS[HelpWord.LOST], told=False)
            self._say(help_id, ReplyState.DONE)
            self._showing.begin(help_id)
            return
        if agreed:
            self._help = None
            self._pressed.clear()
            self._showing.end()
        if word is HelpWord.WITHDRAWN:
            state, detail = (ReplyState.DONE, "ended_helper") if agreed else (ReplyState.DECLINED, "withdrawn")
        elif word in _ENDS:
            state, detail = ReplyState.DONE, _ENDS[word]
        else:
            state, detail = _ANSWERS[word]
        self._conclude(help_id, state, detail)
        self._say(help_id, state, detail)

    def _sent(self, command: str, code: str) -> None:
        state = ReplyState.FAILED if code else ReplyState.DONE
        self._conclude(command, state, code)
        self._say(command, state, code)

    def _begin(self, command: Command) -> None:
        """It is under way: should the program end before it is done, that is what will be said."""
        self._remember(command.id, Answered(command.expires_at, ReplyState.FAILED, INTERRUPTED, told=False))

    def _answer(self, command: Command, state: ReplyState, detail: str = "") -> None:
        """Remember first, then say: what was done is never done again."""
        self._remember(command.id, Answered(command.expires_at, state, detail))
        self._say(command.id, state, detail)

    def _conclude(self, command: str, state: ReplyState, detail: str, *, told: bool = True) -> None:
        known = self._answered.get(command)
        if known is not None:
            self._remember(command, Answered(known.expires_at, state, detail, told=told))

    def _say(self, command: str, state: ReplyState, detail: str = "") -> None:
        self._unsent.pop(command, None)
        self._unsent[command] = Reply(box=self._box, command=command, state=state, at=self._clock.now(), detail=detail)

    def _remember(self, command: str, answer: Answered) -> None:
        self._answered[command] = answer
        if not self._clock.unsure():
            now = self._clock.now()
            self._answered = {
                one: kept
                for one, kept in self._answered.items()
                if now - kept.expires_at < REMEMBERED or one == command
            }
        self._answered = dict(list(self._answered.items())[-MOST_REMEMBERED:])
        try:
            write_durably(self._memory, msgspec.json.encode(self._answered))
        except OSError as error:  # a full disk is a reason for help, not against it; until a restart memory will do
            log.warning("commands.not_kept", reason=str(error))


def _remembered(memory: Path) -> dict[str, Answered]:
    try:
        return msgspec.json.decode(memory.read_bytes(), type=dict[str, Answered])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("commands.forgotten", reason=str(error))
        return {}

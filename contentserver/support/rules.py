"""Decisions about commands to boxes: how long one holds, what a reply changes, how a help stands and ends. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from schedules.wire.messages import (
    CommandBody,
    EndHelp,
    OfferHelp,
    PressKey,
    ReplyState,
    Restart,
    SignInMember,
    TakeScreenshot,
)

HELP_MINUTES: Final = (5, 15, 30)
USUAL_MINUTES: Final = 15
REASON_MAX: Final = 300
OPEN_AT_ONCE: Final = 20
"""So many commands of one box may wait; keys of a help and sign-ins by phone are not counted."""
PHONES_AT_ONCE: Final = 60
"""So many sign-ins by phone may wait for one box."""
UNHEARD: Final = timedelta(seconds=60)
"""A help whose box gives no sign of life for so long is over."""
GRACE: Final = timedelta(seconds=90)
"""So long after its expiry a reply that is under way is still waited for."""
PICTURE_MAX: Final = 2_000_000
PIXELS_MAX: Final = 4096 * 2304
LOG_MAX: Final = 1_000_000
LOG_LINES: Final = 500
KEYS: Final = (
    *("up", "down", "left", "right", "ok", "back", "home", "menu", "red", "green", "yellow", "blue"),
    *map(str, range(10)),
    *("channel_up", "channel_down", "volume_up", "volume_down", "mute"),
)
"""The keys of a remote, as the box names them."""


class CommandState(StrEnum):
    """What became of a command."""

    ASKED = "asked"
    """It has not left the server."""
    SENT = "sent"
    """The broker has it, or the box has fetched it."""
    WAITING = "waiting"
    """Somebody at the television must agree first."""
    DONE = "done"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    FAILED = "failed"


UNANSWERED: Final = frozenset({CommandState.ASKED, CommandState.SENT})
OPEN: Final = UNANSWERED | {CommandState.WAITING}


class EndedBy(StrEnum):
    """How a help came to its end."""

    HELPER = "helper"
    TELEVISION = "television"
    TIME = "time"
    LINE = "line"
    """The box was not heard of any more."""


ENDED_WORDS: Final = {
    "ended_here": EndedBy.TELEVISION,
    "ended_time": EndedBy.TIME,
    "ended_line": EndedBy.LINE,
    "ended_helper": EndedBy.HELPER,
}
"""What a box says in `Reply.detail` when a help that it had agreed to is over."""


class HelpPhase(StrEnum):
    """How a help stands."""

    ASKED = "asked"
    DECLINED = "declined"
    FAILED = "failed"
    """It never reached anybody: expired, unknown to the box, or failed there."""
    LASTS = "lasts"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Help:
    """A help as the rules see it; the fields are those of its row, `state` its command's."""

    state: CommandState
    agreed_at: datetime | None = None
    ends_at: datetime | None = None
    heard_at: datetime | None = None
    ended_at: datetime | None = None


def holds_for(body: CommandBody, minutes_left: timedelta = timedelta()) -> timedelta:
    """How long a command may be carried out after it was asked: a key that comes late is pressed on another screen."""
    match body:
        case PressKey():
            return timedelta(seconds=15)
        case SignInMember():
            return timedelta(seconds=60)
        case OfferHelp():
            return timedelta(minutes=2)
        case TakeScreenshot():
            return timedelta(minutes=10)
        case Restart():
            return timedelta(hours=12)
        case EndHelp():
            return max(timedelta(minutes=1), minutes_left)
        case _:
            return timedelta(hours=1)


def after_reply(state: CommandState, reply: ReplyState) -> CommandState:
    """The state after a box's word: what has come to an end stays so, but that a late word is truer than "expired"."""
    if state in OPEN or state is CommandState.EXPIRED:
        return CommandState(reply.value)
    return state


def expired(state: CommandState, expires_at: datetime, now: datetime) -> bool:
    """Whether nobody waits for an answer any more."""
    return state in OPEN and now >= expires_at + GRACE


def overdue(one: Help, now: datetime) -> tuple[EndedBy, datetime] | None:
    """How and when a help has come to its end by itself; None while it lasts, or once that is noted."""
    if one.agreed_at is None or one.ended_at is not None:
        return None
    unheard = (one.heard_at or one.agreed_at) + UNHEARD
    ends_at = one.ends_at or one.agreed_at
    if now >= min(unheard, ends_at):
        return (EndedBy.TIME, ends_at) if ends_at <= unheard else (EndedBy.LINE, unheard)
    return None


def phase(one: Help, now: datetime) -> HelpPhase:
    """How a help stands now."""
    if one.ended_at is not None or overdue(one, now):
        return HelpPhase.ENDED
    if one.agreed_at is not None:
        return HelpPhase.LASTS
    if one.state is CommandState.DECLINED:
        return HelpPhase.DECLINED
    return HelpPhase.ASKED if one.state in OPEN else HelpPhase.FAILED

"""What pages say of commands and helps."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.support.rules import CommandState, EndedBy

KIND_NAMES: Final[Mapping[str, object]] = {
    "collect_now": _("Collect now"),
    "take_screenshot": _("Picture of the screen"),
    "set_volume": _("Volume"),
    "restart": _("Restart"),
    "send_logs": _("Log"),
    "offer_help": _("Help"),
}
STATE_NAMES: Final[Mapping[str, object]] = {
    CommandState.ASKED: _("not sent yet"),
    CommandState.SENT: _("sent, no answer yet"),
    CommandState.WAITING: _("waits for OK on the television"),
    CommandState.DONE: _("done"),
    CommandState.DECLINED: _("declined at the television"),
    CommandState.EXPIRED: _("the box did not answer in time"),
    CommandState.UNKNOWN: _("the box's program is too old for this"),
    CommandState.FAILED: _("did not work"),
}
STATE_LOOKS: Final[Mapping[str, str]] = {
    CommandState.ASKED: "work",
    CommandState.SENT: "work",
    CommandState.WAITING: "work",
    CommandState.DONE: "good",
    CommandState.DECLINED: "idle",
    CommandState.EXPIRED: "risk",
    CommandState.UNKNOWN: "bad",
    CommandState.FAILED: "bad",
}
ENDED_NAMES: Final[Mapping[str, object]] = {
    EndedBy.HELPER: _("ended in the office"),
    EndedBy.TELEVISION: _("ended at the television"),
    EndedBy.TIME: _("the time was up"),
    EndedBy.LINE: _("the line to the television was lost"),
}
DETAIL_NAMES: Final[Mapping[str, object]] = {
    "nobody": _("nobody answered"),
    "no_picture": _("this box has no screen"),
    "no_line": _("it could not be sent"),
    "interrupted": _("the box was switched off meanwhile"),
    "busy": _("another help lasts"),
    "not_now": _("no questions can be asked on it now"),
    "no_help": _("no help lasts"),
}
"""What a box says in `Reply.detail`; anything else is not shown."""
KEY_NAMES: Final[Mapping[str, object]] = {
    "up": _("Up"),
    "down": _("Down"),
    "left": _("Left"),
    "right": _("Right"),
    "ok": _("OK"),
    "back": _("Back"),
    "home": _("Home"),
    "menu": _("Menu"),
    "red": _("Red key"),
    "green": _("Green key"),
    "yellow": _("Yellow key"),
    "blue": _("Blue key"),
}

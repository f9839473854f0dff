"""What the server asks a box to do once. The law of evolution, to be read first: `__init__.py`.

A command is signed, sent once over MQTT and asked for again over HTTP, done at most once, and not at all after its
expiry. The box answers with a `Reply`; pictures and logs go over HTTP under the command's id.
"""

from datetime import datetime

import msgspec

from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class CollectNow(Message, frozen=True, kw_only=True, tag_field="kind", tag="collect_now"):
    """Send the journal, report and fetch at once, whatever the pace and the quiet hours."""


class TakeScreenshot(Message, frozen=True, kw_only=True, tag_field="kind", tag="take_screenshot"):
    """Send a picture of the screen; a notice on the television says so."""


class SetVolume(Message, frozen=True, kw_only=True, tag_field="kind", tag="set_volume"):
    """Set the sound's volume, 0 to 100."""

    percent: int


class Restart(Message, frozen=True, kw_only=True, tag_field="kind", tag="restart"):
    """Begin the program anew; while a lesson plays, after it."""


class SendLogs(Message, frozen=True, kw_only=True, tag_field="kind", tag="send_logs"):
    """Send the last lines of the program's log."""

    lines: int = 500


class OfferHelp(Message, frozen=True, kw_only=True, tag_field="kind", tag="offer_help"):
    """Ask at the television whether support may see the screen and press keys, for so many minutes at most."""

    helper: str
    """Who asks, as the television shows it."""
    minutes: int = 15


class PressKey(Message, frozen=True, kw_only=True, tag_field="kind", tag="press_key"):
    """Press a key of the remote, inside a help that was agreed to."""

    help: str
    """Id of the `OfferHelp` command."""
    key: str


class EndHelp(Message, frozen=True, kw_only=True, tag_field="kind", tag="end_help"):
    """The helper is done."""

    help: str


class SignInMember(Message, frozen=True, kw_only=True, tag_field="kind", tag="sign_in_member"):
    """A member says by phone that they are here; whoever is signed in already stays so. The box writes the fact."""

    member: str
    undo: bool = False
    """It was a mistake: take the sign-in back."""


CommandBody = (
    CollectNow | TakeScreenshot | SetVolume | Restart | SendLogs | OfferHelp | PressKey | EndHelp | SignInMember
)


class Command(Message, frozen=True, kw_only=True):
    """One command to one box. Signed.

    Attributes:
        body: JSON of a `CommandBody`, raw so that a kind not yet known can be answered with `unknown`.
    """

    id: str
    box: BoxId
    issued_at: datetime
    expires_at: datetime
    body: msgspec.Raw


class Commands(Message, frozen=True, kw_only=True):
    """Over HTTP: the signed commands that a box has not answered and that have not expired, oldest first."""

    commands: tuple[str, ...] = ()

"""Everything that can happen to the television. Produced by adapters, consumed by `step`.

No event carries the time: `step` receives it as an argument.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from schedules.airings import Airing, AiringId, PackageName
from schedules.wire.messages import Alert, PackageReport, Paper, Roster, StationCard
from tvclient.core.airtime import Airtime
from tvclient.core.asked import Answers
from tvclient.core.gaps import Gap
from tvclient.core.settled import BoxCard, LineFacts
from tvclient.core.state import Stick, StoredLesson
from tvclient.core.tracks import TrackName


class Key(StrEnum):
    """Keys of a remote, after learning and mapping."""

    UP = "up"
    DOWN = "down"
    LEFT = "left"
    RIGHT = "right"
    OK = "ok"
    BACK = "back"
    HOME = "home"
    MENU = "menu"
    RED = "red"
    GREEN = "green"
    YELLOW = "yellow"
    BLUE = "blue"
    D0 = "0"
    D1 = "1"
    D2 = "2"
    D3 = "3"
    D4 = "4"
    D5 = "5"
    D6 = "6"
    D7 = "7"
    D8 = "8"
    D9 = "9"
    CHANNEL_UP = "channel_up"
    CHANNEL_DOWN = "channel_down"
    VOLUME_UP = "volume_up"
    VOLUME_DOWN = "volume_down"
    MUTE = "mute"


class KeyPressed(msgspec.Struct, frozen=True):
    """A key went down, or repeats while held (`repeat`).

    Attributes:
        since_ms: so long after the key before it, as far as whoever reads the keys can say.
    """

    key: Key
    repeat: bool = False
    since_ms: int | None = None


class RawKey(msgspec.Struct, frozen=True):
    """While a remote is being learnt: one of its keys went down.

    Attributes:
        device: the remote's name.
        code: Linux's code of the key, or the remote's own (`adapters/remote.py`).
        known: what it means without any learning.
        taught: what it was taught to mean before.
    """

    device: str
    code: int
    known: Key | None = None
    taught: Key | None = None


class LineChecked(msgspec.Struct, frozen=True):
    """What came of a look at the line."""

    facts: LineFacts


class BoxDescribed(msgspec.Struct, frozen=True):
    """What this box is."""

    card: BoxCard


class Ticked(msgspec.Struct, frozen=True):
    """Time went on; comes at least four times a second while something waits for the clock."""


class ServerUnreachable(msgspec.Struct, frozen=True):
    """Not yet enrolled, and no server answers."""


class ClaimOffered(msgspec.Struct, frozen=True):
    """Somebody must enter this code to let the box in; also to an enrolled box that its server has lost."""

    claim_code: str
    claim_url: str


class Enrolled(msgspec.Struct, frozen=True):
    """The code was entered, or the box was enrolled before."""


class EnrolmentEnded(msgspec.Struct, frozen=True):
    """The server has ended the enrolment, for this reason in words."""

    reason: str


class LinkChanged(msgspec.Struct, frozen=True):
    """The line to the broker came or went."""

    online: bool


class StationChanged(msgspec.Struct, frozen=True):
    """The server says where the box stands, and the address under which people sign in there by phone."""

    station: StationCard
    join: str = ""


class TimetableChanged(msgspec.Struct, frozen=True):
    """The merged timetable changed."""

    airings: tuple[Airing, ...]
    displaced: tuple[Airing, ...] = ()


class LibraryChanged(msgspec.Struct, frozen=True):
    """Which lessons are whole on this box changed."""

    lessons: tuple[StoredLesson, ...]


class PlacesRestored(msgspec.Struct, frozen=True):
    """At start: where lessons were left, in milliseconds."""

    places: Mapping[PackageName, int]


class RosterChanged(msgspec.Struct, frozen=True):
    """Who may sign in changed."""

    roster: Roster


class PaperChanged(msgspec.Struct, frozen=True):
    """What the station reads of one kind changed; an empty one says that there is nothing any more."""

    paper: Paper


class FilesChanged(msgspec.Struct, frozen=True):
    """Which files of answers are on the disk changed; by SHA-256."""

    stored: frozenset[str]


class NoteEnded(msgspec.Struct, frozen=True):
    """A voice note was heard to its end, or cannot be heard."""

    sha256: str


class PackagesChanged(msgspec.Struct, frozen=True):
    """What is stored changed; `scarred` were whole and have damaged pieces now."""

    packages: Mapping[PackageName, PackageReport]
    scarred: frozenset[PackageName] = frozenset()


class SignInsRestored(msgspec.Struct, frozen=True):
    """At start: what the box's own journal knows of each airing: who signed in, what began, what was closed.

    `entered` is the station that the journal's newest rows belong to; empty before the first. `airtime` is what was
    shown there; `opened` the notices that somebody opened there. `answers` is what the room answered to the questions
    of each airing, turn by turn.
    """

    signed_in: Mapping[AiringId, frozenset[str]]
    started: frozenset[AiringId] = frozenset()
    closed: frozenset[AiringId] = frozenset()
    entered: str = ""
    airtime: Airtime = msgspec.field(default_factory=dict)
    opened: frozenset[str] = frozenset()
    answers: Mapping[AiringId, Answers] = msgspec.field(default_factory=dict)


class FactsHeldBack(msgspec.Struct, frozen=True):
    """The journal cannot be written: that many facts wait in memory; 0 when all are on the disk again."""

    waiting: int


class StickChanged(msgspec.Struct, frozen=True):
    """A USB stick with lessons: what the box does with it; None when it is out and nothing is left to say."""

    stick: Stick | None


class RestartWanted(msgspec.Struct, frozen=True):
    """The program should begin anew: a new release is on the disk, or somebody asked for it."""


class VolumeWanted(msgspec.Struct, frozen=True):
    """Somebody in the county sets the lessons' volume, 0 to 100."""

    percent: int


class ScreenshotWanted(msgspec.Struct, frozen=True):
    """Somebody in the county wants a picture of the screen, by this command."""

    command: str


class HelpAsked(msgspec.Struct, frozen=True):
    """Somebody asks whether they may see the screen and press keys, for so many minutes at most."""

    help: str
    helper: str
    minutes: int


class HelpWithdrawn(msgspec.Struct, frozen=True):
    """The helper is done, or asks no more; or the server holds the help for over."""

    help: str


class HelpHeard(msgspec.Struct, frozen=True):
    """The server has taken a picture of this help, or a sign of life."""

    help: str


class SupportPressed(msgspec.Struct, frozen=True):
    """The helper pressed a key; it counts only while this help lasts."""

    help: str
    key: Key


class PhoneSignedIn(msgspec.Struct, frozen=True):
    """A member says by phone that they are here, by this command; or takes it back (`undo`)."""

    command: str
    member: str
    undo: bool = False


class ClockChanged(msgspec.Struct, frozen=True):
    """The estimate of the server's time became sure or unsure."""

    unsure: bool


class AlertsChanged(msgspec.Struct, frozen=True):
    """The stored alerts changed; with those that were answered before a restart."""

    alerts: tuple[Alert, ...]
    answered: frozenset[str] = frozenset()


class VoiceChanged(msgspec.Struct, frozen=True):
    """The voice began to read, or fell silent."""

    speaking: bool


class LessonOpened(msgspec.Struct, frozen=True):
    """The player opens the airing's lesson, which has these languages, and these pieces left out."""

    airing: AiringId
    sounds: tuple[TrackName, ...]
    captions: tuple[TrackName, ...]
    gaps: tuple[Gap, ...] = ()


class LessonExamined(msgspec.Struct, frozen=True):
    """The files of the airing's lesson were read once more: these pieces of it are damaged."""

    airing: AiringId
    gaps: tuple[Gap, ...]


class DamageRestored(msgspec.Struct, frozen=True):
    """At start: damaged pieces that the journal holds (`mending.py`)."""

    told: frozenset[str]


class PlayerCued(msgspec.Struct, frozen=True):
    """The first frame of the airing is ready and paused."""

    airing: AiringId


class PlayerMoved(msgspec.Struct, frozen=True):
    """The picture moves; comes about four times a second, and after each seek."""

    airing: AiringId
    position_ms: int


class PlayerStumbled(msgspec.Struct, frozen=True):
    """Something in the airing's files could not be read; it plays on as well as it can."""

    airing: AiringId


class PlayerEnded(msgspec.Struct, frozen=True):
    """The airing ran to its own end."""

    airing: AiringId
    position_ms: int


class PlayerFailed(msgspec.Struct, frozen=True):
    """The airing cannot be played: a stable code (`refused`, `not_stored`, `player_failed`, `no_player`)."""

    airing: AiringId
    reason: str


Event = (
    KeyPressed
    | RawKey
    | LineChecked
    | BoxDescribed
    | Ticked
    | ServerUnreachable
    | ClaimOffered
    | Enrolled
    | EnrolmentEnded
    | LinkChanged
    | StationChanged
    | TimetableChanged
    | LibraryChanged
    | PlacesRestored
    | RosterChanged
    | PaperChanged
    | FilesChanged
    | NoteEnded
    | PackagesChanged
    | SignInsRestored
    | FactsHeldBack
    | StickChanged
    | RestartWanted
    | VolumeWanted
    | ScreenshotWanted
    | HelpAsked
    | HelpWithdrawn
    | HelpHeard
    | SupportPressed
    | PhoneSignedIn
    | ClockChanged
    | AlertsChanged
    | VoiceChanged
    | LessonOpened
    | LessonExamined
    | DamageRestored
    | PlayerCued
    | PlayerMoved
    | PlayerStumbled
    | PlayerEnded
    | PlayerFailed
)

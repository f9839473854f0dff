"""Everything that can happen to the television. Produced by adapters, consumed by `step`.

No event carries the time: `step` receives it as an argument.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schedules.airings import Airing, AiringId, PackageName
from schedules.wire.messages import Alert, PackageReport, Roster, StationCard


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


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key went down, or repeats while held (`repeat`)."""

    key: Key
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time went on; comes at least four times a second while something waits for the clock."""


@dataclass(frozen=True, slots=True)
class ServerUnreachable:
    """Not yet enrolled, and no server answers."""


@dataclass(frozen=True, slots=True)
class ClaimOffered:
    """The server knows the box; somebody must now enter the code."""

    claim_code: str
    claim_url: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The code was entered, or the box was enrolled before."""


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """The line to the broker came or went."""

    online: bool


@dataclass(frozen=True, slots=True)
class StationChanged:
    """The server says where the box stands."""

    station: StationCard


@dataclass(frozen=True, slots=True)
class TimetableChanged:
    """The merged timetable changed."""

    airings: tuple[Airing, ...]


@dataclass(frozen=True, slots=True)
class RosterChanged:
    """Who may sign in changed."""

    roster: Roster


@dataclass(frozen=True, slots=True)
class PackagesChanged:
    """What is stored changed."""

    packages: Mapping[PackageName, PackageReport]


@dataclass(frozen=True, slots=True)
class SignInsRestored:
    """At start: what the box's own journal knows of each airing: who signed in, what began, what was closed."""

    signed_in: Mapping[AiringId, frozenset[str]]
    started: frozenset[AiringId] = frozenset()
    closed: frozenset[AiringId] = frozenset()


@dataclass(frozen=True, slots=True)
class ClockChanged:
    """The estimate of the server's time became sure or unsure."""

    unsure: bool


@dataclass(frozen=True, slots=True)
class AlertsChanged:
    """The stored alerts changed; with those that were answered before a restart."""

    alerts: tuple[Alert, ...]
    answered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class VoiceChanged:
    """The voice began to read, or fell silent."""

    speaking: bool


@dataclass(frozen=True, slots=True)
class PlayerCued:
    """The first frame of the airing is ready and paused."""

    airing: AiringId


@dataclass(frozen=True, slots=True)
class PlayerMoved:
    """The picture moves; comes about four times a second, and after each seek."""

    airing: AiringId
    position_ms: int


@dataclass(frozen=True, slots=True)
class PlayerEnded:
    """The airing ran to its own end."""

    airing: AiringId
    position_ms: int


@dataclass(frozen=True, slots=True)
class PlayerFailed:
    """The airing cannot be played: a stable code (`refused`, `not_stored`, `player_failed`)."""

    airing: AiringId
    reason: str


Event = (
    KeyPressed
    | Ticked
    | ServerUnreachable
    | ClaimOffered
    | Enrolled
    | LinkChanged
    | StationChanged
    | TimetableChanged
    | RosterChanged
    | PackagesChanged
    | SignInsRestored
    | ClockChanged
    | AlertsChanged
    | VoiceChanged
    | PlayerCued
    | PlayerMoved
    | PlayerEnded
    | PlayerFailed
)

"""Everything `step` may ask the shell to do. Carried out in order, after the new state is in place."""

from dataclasses import dataclass
from enum import StrEnum

from schedules.airings import Airing, PackageName
from schedules.wire.messages import EventBody


@dataclass(frozen=True, slots=True)
class Cue:
    """Open the airing's package (verified first) and wait paused at `from_ms` of media time."""

    airing: Airing
    from_ms: int


@dataclass(frozen=True, slots=True)
class Play:
    """Let the cued picture move."""

    airing: Airing


@dataclass(frozen=True, slots=True)
class Seek:
    """Jump to a media time."""

    position_ms: int


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Play at this factor of normal speed (1.0 is normal); pitch is kept."""

    factor: float


@dataclass(frozen=True, slots=True)
class StopPlayer:
    """Close what the player has open."""


@dataclass(frozen=True, slots=True)
class Record:
    """Write a fact into the journal."""

    body: EventBody


class Sound(StrEnum):
    """Short sounds of the television itself."""

    CHIME = "chime"
    TICK = "tick"
    BLOCKED = "blocked"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Sounded:
    """Play a short sound."""

    sound: Sound


@dataclass(frozen=True, slots=True)
class Prefer:
    """Packages in the order in which they are wanted on the disk."""

    packages: tuple[PackageName, ...]


@dataclass(frozen=True, slots=True)
class CheckEnrolment:
    """Ask the server now whether the code was entered."""


@dataclass(frozen=True, slots=True)
class Speak:
    """Read a text aloud, where there is a voice; what is being read is cut short."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Hush:
    """Let the voice fall silent."""


@dataclass(frozen=True, slots=True)
class KeepAnswered:
    """Remember over a restart which alerts were answered."""

    alerts: frozenset[str]


Effect = (
    Cue | Play | Seek | SetSpeed | StopPlayer | Record | Sounded | Prefer | CheckEnrolment | Speak | Hush | KeepAnswered
)

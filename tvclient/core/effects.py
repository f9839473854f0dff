"""Everything `step` may ask the shell to do. Carried out in order, after the new state is in place."""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from schedules.airings import Airing, PackageName
from schedules.wire.messages import AnswerFile, EventBody
from tvclient.core.state import Preferences


class Cue(msgspec.Struct, frozen=True):
    """Open the airing's package (verified first) and wait paused at `from_ms` of media time."""

    airing: Airing
    from_ms: int


class Play(msgspec.Struct, frozen=True):
    """Let the cued picture move."""

    airing: Airing


class Pause(msgspec.Struct, frozen=True):
    """Let the picture stand until `Play`."""


class KeepPlaces(msgspec.Struct, frozen=True):
    """Remember over a restart where lessons were left."""

    places: Mapping[PackageName, int]


class Seek(msgspec.Struct, frozen=True):
    """Jump to a media time."""

    position_ms: int


class SetSpeed(msgspec.Struct, frozen=True):
    """Play at this factor of normal speed (1.0 is normal); pitch is kept."""

    factor: float


class ChooseSound(msgspec.Struct, frozen=True):
    """Let this sound track of the open lesson be heard, 0 for the first."""

    number: int


class ChooseCaptions(msgspec.Struct, frozen=True):
    """Show these captions of the open lesson, 0 for the first, below 0 for none."""

    number: int


class StopPlayer(msgspec.Struct, frozen=True):
    """Close what the player has open."""


class Examine(msgspec.Struct, frozen=True):
    """Read the files of the lesson that plays once more; answered by `LessonExamined`."""

    airing: Airing


class Record(msgspec.Struct, frozen=True):
    """Write a fact into the journal."""

    body: EventBody


class Sound(StrEnum):
    """Short sounds of the television itself."""

    CHIME = "chime"
    TICK = "tick"
    BLOCKED = "blocked"
    ALERT = "alert"


class Sounded(msgspec.Struct, frozen=True):
    """Play a short sound."""

    sound: Sound


class Prefer(msgspec.Struct, frozen=True):
    """Airings that are still to be shown; their packages are wanted on the disk, the earliest first."""

    airings: tuple[Airing, ...]


class CheckEnrolment(msgspec.Struct, frozen=True):
    """Ask the server now whether the code was entered."""


class Leave(msgspec.Struct, frozen=True):
    """End the program in order; whoever started it starts it again."""


class EnrolAgain(msgspec.Struct, frozen=True):
    """Ask some server to let the box in after its enrolment was ended."""


class Speak(msgspec.Struct, frozen=True):
    """Read a text aloud, where there is a voice; what is being read is cut short."""

    text: str
    language: str


class Hush(msgspec.Struct, frozen=True):
    """Let the voice fall silent."""


class KeepFiles(msgspec.Struct, frozen=True):
    """Have these files of answers on the disk, the first ones first, and no others; answered by `FilesChanged`."""

    files: tuple[AnswerFile, ...]


class PlayNote(msgspec.Struct, frozen=True):
    """Let a voice note be heard at this volume, 0 to 100; a lesson is silent meanwhile. Answered by `NoteEnded`."""

    sha256: str
    percent: int


class StopNote(msgspec.Struct, frozen=True):
    """Let the voice note fall silent, and the lesson be heard again."""


class KeepAnswered(msgspec.Struct, frozen=True):
    """Remember over a restart which alerts were answered."""

    alerts: frozenset[str]


class SetVolume(msgspec.Struct, frozen=True):
    """Let lessons be heard at this volume, 0 to 100, from now on, and after a restart where it lasts.

    Alerts keep their own.
    """

    percent: int
    lasting: bool = True


class TryVolume(msgspec.Struct, frozen=True):
    """Let the chime ring as loud as lessons at this volume, 0 to 100."""

    percent: int


class KeepPreferences(msgspec.Struct, frozen=True):
    """Remember over a restart what was chosen."""

    preferences: Preferences


class KeepKeys(msgspec.Struct, frozen=True):
    """These codes of a remote mean these keys, from now on and after a restart; earlier ones of it are forgotten."""

    device: str
    codes: Mapping[int, str]


class CheckLine(msgspec.Struct, frozen=True):
    """Find out how the line is; answered by `LineChecked`."""


class DescribeBox(msgspec.Struct, frozen=True):
    """Find out what this box is; answered by `BoxDescribed`."""


class Photograph(msgspec.Struct, frozen=True):
    """Send a picture of the screen, as it is drawn next, by this command."""

    command: str


class PhoneWord(StrEnum):
    """What became of a sign-in by phone."""

    DONE = "done"
    ALREADY = "already"
    """They had signed in before; nothing has changed."""
    TAKEN_BACK = "taken_back"
    NOTHING_ON = "nothing_on"
    """There is nothing to sign in to, or to take back."""
    NOT_ON_ROLL = "not_on_roll"
    """The box does not know the member, or not yet."""


class PhoneAnswered(msgspec.Struct, frozen=True):
    """Tell the server what became of a sign-in by phone."""

    command: str
    word: PhoneWord


class HelpWord(StrEnum):
    """What became of a help that somebody asked for."""

    AGREED = "agreed"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    BUSY = "busy"
    """Another help is asked for, or lasts."""
    NOT_NOW = "not_now"
    """The box is not let in, or not any more."""
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    """Somebody at the television has ended it."""
    RUN_OUT = "run_out"
    LOST = "lost"


class HelpSaid(msgspec.Struct, frozen=True):
    """Tell the server what became of a help; from AGREED to its end the screen is sent."""

    help: str
    word: HelpWord


Effect = (
    Cue
    | Play
    | Pause
    | KeepPlaces
    | Seek
    | SetSpeed
    | ChooseSound
    | ChooseCaptions
    | StopPlayer
    | Examine
    | Record
    | Sounded
    | Prefer
    | CheckEnrolment
    | EnrolAgain
    | Leave
    | Speak
    | Hush
    | KeepFiles
    | PlayNote
    | StopNote
    | KeepAnswered
    | SetVolume
    | TryVolume
    | KeepPreferences
    | KeepKeys
    | CheckLine
    | DescribeBox
    | Photograph
    | HelpSaid
    | PhoneAnswered
)

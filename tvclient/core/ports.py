"""What the shell needs from player and voice, and the line from updates, said as Protocols.

`tvclient/adapters/player.py` fulfils the first with libmpv, `voice.py` the second with espeak-ng, `voice_notes.py` the
third with another libmpv, `tvclient/kiosk/updating.py` the last.

That every byte is verified is the caller's business (`adapters/packages.py`): a player opens what it is given. All
methods return at once; what came of them arrives as events through the callback given to the player's constructor.
"""

from pathlib import Path
from typing import Protocol

import msgspec

from schedules.airings import AiringId
from schedules.wire.messages import Release


class Track(msgspec.Struct, frozen=True):
    """One language of a lesson's sound or captions.

    Attributes:
        path: media playlist of a sound track; WebVTT file of captions.
        language: BCP 47, empty where unknown.
        label: for people.
    """

    path: Path
    language: str = ""
    label: str = ""


class Playable(msgspec.Struct, frozen=True):
    """What the player opens.

    Attributes:
        playlist: media playlist of the picture.
        sounds: tracks to choose from, the one heard first in front; empty in a silent lesson, and where the picture's
            own segments hold the sound.
        captions: tracks to choose from, the one shown first in front.
    """

    playlist: Path
    sounds: tuple[Track, ...] = ()
    captions: tuple[Track, ...] = ()


class Player(Protocol):
    """Plays one package at a time, into whatever surface the UI has attached."""

    def cue(self, airing: AiringId, playable: Playable, from_ms: int) -> None:
        """Open paused on the frame at `from_ms`, its first sound chosen; answers PlayerCued or PlayerFailed."""

    def play(self) -> None:
        """Start moving; answers PlayerMoved repeatedly, then PlayerEnded."""

    def pause(self) -> None:
        """Stand still until `play`; nothing is reported meanwhile."""

    def seek(self, position_ms: int) -> None:
        """Jump."""

    def set_speed(self, factor: float) -> None:
        """Play at this factor of normal speed with the pitch kept."""

    def set_volume(self, percent: int) -> None:
        """Let what is played, now and later, be heard so loud, 0 to 100."""

    def choose_sound(self, number: int) -> None:
        """Let this track of `Playable.sounds` be heard, 0 for the first; no other number changes anything."""

    def choose_captions(self, number: int) -> None:
        """Let this track of `Playable.captions` be shown, 0 for the first; below 0 none."""

    def stop(self) -> None:
        """Close what is open; nothing is reported of it afterwards."""

    def close(self) -> None:
        """Free everything."""


class Voice(Protocol):
    """Reads texts aloud. Where there is no voice it does nothing; all methods return at once."""

    def speak(self, text: str, language: str) -> None:
        """Read `text`, in the language `language` (BCP 47), after the alert's tone; cut short what is being read."""

    def say(self, text: str, language: str) -> None:
        """Read a few words at once, softly in the way of nothing: a newer text cuts them short, whoever it is for."""

    def hush(self) -> None:
        """Fall silent."""

    def close(self) -> None:
        """Fall silent for good."""


class Notes(Protocol):
    """Lets voice notes be heard, one at a time; all methods return at once."""

    def play(self, name: str, file: Path, percent: int) -> None:
        """Begin at this volume, 0 to 100, in place of what is heard; answers NoteEnded at its end, not when stopped."""

    def set_volume(self, percent: int) -> None:
        """Let what is heard be so loud."""

    def stop(self) -> None:
        """Fall silent."""

    def close(self) -> None:
        """Fall silent for good."""


class Updates(Protocol):
    """Replaces the program by the release that the server wants. Safe to use from any thread."""

    @property
    def running(self) -> str:
        """The release that runs; empty for the one that came with the installation."""

    def want(self, release: Release | None) -> None:
        """What the server wants."""

    def given_up(self) -> str:
        """The wanted release's name, where it was tried and given up; else empty."""

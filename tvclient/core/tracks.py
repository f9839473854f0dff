"""The languages of a lesson: which sound is heard, which captions are shown, and how large. Pure.

What was chosen stays chosen for the lessons that follow, by language; a lesson without that language begins with its
first.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

OFF: Final = -1
"""No captions."""


class TrackName(msgspec.Struct, frozen=True):
    """One track as people name it; `language` is BCP 47, empty where unknown."""

    language: str
    label: str


class Tracks(msgspec.Struct, frozen=True):
    """Of the lesson that is open.

    Attributes:
        sound, caption: which of the tracks, 0 for the first; `caption` may be OFF.
        sound_language, caption_language: what somebody chose last; None until then. Empty captions' language: off.
        large: captions are shown a third larger.
    """

    sounds: tuple[TrackName, ...] = ()
    captions: tuple[TrackName, ...] = ()
    sound: int = 0
    caption: int = 0
    sound_language: str | None = None
    caption_language: str | None = None
    large: bool = False


NO_TRACKS: Final = Tracks()


def opened(before: Tracks, sounds: tuple[TrackName, ...], captions: tuple[TrackName, ...]) -> Tracks:
    """Another lesson is open."""
    return replace(
        before,
        sounds=sounds,
        captions=captions,
        sound=_of_language(sounds, before.sound_language),
        caption=OFF if before.caption_language == "" else _of_language(captions, before.caption_language),
    )


def next_sound(tracks: Tracks) -> Tracks:
    """The sound after the one that is heard."""
    number = (tracks.sound + 1) % len(tracks.sounds) if tracks.sounds else 0
    return replace(tracks, sound=number, sound_language=tracks.sounds[number].language if tracks.sounds else None)


def next_captions(tracks: Tracks) -> Tracks:
    """The captions after those that are shown; after the last ones none."""
    number = tracks.caption + 1 if tracks.caption + 1 < len(tracks.captions) else OFF
    return replace(tracks, caption=number, caption_language="" if number == OFF else tracks.captions[number].language)


def _of_language(tracks: tuple[TrackName, ...], language: str | None) -> int:
    return next((number for number, one in enumerate(tracks) if one.language == language), 0)

"""What was done to a recording, and what a reviewer should look at: told in the manifest, never refused for. Pure.

A remark has a stable code that programs translate, and the moment and length it is about where it has one.
"""

from enum import StrEnum

import msgspec


class RemarkCode(StrEnum):
    """Stable names of remarks; a name is never reused for another meaning."""

    CUT_SHORT = "cut_short"
    """The recording breaks off; what plays was kept. `length_ms` is what is missing, where its header says."""
    TIMES_MENDED = "times_mended"
    """Time stamps jumped or ran backwards, and were put in order."""
    PICTURE_DAMAGED = "picture_damaged"
    PICTURE_ENDS_EARLY = "picture_ends_early"
    SOUND_ENDS_EARLY = "sound_ends_early"
    NO_SOUND = "no_sound"
    SOUND_ALONE = "sound_alone"
    """There was no moving picture: the poster stands still."""
    SILENCE = "silence"
    BLACK = "black"
    DEINTERLACED = "deinterlaced"
    ROTATED = "rotated"
    HDR_CONVERTED = "hdr_converted"
    RATE_EVENED = "rate_evened"
    """Pictures came at uneven times and were brought to one rate."""
    RATE_LOWERED = "rate_lowered"
    """Nothing moves often enough for the recording's frame rate. `detail` is `from > to`."""
    DOWNMIXED = "downmixed"
    """More than two channels became two. `detail` is the layout."""
    STREAM_IGNORED = "stream_ignored"
    """A stream that a lesson has no use for, or one too many. `detail` names it."""
    RENDITION_DROPPED = "rendition_dropped"
    """A rendition would have added no quality, or saved nothing. `detail` is its name."""
    QUALITY_BELOW_FLOOR = "quality_below_floor"
    """The line's cap left a rendition below the quality aimed at. `detail` is its name."""
    LOUDNESS_OFF = "loudness_off"
    """A track could not be brought within half a unit of the loudness aimed at. `detail` is what it has, in LUFS."""
    CAPTIONS_DECODED = "captions_decoded"
    """Captions were not UTF-8. `detail` is the encoding."""
    CAPTIONS_CONVERTED = "captions_converted"
    """Captions were not WebVTT. `detail` is the format; styles and positions are gone."""
    CAPTIONS_WRAPPED = "captions_wrapped"
    """`count` captions had lines too long for the screen."""
    CAPTIONS_SPLIT = "captions_split"
    """`count` captions had more than two lines and were shown one after the other."""
    CAPTIONS_OVERLAPPED = "captions_overlapped"
    """`count` captions stood on the screen together, and were parted in time."""
    CAPTIONS_DROPPED = "captions_dropped"
    """`count` captions were empty, repeated, or lay after the lesson's end."""


class Remark(msgspec.Struct, frozen=True, omit_defaults=True):
    """One remark.

    Attributes:
        at_ms: moment of the lesson, in milliseconds; None where it is about the whole.
        length_ms: how long it lasts.
        count: how many times it happened.
        track: language of the captions or the sound that it is about.
        detail: a figure or a name, for people and for programs.
    """

    code: RemarkCode
    at_ms: int | None = None
    length_ms: int | None = None
    count: int = 1
    track: str = ""
    detail: str = ""

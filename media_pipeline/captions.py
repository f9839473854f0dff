"""Captions in, WebVTT that every player reads out. For now WebVTT is the only kind taken.

Checked line by line before anything is encoded, so that a broken file is refused in words at once.
"""

import io
import re
from dataclasses import dataclass
from pathlib import Path

import webvtt

from media_pipeline.errors import Code, Refused

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LABELS = {"zh": "中文", "zh-CN": "中文", "zh-Hans": "简体中文", "en": "English", "hui": "回族话"}
_MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class CaptionInput:
    """A captions file and its language (BCP 47, such as `zh`)."""

    path: Path
    language: str


@dataclass(frozen=True, slots=True)
class Captions:
    """Checked captions: language, name for people, and WebVTT text."""

    language: str
    label: str
    text: str


def read_captions(given: CaptionInput) -> Captions:
    """Check and tidy one captions file.

    Raises:
        Refused: `bad_captions`, with the place where it broke.
    """
    if not _LANGUAGE.fullmatch(given.language):
        raise _broken(given, f"{given.language!r} is no language tag")
    if given.path.stat().st_size > _MAX_BYTES:
        raise _broken(given, "larger than 4 MB")
    try:
        text = given.path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _broken(given, f"not UTF-8 at byte {error.start}") from error
    try:
        read = webvtt.from_string(text)
    except webvtt.errors.MalformedFileError as error:
        raise _broken(given, "it does not begin with WEBVTT") from error
    except (webvtt.errors.MalformedCaptionError, ValueError) as error:
        raise _broken(given, str(error) or "a cue is broken") from error
    if not read.captions:
        raise _broken(given, "it holds no captions")
    for number, cue in enumerate(read.captions, 1):
        if cue.end_in_seconds <= cue.start_in_seconds and cue.end <= cue.start:
            raise _broken(given, f"caption {number} ends before it begins ({cue.start})")
    written = io.StringIO()
    read.write(written)
    return Captions(given.language, _LABELS.get(given.language, given.language), written.getvalue().rstrip("\n") + "\n")


def _broken(given: CaptionInput, reason: str) -> Refused:
    return Refused(Code.BAD_CAPTIONS, f"Captions {given.path.name}: {reason}.")

"""Everything that can go wrong between a recording and a package, with a stable code for each.

`Refused` is the recording's fault and a person can mend it; `EncodeFailed` and its kin are the machine's. Programs
translate `code`; `message` is a plain English sentence for logs and for the command line.
"""

from collections.abc import Sequence
from enum import StrEnum


class Code(StrEnum):
    """Stable names of refusals and failures; a name is never reused for another meaning."""

    NOT_A_VIDEO = "not_a_video"
    REFUSED_FORMAT = "refused_format"
    NO_PICTURE = "no_picture"
    NO_SOUND = "no_sound"
    TRUNCATED = "truncated"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    BAD_CAPTIONS = "bad_captions"
    MANIFEST_INVALID = "manifest_invalid"
    ENCODE_FAILED = "encode_failed"
    DISK_FULL = "disk_full"
    BUSY = "busy"


class MediaError(Exception):
    """Root of this package's errors.

    Attributes:
        code: what happened, for programs.
        message: what happened, for people.
    """

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Refused(MediaError):
    """The recording or its captions cannot become a package, and trying again will not help."""


class ManifestInvalid(MediaError):
    """The bytes are no manifest, or a manifest that points outside its package."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.MANIFEST_INVALID, message)


class EncodeFailed(MediaError):
    """A program that we ran did not finish its work.

    Attributes:
        argv: the whole command.
        stderr_tail: the last lines of what it said.
        status: its exit status; negative where a signal ended it, None where it did not end by itself.
    """

    def __init__(self, message: str, argv: Sequence[str], stderr_tail: str, status: int | None = None) -> None:
        super().__init__(Code.ENCODE_FAILED, message)
        self.argv = tuple(argv)
        self.stderr_tail = stderr_tail
        self.status = status


class Busy(MediaError):
    """Somebody else is making this very package in the same folder."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.BUSY, message)


class DiskFull(MediaError):
    """There is, or would be, no room for the package."""

    def __init__(self, message: str) -> None:
        super().__init__(Code.DISK_FULL, message)

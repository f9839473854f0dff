"""What a verdict is made of: lights, reasons with their parameters, remedies. Values only.

Which reason holds is decided in `rules.py`; what it says to people, in `words.py`. A note to a station keeps its reason
as JSON, so the tags here are never renamed.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec


class Light(StrEnum):
    """Before an airing the first three, after it the others."""

    READY = "ready"
    AT_RISK = "at_risk"
    WILL_NOT_PLAY = "will_not_play"
    SHOWN = "shown"
    PARTLY = "partly"
    MISSED = "missed"
    UNREPORTED = "unreported"


GOOD = frozenset({Light.READY, Light.SHOWN})
WORST_FIRST = (
    Light.WILL_NOT_PLAY,
    Light.MISSED,
    Light.AT_RISK,
    Light.PARTLY,
    Light.UNREPORTED,
    Light.READY,
    Light.SHOWN,
)


class Remedy(StrEnum):
    """What is done about it."""

    WAIT = "wait"
    """It comes by itself."""
    SMALLER = "smaller"
    """A smaller rendition is wanted of the box already."""
    SUBSTITUTE = "substitute"
    """A lesson that the box has stored may air in place of it."""
    MOVE = "move"
    """Another time."""
    TELL = "tell"
    """The station's administrator has to look."""


class Reason(msgspec.Struct, frozen=True, kw_only=True, tag_field="code"):
    """Why an airing is not simply ready; the subclass says what, the fields how much."""

    light: Light


class NeverCalled(Reason, frozen=True, kw_only=True, tag="never_called"):
    """The box was let in, and has not been heard since."""


class Silent(Reason, frozen=True, kw_only=True, tag="silent"):
    """Not heard for too long."""

    since: datetime


class NotOnYet(Reason, frozen=True, kw_only=True, tag="not_on_yet"):
    """The start is near, or past, and the box is off."""

    since: datetime


class Refused(Reason, frozen=True, kw_only=True, tag="refused"):
    """The package on the box is unsigned or altered."""


class PowerCutAnnounced(Reason, frozen=True, kw_only=True, tag="power_cut"):
    """There will be no power during the airing."""

    starts_at: datetime
    ends_at: datetime
    why: str = ""


class DiskFull(Reason, frozen=True, kw_only=True, tag="disk_full"):
    """The lesson does not fit beside the others that are planned."""

    short_bytes: int


class TooSlow(Reason, frozen=True, kw_only=True, tag="too_slow"):
    """At this pace the lesson is not there when it should start; `ready_by` is None where it never will be."""

    missing_bytes: int
    ready_by: datetime | None


class LineDown(Reason, frozen=True, kw_only=True, tag="line_down"):
    """The lesson is not stored, and the box is not connected."""

    missing_bytes: int
    since: datetime | None


class LayerMissing(Reason, frozen=True, kw_only=True, tag="layer_missing"):
    """A layer of its timetable has never reached the box."""

    owner: str


class LayerBehind(Reason, frozen=True, kw_only=True, tag="layer_behind"):
    """The box holds an older revision of a layer than the newest."""

    owner: str
    has: int
    newest: int


class Fetching(Reason, frozen=True, kw_only=True, tag="fetching"):
    """On its way, in time at this pace."""

    missing_bytes: int
    ready_by: datetime
    percent: int


class SpeedUnknown(Reason, frozen=True, kw_only=True, tag="speed_unknown"):
    """Not stored yet, and no transfer has told how fast the line is."""

    missing_bytes: int


class ClockUnsure(Reason, frozen=True, kw_only=True, tag="clock_unsure"):
    """The clock may be off by more than a second; None where the box does not know by how much."""

    uncertainty_ms: int | None


class ClockAhead(Reason, frozen=True, kw_only=True, tag="clock_ahead"):
    """The box writes from the future."""

    ahead_ms: int


class UsuallyOff(Reason, frozen=True, kw_only=True, tag="usually_off"):
    """At this hour the box was on upon few of the last days."""

    on_days: int
    known_days: int


class PartlyShown(Reason, frozen=True, kw_only=True, tag="partly_shown"):
    """It ran, but not whole."""

    shown_ms: int
    planned_ms: int


class NotShown(Reason, frozen=True, kw_only=True, tag="not_shown"):
    """The box said that it could not show it, and why (a code of `AiringMissed`)."""

    why: str


class NotReported(Reason, frozen=True, kw_only=True, tag="not_reported"):
    """It is over, and no box of the station has said yet what it did."""

    seen_at: datetime | None


AnyReason = (
    NeverCalled
    | Silent
    | NotOnYet
    | Refused
    | PowerCutAnnounced
    | DiskFull
    | TooSlow
    | LineDown
    | LayerMissing
    | LayerBehind
    | Fetching
    | SpeedUnknown
    | ClockUnsure
    | ClockAhead
    | UsuallyOff
    | PartlyShown
    | NotShown
    | NotReported
)


class OutcomeAsked(msgspec.Struct, frozen=True, kw_only=True, tag_field="code", tag="outcome_asked"):
    """What a note says that is about no airing: the station is asked what came of an answer to a question of it."""

    case: str


class OutcomeAskedAgain(OutcomeAsked, frozen=True, kw_only=True, tag="outcome_asked_again"):
    """The reminder of it."""


AnyNoted = AnyReason | OutcomeAsked | OutcomeAskedAgain


@dataclass(frozen=True, slots=True)
class Verdict:
    """The light, the reasons worst first, when the lesson will be there (None: it is, or nobody knows), remedies."""

    light: Light
    reasons: tuple[AnyReason, ...] = ()
    ready_by: datetime | None = None
    remedies: tuple[Remedy, ...] = ()

"""Everything the television knows, as one frozen value. The UI draws it, `step` replaces it, nothing else holds state.

What changes it: `events.py`; what must be done about it: `effects.py`; where things stand on the screen: `layout.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schedules.airings import Airing, AiringId, PackageName
from schedules.wire.messages import Alert, PackageReport, Roster, RosterMember, StationCard
from tvclient.core.geometry import Direction, FocusId


class Screen(StrEnum):
    """What fills the television. HOME is derived: the lesson on the air, else the countdown, else today."""

    ENROLMENT = "enrolment"
    COUNTDOWN = "countdown"
    BROADCAST = "broadcast"
    TODAY = "today"
    SIGN_IN = "sign_in"
    AFTER = "after"
    """A lesson has ended: what comes next."""
    ALERT = "alert"
    """A warning, above everything else."""


class Language(StrEnum):
    """Languages of the screen."""

    ZH = "zh_CN"
    EN = "en"


class EnrolmentPhase(StrEnum):
    """How far the box is with being let in."""

    REACHING = "reaching"
    """No server yet: the line or the address is at fault."""
    OFFERED = "offered"
    """The claim code is on the screen."""
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Enrolment as the screen shows it; code and address only while OFFERED."""

    phase: EnrolmentPhase = EnrolmentPhase.REACHING
    claim_code: str = ""
    claim_url: str = ""


class PlayPhase(StrEnum):
    """The life of one airing in the player."""

    CUEING = "cueing"
    """The player opens the package."""
    CUED = "cued"
    """Paused on the first frame, waiting for the start."""
    PLAYING = "playing"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Playback:
    """What the player does, by its own word.

    Attributes:
        position_ms: media time of the last report.
        span_from_ms: media time from which the stretch not yet recorded as evidence begins; None while nothing moves.
        span_started_at: UTC at which that stretch began.
        cued_from_ms: media time of the frame on which the player waits before it plays.
        since: UTC at which `phase` was entered.
        moved_at: UTC of the last report of a position.
        speed: factor of normal speed last asked for.
        sought_at: UTC of the last seek; corrections wait until it has settled.
        failure: the last failure's stable code, empty for none.
        failures: how often this airing failed.
    """

    airing: Airing
    phase: PlayPhase
    position_ms: int = 0
    span_from_ms: int | None = None
    span_started_at: datetime | None = None
    cued_from_ms: int = 0
    since: datetime | None = None
    moved_at: datetime | None = None
    speed: float = 1.0
    sought_at: datetime | None = None
    failure: str = ""
    failures: int = 0


class NumberVerdict(StrEnum):
    """What the sign-in screen says about the digits typed so far."""

    TYPING = "typing"
    FOUND = "found"
    NOBODY = "nobody"
    ALREADY = "already"
    """This person has signed in; OK takes it back."""


@dataclass(frozen=True, slots=True)
class NumberEntry:
    """Sign-in by number: at most six digits; the member is looked up from the third on."""

    digits: str = ""
    verdict: NumberVerdict = NumberVerdict.TYPING
    member: RosterMember | None = None
    done: RosterMember | None = None
    """Whom the last OK signed in; shown with a tick until the next digit."""
    undone: bool = False
    """The last OK took a sign-in back."""


EMPTY_ROSTER = Roster(version="")


@dataclass(frozen=True, slots=True)
class State:
    """The whole state. Mappings are never changed in place.

    Attributes:
        now: the server's time in UTC by the box's best estimate, as of the last event.
        over_home: screens opened over home, the topmost last; empty means home.
        timetable: airings that play, in order of start, without overlap.
        signed_in: member ids per airing, as the box's own journal knows them.
        focus: the focused thing per screen; a screen that is not in it focuses its first.
        remembered: the last focused thing per (screen, region).
        blocked: the direction of the last move that led nowhere, with a number that changes each time.
        revealed_until: controls over the lesson are visible until then.
        clock_unsure: the uncertainty of `now` exceeds a second.
        last_key_at: when somebody last pressed a key.
        attending: the airing that was on the air at the last step; closing it is one fact, written once.
        started, closed: airings whose beginning, and whose end or failure, the journal holds.
        sign_in_for: the airing for which the sign-in screen was opened.
        alerts: all that the box has stored, whether they stand now or not.
        answered: ids of alerts that somebody has read and answered with OK.
        alert_shown, alert_since, alert_said: the alert on the screen after the last step, since when, and how often
            it was said aloud.
        speaking: the voice reads at this moment.
        preempted: the airing that an alert has kept from the screen.
    """

    now: datetime
    enrolment: Enrolment = Enrolment()
    language: Language = Language.ZH
    simple: bool = True
    online: bool = False
    clock_unsure: bool = False
    station: StationCard | None = None
    timetable: tuple[Airing, ...] = ()
    packages: Mapping[PackageName, PackageReport] = field(default_factory=dict)
    roster: Roster = EMPTY_ROSTER
    signed_in: Mapping[AiringId, frozenset[str]] = field(default_factory=dict)
    playback: Playback | None = None
    over_home: tuple[Screen, ...] = ()
    number: NumberEntry = NumberEntry()
    focus: Mapping[Screen, FocusId] = field(default_factory=dict)
    remembered: Mapping[tuple[Screen, str], FocusId] = field(default_factory=dict)
    blocked: tuple[Direction, int] | None = None
    revealed_until: datetime | None = None
    last_key_at: datetime | None = None
    attending: Airing | None = None
    started: frozenset[AiringId] = frozenset()
    closed: frozenset[AiringId] = frozenset()
    sign_in_for: AiringId | None = None
    alerts: tuple[Alert, ...] = ()
    answered: frozenset[str] = frozenset()
    alert_shown: str | None = None
    alert_since: datetime | None = None
    alert_said: int = 0
    speaking: bool = False
    preempted: AiringId | None = None

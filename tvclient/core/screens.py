"""Which screen the television shows, and every question a screen asks of the state. Pure.

Home is derived, never stored: the lesson on the air, else the countdown, else what comes next, else today. Where things
stand on a screen: `layout.py`; what a key does there: `keys.py`. The UI asks here and computes nothing itself.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from schedules.airings import Airing
from schedules.clock import next_after, on_air_at
from schedules.wire.messages import PackageState
from tvclient.core.alerts import alert_on_screen
from tvclient.core.state import EnrolmentPhase, PlayPhase, Screen, State

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
"""All of China keeps one time."""

COUNTDOWN_FROM = timedelta(minutes=5)
AFTER_FOR = timedelta(minutes=1)
SIGN_IN_GRACE = timedelta(minutes=5)
"""A sign-in screen that is open when the lesson ends may be finished."""
SIDE_CARDS = 3


class Readiness(StrEnum):
    """Will this box be able to play that airing? As a card says it."""

    STORED = "stored"
    FETCHING = "fetching"
    WAITING = "waiting"
    REFUSED = "refused"


class Picture(StrEnum):
    """What is behind the broadcast screen."""

    MOVING = "moving"
    OPENING = "opening"
    """The player opens the package, or waits on the first frame."""
    FETCHING = "fetching"
    """Not stored yet; it joins as soon as it is."""
    REFUSED = "refused"
    FAILED = "failed"


def local(instant: datetime) -> datetime:
    """The instant as the village's clock shows it."""
    return instant.astimezone(LOCAL_ZONE)


def fresh(state: State, screen: Screen) -> State:
    """The state in which a screen has never been seen: it will focus its first thing."""
    focus = {known: focused for known, focused in state.focus.items() if known != screen}
    remembered = {place: focused for place, focused in state.remembered.items() if place[0] != screen}
    return replace(state, focus=focus, remembered=remembered)


def on_air(state: State) -> Airing | None:
    """The airing that now fills the television; one that ran to its end early is over."""
    playback = state.playback
    if playback and playback.phase is PlayPhase.PLAYING:
        return playback.airing
    airing = on_air_at(state.timetable, state.now)
    return None if airing and airing.id in state.closed else airing


def next_airing(state: State) -> Airing | None:
    """The first airing that has not begun."""
    return next_after(state.timetable, state.now)


def just_ended(state: State) -> Airing | None:
    """The airing that ended less than a minute ago, while nothing else is on the air."""
    if on_air(state):
        return None
    playback = state.playback
    if playback and playback.phase is PlayPhase.ENDED and state.now < playback.airing.end + AFTER_FOR:
        return playback.airing
    past = (airing for airing in state.timetable if airing.start < state.now)
    recent = (airing for airing in past if airing.end <= state.now < airing.end + AFTER_FOR)
    return next(recent, None)


def home_screen(state: State) -> Screen:
    """What Back leads to in the end."""
    if state.enrolment.phase is not EnrolmentPhase.ENROLLED:
        return Screen.ENROLMENT
    if on_air(state):
        return Screen.BROADCAST
    coming = next_airing(state)
    if coming is None:
        return Screen.TODAY
    wait = coming.start - state.now
    if just_ended(state) and wait > AFTER_FOR and local(coming.start).date() == local(state.now).date():
        return Screen.AFTER
    return Screen.COUNTDOWN if wait <= COUNTDOWN_FROM else Screen.TODAY


def current_screen(state: State) -> Screen:
    """The screen on the television now."""
    if alert_on_screen(state) is not None:
        return Screen.ALERT
    home = home_screen(state)
    return state.over_home[-1] if state.over_home and home is not Screen.ENROLMENT else home


def controls_visible(state: State) -> bool:
    """Whether the controls over the lesson are shown; everywhere else they always are."""
    if current_screen(state) is not Screen.BROADCAST:
        return True
    return state.revealed_until is not None and state.now < state.revealed_until


def airing_for_sign_in(state: State) -> Airing | None:
    """The airing that a sign-in now would count for; None when there is nothing to sign in to."""
    if state.sign_in_for is not None and Screen.SIGN_IN in state.over_home:
        chosen = next((airing for airing in state.timetable if airing.id == state.sign_in_for), None)
        return chosen if chosen and _still_open(state, chosen) else None
    match home_screen(state):
        case Screen.BROADCAST:
            return on_air(state)
        case Screen.COUNTDOWN:
            return next_airing(state)
        case Screen.AFTER:
            return just_ended(state)
        case _:
            return None


def _still_open(state: State, airing: Airing) -> bool:
    current = on_air(state)
    if current is not None:
        return current.id == airing.id
    return airing.start - COUNTDOWN_FROM <= state.now < airing.end + SIGN_IN_GRACE


def signed_in_count(state: State, airing: Airing | None) -> int:
    """How many have signed in to the airing."""
    return len(state.signed_in.get(airing.id, frozenset())) if airing else 0


def expected_count(state: State) -> int:
    """How many members the station has: 应到."""
    return len(state.roster.members)


def today_cards(state: State) -> tuple[Airing, ...]:
    """The airings on the today screen: the large card first, then up to three beside it; empty when none is left."""
    current = on_air(state)
    coming = [airing for airing in state.timetable if airing.start > state.now]
    cards = ([current] if current else []) + coming
    return tuple(cards[: 1 + SIDE_CARDS])


def readiness(state: State, airing: Airing) -> Readiness:
    """Whether the airing's package is on the disk."""
    report = state.packages.get(airing.package)
    match report.state if report else PackageState.WAITING:
        case PackageState.STORED:
            return Readiness.STORED
        case PackageState.FETCHING:
            return Readiness.FETCHING
        case PackageState.REFUSED:
            return Readiness.REFUSED
        case _:
            return Readiness.WAITING


def missing_tenths(state: State, airing: Airing) -> int:
    """How many tenths of the package are still to be stored, 0 to 10, for 还差三成."""
    report = state.packages.get(airing.package)
    if report is None or report.wanted_bytes <= 0:
        return 0 if readiness(state, airing) is Readiness.STORED else 10
    missing = max(0, report.wanted_bytes - report.stored_bytes)
    return min(10, -(-missing * 10 // report.wanted_bytes))


def picture(state: State) -> Picture:
    """What the broadcast screen has to show."""
    airing, playback = on_air(state), state.playback
    if playback and airing and playback.airing.id == airing.id:
        match playback.phase:
            case PlayPhase.PLAYING | PlayPhase.ENDED:
                return Picture.MOVING
            case PlayPhase.CUEING | PlayPhase.CUED:
                return Picture.OPENING
            case PlayPhase.FAILED if playback.failure == "refused":
                return Picture.REFUSED
            case PlayPhase.FAILED if playback.failure != "not_stored":
                return Picture.FAILED
            case PlayPhase.FAILED:
                return Picture.FETCHING
    if airing and readiness(state, airing) is Readiness.REFUSED:
        return Picture.REFUSED
    return Picture.OPENING if airing and readiness(state, airing) is Readiness.STORED else Picture.FETCHING

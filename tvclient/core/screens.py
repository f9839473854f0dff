"""Which screen the television shows, and every question a screen asks of the state. Pure.

Home is derived, never stored: the lesson on the air, else the countdown, else what comes next, else today. Where things
stand on a screen: `pages/`; what a key does there: `keys.py`. The UI asks here and computes nothing itself.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec.structs import replace

from schedules.airings import Airing
from schedules.clock import milliseconds, next_after, on_air_at
from schedules.wire.messages import PackageState, QuizQuestion
from tvclient.core import airtime
from tvclient.core.alerts import alert_on_screen
from tvclient.core.asked import still_to_ask
from tvclient.core.expiry import expired
from tvclient.core.gaps import past
from tvclient.core.state import EnrolmentPhase, HeadCount, Playback, PlayPhase, Screen, State

LOCAL_ZONE = airtime.LOCAL_ZONE
COUNTDOWN_FROM = timedelta(minutes=5)
AFTER_FOR = timedelta(minutes=10)
"""So long the room may be counted after a lesson."""
NOTED_FOR = timedelta(seconds=10)
"""Once that was written down, the screen stays so long."""
READY_FOR = timedelta(minutes=1)
"""This shortly before the next lesson nothing but the countdown is shown."""
SIGN_IN_GRACE = AFTER_FOR
"""As long as the room is counted, whoever forgot it may sign in."""
SIDE_CARDS = 3
PRIVATE = "own."
"""Begins the ids of airings that the village has chosen for their own sake (`watching.py`)."""


class Readiness(StrEnum):
    """Will this box be able to play that airing? As a card says it."""

    STORED = "stored"
    FETCHING = "fetching"
    WAITING = "waiting"
    REFUSED = "refused"
    EXPIRED = "expired"
    """Its rights are over."""


class Picture(StrEnum):
    """What is behind the broadcast screen."""

    MOVING = "moving"
    OPENING = "opening"
    """The player opens the package, or waits on the first frame."""
    FETCHING = "fetching"
    """Not stored yet; it joins as soon as it is."""
    DAMAGED = "damaged"
    """A piece of it is damaged; it goes on behind that."""
    REFUSED = "refused"
    EXPIRED = "expired"
    FAILED = "failed"
    NO_PLAYER = "no_player"
    """This television can show no lesson at all."""


def local(instant: datetime) -> datetime:
    """The instant as the village's clock shows it."""
    return instant.astimezone(LOCAL_ZONE)


def fresh(state: State, screen: Screen) -> State:
    """The state in which a screen has never been seen: it will focus its first thing."""
    focus = {known: focused for known, focused in state.focus.items() if known != screen}
    remembered = {place: focused for place, focused in state.remembered.items() if place[0] != screen}
    return replace(state, focus=focus, remembered=remembered)


def is_private(airing: Airing) -> bool:
    """Whether it is watched for its own sake: without signing in, without evidence."""
    return airing.id.startswith(PRIVATE)


def on_air(state: State) -> Airing | None:
    """The airing that now fills the television; one that ran to its end early is over."""
    playback = state.playback
    if playback and playback.phase is PlayPhase.PLAYING:
        return playback.airing
    if state.chosen is not None:  # it fills the television from the key on, its first frame is being opened
        return state.chosen.airing
    airing = on_air_at(state.timetable, state.now)
    return None if airing and airing.id in state.closed else airing


def next_airing(state: State) -> Airing | None:
    """The first planned airing that has not begun."""
    return next_after(state.timetable, state.now)


def just_ended(state: State) -> Airing | None:
    """The airing that ended a few minutes ago, while nothing else is on the air."""
    if on_air(state):
        return None
    playback = state.playback
    if playback and playback.phase is PlayPhase.ENDED and state.now < playback.airing.end + AFTER_FOR:
        return playback.airing
    shown = (*((state.made_up,) if state.made_up else ()), *state.timetable)
    past = (airing for airing in shown if airing.start < state.now)
    recent = (airing for airing in past if airing.end <= state.now < airing.end + AFTER_FOR)
    return next(recent, None)


def to_be_noted(state: State) -> Airing | None:
    """The lesson that was shown and has just ended, until the room was counted or somebody wants it no more."""
    airing = just_ended(state)
    if airing is None or is_private(airing) or airing.id == state.dismissed or airing.id not in state.started:
        return None
    entry = state.head_count
    noted = entry.noted_at if entry and entry.airing == airing.id else None
    return None if noted is not None and not timedelta(0) <= state.now - noted < NOTED_FOR else airing


def asked_at_end(state: State) -> tuple[QuizQuestion, ...]:
    """What the lesson that has just ended still asks the room; nothing once the room was counted."""
    airing = to_be_noted(state)
    if airing is None or counted(state, airing).noted_at is not None:
        return ()
    return still_to_ask(state.papers.quizzes, state.quiz, airing)


def counted(state: State, airing: Airing) -> HeadCount:
    """What is being noted of a lesson; it begins with those who signed in."""
    entry = state.head_count
    return entry if entry and entry.airing == airing.id else HeadCount(airing.id, signed_in_count(state, airing))


def home_screen(state: State) -> Screen:
    """What Back leads to in the end."""
    if state.enrolment.phase is EnrolmentPhase.ENDED:
        return Screen.ENDED
    if not state.enrolment.plays:
        return Screen.ENROLMENT
    if on_air(state):
        return Screen.BROADCAST
    coming = next_airing(state)
    wait = coming.start - state.now if coming else None
    if to_be_noted(state) and (wait is None or wait > READY_FOR):
        return Screen.QUIZ if asked_at_end(state) else Screen.AFTER
    if wait is not None and wait <= COUNTDOWN_FROM:
        return Screen.COUNTDOWN
    return Screen.ENROLMENT if state.enrolment.phase is EnrolmentPhase.AGAIN else Screen.TODAY


def stands_alone(screen: Screen) -> bool:
    """Whether nothing opens over this home: neither programme nor sign-in."""
    return screen in (Screen.ENROLMENT, Screen.ENDED)


def current_screen(state: State) -> Screen:
    """The screen on the television now."""
    if alert_on_screen(state) is not None:
        return Screen.ALERT
    home = home_screen(state)
    return state.over_home[-1] if state.over_home and not stands_alone(home) else home


SIGNING_IN = (Screen.NAMES, Screen.SIGN_IN)


def signing_in(state: State) -> bool:
    """Whether a screen for signing in is open."""
    return any(screen in SIGNING_IN for screen in state.over_home)


def controls_visible(state: State) -> bool:
    """Whether the controls over the lesson are shown; everywhere else they always are."""
    if current_screen(state) is not Screen.BROADCAST:
        return True
    return state.revealed_until is not None and state.now < state.revealed_until


def airing_for_sign_in(state: State) -> Airing | None:
    """The airing that a sign-in now would count for; None when there is nothing to sign in to."""
    if state.sign_in_for is not None and signing_in(state):
        own = (state.chosen.airing if state.chosen else None, state.made_up)
        known = (*(airing for airing in own if airing), *state.timetable)
        chosen = next((airing for airing in known if airing.id == state.sign_in_for), None)
        return chosen if chosen and _still_open(state, chosen) else None
    match home_screen(state):
        case Screen.BROADCAST:
            airing = on_air(state)
            return None if airing is None or is_private(airing) else airing
        case Screen.COUNTDOWN:
            return next_airing(state)
        case Screen.AFTER | Screen.QUIZ:
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
    """Whether the airing's package is on the disk, and may still be shown."""
    if expired(state, airing.package):
        return Readiness.EXPIRED
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
            case PlayPhase.PLAYING | PlayPhase.CUED if _left_out(state, playback):
                return Picture.DAMAGED
            case PlayPhase.PLAYING | PlayPhase.ENDED:
                return Picture.MOVING
            case PlayPhase.CUEING | PlayPhase.CUED:
                return Picture.OPENING
            case PlayPhase.FAILED if playback.failure == "refused":
                return Picture.REFUSED
            case PlayPhase.FAILED if playback.failure == "no_player":
                return Picture.NO_PLAYER
            case PlayPhase.FAILED if playback.failure != "not_stored":
                return Picture.FAILED
            case PlayPhase.FAILED:
                return Picture.FETCHING
    match readiness(state, airing) if airing else Readiness.WAITING:
        case Readiness.REFUSED:
            return Picture.REFUSED
        case Readiness.EXPIRED:
            return Picture.EXPIRED
        case Readiness.STORED:
            return Picture.OPENING
        case _:
            return Picture.FETCHING


def _left_out(state: State, playback: Playback) -> bool:
    """Whether what should be on the screen at this moment is a damaged piece."""
    live_ms = milliseconds(state.now - playback.airing.start)
    return past(playback.gaps, live_ms) != live_ms

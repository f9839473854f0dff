"""The one function of the core: an event and the time in, the next state and what must be done out.

Rules of the screen are in `keys.py` and `signing_in.py`, rules of the player in `playing.py`; here they are only put
in order. Never raises for any order of events; an event that is late or comes twice changes nothing.
"""

from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from schedules.wire.messages import GreenChannel, PlaybackSpan, StationCard, StationEntered
from tvclient.core import events, mending, playing, watching
from tvclient.core.airtime import with_spans
from tvclient.core.alerts import announce, took
from tvclient.core.answer_files import follow_note, keep_files, note_ended
from tvclient.core.arriving import by_phone
from tvclient.core.asked import Quiz
from tvclient.core.effects import DescribeBox, Effect, Photograph, Record, Sound, Sounded
from tvclient.core.helping import follow_help, lasts, said_of_help
from tvclient.core.keys import press, press_by_hand
from tvclient.core.learning import follow_learning, heard
from tvclient.core.navigation import go_home
from tvclient.core.reading import NOTHING_READ
from tvclient.core.restarting import leave_when_quiet
from tvclient.core.screens import PRIVATE, airing_for_sign_in, current_screen, home_screen, signing_in
from tvclient.core.signing_in import refreshed
from tvclient.core.state import Enrolment, EnrolmentPhase, Screen, State
from tvclient.core.volume import follow_volume, set_from_afar

IDLE_FOR = timedelta(seconds=60)
"""A screen over home that nobody touches gives way to it."""
READ_FOR = timedelta(minutes=3)
"""So long a page of words stays that somebody may be reading aloud."""
READ = (Screen.NOTICE, Screen.DOCUMENT, Screen.OFFER, Screen.ANSWER)

LEAP = timedelta(seconds=5)
"""More than this between two steps is not time that passed while the player was listened to."""

Outcome = tuple[State, tuple[Effect, ...]]


def step(state: State, event: events.Event, now: datetime) -> Outcome:
    """One step.

    Args:
        state: what was.
        event: what happened.
        now: the server's time in UTC by the box's best estimate; may jump either way when the estimate improves.

    Returns:
        What is, and what must be done about it, in order.
    """
    before, seen = home_screen(state), current_screen(state)
    state, effects = _apply(_at(state, now), event)
    state, chosen = watching.follow_choice(state)
    state, planned = playing.follow_plan(state)
    state = _tidy(state, before)
    state, announced = announce(state)
    state, silenced = follow_note(state, planned)
    state, settled = _settle(state, seen)
    chime = state.alert_shown is None and home_screen(state) is Screen.COUNTDOWN and before is not Screen.COUNTDOWN
    state, helped = follow_help(state)
    state, leaving = leave_when_quiet(state)
    rung = (Sounded(Sound.CHIME),) if chime else ()
    done = _public((*effects, *chosen, *planned, *announced, *silenced, *settled, *helped, *rung, *leaving))
    return _with_airtime(state, done), done


def _at(state: State, now: datetime) -> State:
    """The state at this instant; a leap of the clock is no silence of the player."""
    passed, playback = now - state.now, state.playback
    state = replace(state, now=now)
    if playback is None or timedelta(0) <= passed <= LEAP:
        return state
    since, moved_at, sought_at = (
        at + passed if at else None for at in (playback.since, playback.moved_at, playback.sought_at)
    )
    return replace(state, playback=replace(playback, since=since, moved_at=moved_at, sought_at=sought_at))


def _settle(state: State, seen: Screen) -> Outcome:
    """What time does to what people set; whoever opens the settings finds what this box is."""
    state, learnt = follow_learning(state)
    state, loud = follow_volume(state)
    opened = current_screen(state) is Screen.SETTINGS and seen not in (Screen.SETTINGS, Screen.LEARNING)
    return state, (*learnt, *loud, *((DescribeBox(),) if opened else ()))


def _with_airtime(state: State, done: tuple[Effect, ...]) -> State:
    """Seconds shown count as soon as they are written down."""
    spans = [one.body for one in done if isinstance(one, Record) and isinstance(one.body, PlaybackSpan)]
    return replace(state, airtime=with_spans(state.airtime, spans)) if spans else state


def _public(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    """Without facts about what somebody watches for its own sake."""
    return tuple(
        one
        for one in effects
        if not (isinstance(one, Record) and str(getattr(one.body, "airing", "")).startswith(PRIVATE))
    )


def _apply(state: State, event: events.Event) -> Outcome:
    match event:
        case events.KeyPressed() | events.RawKey():
            return _pressed(state, event)
        case events.Ticked():
            return state, ()
        case events.ServerUnreachable() | events.ClaimOffered() | events.Enrolled() | events.EnrolmentEnded():
            return _enrolment(state, event), ()
        case events.StationChanged(station, join):
            return _stands(replace(state, join=join), station)
        case events.TimetableChanged() | events.ClockChanged() | events.PaperChanged():
            return _planned_anew(state, event)
        case (
            events.LibraryChanged()
            | events.FilesChanged()
            | events.PlacesRestored()
            | events.RosterChanged()
            | events.SignInsRestored()
            | events.DamageRestored()
        ):
            return _known(state, event), ()
        case events.AlertsChanged() | events.VoiceChanged():
            return _warned(state, event), ()
        case (
            events.LinkChanged()
            | events.PackagesChanged()
            | events.FactsHeldBack()
            | events.StickChanged()
            | events.RestartWanted()
            | events.LineChecked()
            | events.BoxDescribed()
        ):
            return _box_said(state, event), ()
        case (
            events.VolumeWanted()
            | events.ScreenshotWanted()
            | events.HelpAsked()
            | events.HelpWithdrawn()
            | events.HelpHeard()
            | events.SupportPressed()
        ):
            return _from_afar(state, event)
        case events.NoteEnded(sha256):
            return note_ended(state, sha256)
        case events.PhoneSignedIn():
            return by_phone(state, event)
        case _:
            return _player_said(state, event)


def _planned_anew(state: State, event: events.TimetableChanged | events.ClockChanged | events.PaperChanged) -> Outcome:
    """What is to be shown, or fetched, may be something else now."""
    files: tuple[Effect, ...] = ()
    match event:
        case events.TimetableChanged(airings, displaced):
            ordered = tuple(sorted(airings, key=lambda airing: (airing.start, airing.id)))
            state = replace(state, timetable=ordered, displaced=displaced)
        case events.ClockChanged(unsure):
            state = replace(state, clock_unsure=unsure)
        case events.PaperChanged(paper):
            state = refreshed(replace(state, papers=state.papers.with_paper(paper)))
            files = keep_files(state) if isinstance(paper, GreenChannel) else ()
        case _:
            assert_never(event)
    return state, (playing.wanted_packages(state.timetable, state), *files)


def _known(
    state: State,
    event: events.LibraryChanged
    | events.FilesChanged
    | events.PlacesRestored
    | events.RosterChanged
    | events.SignInsRestored
    | events.DamageRestored,
) -> State:
    """What the box has, and knows from before."""
    match event:
        case events.LibraryChanged(lessons):
            return replace(state, lessons=lessons)
        case events.FilesChanged(stored):
            return replace(state, papers=replace(state.papers, stored=stored))
        case events.PlacesRestored(places):
            return replace(state, places=places)
        case events.DamageRestored(told):
            return replace(state, damage_told=told)
        case events.RosterChanged(roster):
            return refreshed(replace(state, roster=roster))
        case events.SignInsRestored(signed_in, started, closed, entered, airtime, opened, answers):
            restored = replace(
                state,
                signed_in=signed_in,
                started=started,
                closed=closed,
                entered=entered,
                airtime=airtime,
                quiz=Quiz(earlier=answers),
            )
            return refreshed(replace(restored, reading=replace(state.reading, opened=opened)))
        case _:
            assert_never(event)


def _pressed(state: State, event: events.KeyPressed | events.RawKey) -> Outcome:
    match event:
        case events.KeyPressed(key, repeat, since_ms):
            return press_by_hand(state, key, repeat=repeat, since_ms=since_ms)
        case events.RawKey():
            answer = heard(state, event)
            return press_by_hand(state, answer, repeat=False) if isinstance(answer, events.Key) else answer
        case _:
            assert_never(event)


def _stands(state: State, station: StationCard) -> Outcome:
    """The facts that follow are this station's; the journal says so once, before them."""
    if station.id == state.entered:
        return replace(state, station=station), ()
    entered = replace(state, station=station, entered=station.id, airtime={}, reading=NOTHING_READ)
    return entered, (Record(StationEntered(station=station.id)),)


def _box_said(
    state: State,
    event: events.LinkChanged
    | events.PackagesChanged
    | events.FactsHeldBack
    | events.StickChanged
    | events.RestartWanted
    | events.LineChecked
    | events.BoxDescribed,
) -> State:
    """What the box notices about itself."""
    match event:
        case events.LinkChanged(online):
            turned = state.now if online is not state.online else state.linked_at
            return replace(state, online=online, linked_at=turned)
        case events.PackagesChanged(packages, scarred):
            return replace(state, packages=packages, scarred=scarred)
        case events.FactsHeldBack(waiting):
            return replace(state, held_back=waiting)
        case events.StickChanged(stick):
            return replace(state, stick=stick)
        case events.RestartWanted():
            return replace(state, restart_wanted=True)
        case events.LineChecked(facts):
            return replace(state, line_check=replace(state.line_check, facts=facts)) if state.line_check else state
        case events.BoxDescribed(card):
            return replace(state, box_card=card)
        case _:
            assert_never(event)


def _from_afar(
    state: State,
    event: events.VolumeWanted
    | events.ScreenshotWanted
    | events.HelpAsked
    | events.HelpWithdrawn
    | events.HelpHeard
    | events.SupportPressed,
) -> Outcome:
    match event:
        case events.VolumeWanted(percent):
            return set_from_afar(state, percent)
        case events.ScreenshotWanted(command):
            return replace(state, pictured_at=state.now), (Photograph(command),)
        case events.SupportPressed(help_id, key):
            return press(state, key, repeat=False) if lasts(state, help_id) else (state, ())
        case _:
            return said_of_help(state, event)


def _warned(state: State, event: events.AlertsChanged | events.VoiceChanged) -> State:
    match event:
        case events.AlertsChanged(alerts, answered):
            return took(state, alerts, answered)
        case events.VoiceChanged(speaking):
            return replace(state, speaking=speaking)
        case _:
            assert_never(event)


def _player_said(
    state: State,
    event: events.LessonOpened
    | events.LessonExamined
    | events.PlayerCued
    | events.PlayerMoved
    | events.PlayerStumbled
    | events.PlayerEnded
    | events.PlayerFailed,
) -> Outcome:
    match event:
        case events.LessonOpened():
            return mending.opened(state, event)
        case events.LessonExamined(airing, gaps):
            return mending.examined(state, airing, gaps)
        case events.PlayerStumbled(airing):
            return mending.stumbled(state, airing)
        case events.PlayerCued(airing):
            return playing.cued(state, airing)
        case events.PlayerMoved(airing, position_ms):
            return playing.moved(state, airing, position_ms)
        case events.PlayerEnded(airing, position_ms):
            return playing.ended(state, airing, position_ms)
        case events.PlayerFailed(airing, reason):
            return playing.failed(state, airing, reason)
        case _:
            assert_never(event)


def _enrolment(
    state: State, event: events.ServerUnreachable | events.ClaimOffered | events.Enrolled | events.EnrolmentEnded
) -> State:
    """An enrolled box goes on with its lessons whatever is offered; only an end takes them."""
    plays = state.enrolment.plays
    match event:
        case events.ServerUnreachable():
            return state if plays else replace(state, enrolment=Enrolment())
        case events.ClaimOffered(claim_code, claim_url):
            phase = EnrolmentPhase.AGAIN if plays else EnrolmentPhase.OFFERED
            return replace(state, enrolment=Enrolment(phase, claim_code, claim_url))
        case events.Enrolled():
            return replace(state, enrolment=Enrolment(EnrolmentPhase.ENROLLED))
        case events.EnrolmentEnded(reason):
            ended = Enrolment(EnrolmentPhase.ENDED, reason=reason)
            gone = replace(state, enrolment=ended, timetable=(), chosen=None, alerts=(), online=False)
            return go_home(gone)
        case _:
            assert_never(event)


def _tidy(state: State, home_before: Screen) -> State:
    """Close what has lost its reason: controls after their time, sign-in without an airing, a screen left alone."""
    home = home_screen(state)
    if state.revealed_until is not None and state.now >= state.revealed_until:
        state = replace(state, revealed_until=None)
    if home is Screen.BROADCAST and home_before is not Screen.BROADCAST and not signing_in(state):
        state = go_home(state)
    if signing_in(state) and airing_for_sign_in(state) is None:
        state = go_home(state)
    patience = READ_FOR if state.over_home and state.over_home[-1] in READ else IDLE_FOR
    if state.over_home and state.last_key_at is not None and state.now - state.last_key_at >= patience:
        state = go_home(state)
    return state

"""The loop that binds the core to the world: events in, `step`, the new state shown, effects carried out. No Kivy here.

Everything that happens comes through one queue, from whatever thread; `run_due` empties it in one thread, the window's
or a headless loop's. What is slow (hashing, network) happens elsewhere; a fact is written to the journal here, before
the screen shows it. What the core decides: `core/step.py`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event as Flag
from typing import assert_never

import structlog

from schedules.airings import Airing, PackageName
from schedules.wire.messages import EventBody, Release
from tvclient.adapters.api import Opened
from tvclient.adapters.errors import NotPlayable
from tvclient.adapters.line import Line
from tvclient.adapters.loudness import Loudness
from tvclient.adapters.means import Means
from tvclient.adapters.places import Places
from tvclient.adapters.playlist import gaps_of
from tvclient.adapters.recorder import Recorder
from tvclient.adapters.remote import RemoteReader
from tvclient.adapters.reserve import Reserve
from tvclient.adapters.settling import Settling
from tvclient.adapters.voice_notes import VoiceNotes
from tvclient.adapters.writing import Writing
from tvclient.core import effects, events
from tvclient.core.gaps import past
from tvclient.core.learning import listens
from tvclient.core.ports import Notes, Player, Track, Voice
from tvclient.core.recording import Beginning, first_state
from tvclient.core.settled import FULL_VOLUME
from tvclient.core.state import PlayPhase, State
from tvclient.core.step import step
from tvclient.core.tracks import TrackName
from tvclient.kiosk.updating import Updating
from tvclient.settings import SOFTWARE, Settings

TICK_S = 0.1
REST_TICK_S = 0.25
"""Between two ticks while no lesson is open: clocks and countdowns show seconds."""

log = structlog.get_logger(__name__)


class Shell:
    """One television."""

    def __init__(
        self,
        settings: Settings,
        player: Player,
        show: Callable[[State], None],
        sound: Callable[[effects.Sound], None] | None = None,
        voice: Voice | None = None,
        leave: Callable[[], None] | None = None,
        means: Means | None = None,
        sound_at: Callable[[effects.Sound, int], None] | None = None,
        notes: Notes | None = None,
    ) -> None:
        """Load what the box has; `start` begins.

        Args:
            player: plays packages; its events go to `post`.
            show: draws a state; called in the thread of `run_due`, only when the state has changed.
            sound: plays a short sound.
            voice: reads alerts aloud, and what has the focus.
            leave: ends the program in order.
            means: what it runs on; a television's own unless told otherwise.
            sound_at: plays a short sound as loud as lessons at this volume.
            notes: lets voice notes be heard.
        """
        self._player, self._show, self._sound, self._voice, self._leave = player, show, sound, voice, leave
        self._sound_at = sound_at
        self._queue: SimpleQueue[events.Event | Callable[[], None]] = SimpleQueue()
        self._means = means or Means()
        self._clock = self._means.clock(settings.data / "clock")
        reserve = Reserve(settings.data / "journal.reserve", settings.journal_reserve)
        self._journal = self._means.journal(settings.data / "journal.db", reserve)
        self._settling = Settling(settings, self.post, self._means)
        self._next_tick = 0.0
        self._loudness = Loudness(settings.data / "volume")
        beginning = self._beginning()
        self._notes = VoiceNotes(notes, player, self.answer_file, self.post, beginning.volume)
        self._state = first_state(beginning)
        self._recorder = Recorder(settings.record, beginning) if settings.record else None
        self._opener = self._means.opener()
        self.post(self._journal.restored())
        self.post(self._journal.damage())
        self._places = Places(settings.data / "places.json")
        self.post(events.PlacesRestored(self._places.read()))
        self._updating = self._make_updating(settings)
        self._line = Line(settings, self._journal, self._clock, self.post, self._put, self._updating, self._means)
        self._writing = Writing(self._journal, self._line.release)
        self._remote = RemoteReader(self.post, self._settling.learnt) if settings.remote else None

    @property
    def state(self) -> State:
        """What the television shows."""
        return self._state

    def start(self) -> None:
        """Step what is stored, so that the first picture is the right one, then begin to talk."""
        self.run_due()
        self._line.start()
        if self._updating:
            self._updating.start()
        if self._remote:
            self._remote.start()

    def post(self, event: events.Event) -> None:
        """Take an event, from any thread."""
        self._put(event)

    def record(self, fact: EventBody) -> None:
        """Write down a fact that did not come from the core, in its turn; from any thread."""
        self._put(lambda: self._carry_out(effects.Record(fact)))

    def say(self, words: str) -> None:
        """Read the words of what has the focus aloud, where there is a voice."""
        if self._voice:
            self._voice.say(words, self._state.language.value.replace("_", "-"))

    def untold(self) -> int:
        """Facts that the server has not acknowledged."""
        return self._journal.waiting()

    def poster(self, package: PackageName) -> Path | None:
        """The picture of a package, once stored."""
        return self._line.poster(package)

    def answer_file(self, sha256: str) -> Path | None:
        """A photograph or a voice note of an answer, once stored."""
        household = self._line.household
        return household.answer_files.path(sha256) if household else None

    def run_due(self) -> None:
        """Step everything that has happened; call it often, always in the same thread."""
        before = self._state
        while True:
            try:
                item = self._queue.get_nowait()
            except Empty:
                break
            self._take(item)
        if time.monotonic() >= self._next_tick:
            self._next_tick = time.monotonic() + (TICK_S if self._state.playback else REST_TICK_S)
            self._take(events.Ticked())
            self._write()
            if self._updating:
                self._updating.turned(spoke=self._line.spoke)
        if self._state is not before:
            self._show(self._state)

    def due_in_s(self) -> float:
        """Seconds until time itself must be stepped, even if nothing happens."""
        return max(0.0, self._next_tick - time.monotonic())

    def run_until(self, stop: Flag) -> None:
        """Run without a window until `stop` is set."""
        self.start()
        while not stop.wait(0.02):
            self.run_due()

    def close(self) -> None:
        """Stop everything cleanly."""
        if self._remote:
            self._remote.close()
        if self._updating:
            self._updating.close()
        self._line.close()
        self._player.stop()
        self._opener.shutdown(cancel_futures=True)
        self._journal.close()
        if self._recorder:
            self._recorder.close()

    def _beginning(self) -> Beginning:
        """What was chosen and set before this run."""
        chosen, volume = self._settling.preferences(), self._loudness.percent()
        if volume is not None:
            self._player.set_volume(volume)
        return Beginning(
            at=self._clock.now(),
            language=chosen.language,
            simple=chosen.simple,
            labels=chosen.labels,
            volume=FULL_VOLUME.percent if volume is None else volume,
            software=SOFTWARE,
        )

    def _put(self, item: events.Event | Callable[[], None]) -> None:
        self._queue.put(item)
        self._means.happened()

    def _make_updating(self, settings: Settings) -> Updating | None:
        if settings.release is None:
            return None
        return Updating(
            settings.data / "releases",
            settings.release,
            self._release_archive,
            lambda: self.post(events.RestartWanted()),
        )

    def _release_archive(self, release: Release, from_byte: int) -> Opened:
        return self._line.release_archive(release, from_byte)

    def _take(self, item: events.Event | Callable[[], None]) -> None:
        if callable(item):
            item()
            return
        before, now = self._state, self._clock.now()
        if self._recorder:
            self._recorder.took(item, now)
        self._state, todo = step(before, item, now)
        for effect in todo:
            self._carry_out(effect)
        playing = _plays(self._state)
        if playing != _plays(before):
            self._line.playing(playing)
        if self._remote:
            self._remote.learning = listens(self._state)

    def _carry_out(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Record(body):
                self._writing.take(body, self._clock.now(), self._clock.uncertainty_ms())
                self._write()
            case effects.Cue() | effects.Examine():
                self._read(effect)
            case (
                effects.Play()
                | effects.Pause()
                | effects.Seek()
                | effects.SetSpeed()
                | effects.SetVolume()
                | effects.ChooseSound()
                | effects.ChooseCaptions()
                | effects.StopPlayer()
            ):
                self._move(effect)
            case effects.Sounded() | effects.TryVolume():
                self._ring(effect)
            case effects.KeepPreferences() | effects.KeepKeys() | effects.CheckLine() | effects.DescribeBox():
                self._settling.carry_out(effect, self._line)
            case effects.Speak() | effects.Hush() | effects.KeepAnswered():
                self._warn(effect)
            case effects.KeepPlaces() | effects.KeepFiles() | effects.PlayNote() | effects.StopNote():
                self._keep(effect)
            case effects.Prefer(airings):
                self._line.prefer(airings)
            case (
                effects.CheckEnrolment()
                | effects.EnrolAgain()
                | effects.Photograph()
                | effects.HelpSaid()
                | effects.PhoneAnswered()
            ):
                self._talk(effect)
            case effects.Leave():
                if self._leave:
                    self._leave()
            case _:
                assert_never(effect)

    def _keep(self, effect: effects.KeepPlaces | effects.KeepFiles | effects.PlayNote | effects.StopNote) -> None:
        """What lies on the disk beside packages: places in lessons, and files of answers, which are heard, too."""
        match effect:
            case effects.KeepPlaces(places):
                self._places.keep(places)
            case effects.KeepFiles(files):
                household = self._line.household
                if household:
                    household.answer_files.keep(files)
            case effects.PlayNote(sha256, percent):
                self._notes.play(sha256, percent)
            case effects.StopNote():
                self._notes.stop()

    def _talk(
        self,
        effect: effects.CheckEnrolment
        | effects.EnrolAgain
        | effects.Photograph
        | effects.HelpSaid
        | effects.PhoneAnswered,
    ) -> None:
        match effect:
            case effects.CheckEnrolment():
                self._line.check_enrolment()
            case effects.EnrolAgain():
                self._line.enrol_again()
            case effects.Photograph() | effects.HelpSaid() | effects.PhoneAnswered():
                self._line.carry_out(effect)

    def _ring(self, effect: effects.Sounded | effects.TryVolume) -> None:
        match effect:
            case effects.Sounded(sound) if self._sound:
                self._sound(sound)
            case effects.TryVolume(percent) if self._sound_at:
                self._sound_at(effects.Sound.CHIME, percent)
            case _:
                log.debug("sounds.absent")

    def _move(
        self,
        effect: effects.Play
        | effects.Pause
        | effects.Seek
        | effects.SetSpeed
        | effects.SetVolume
        | effects.ChooseSound
        | effects.ChooseCaptions
        | effects.StopPlayer,
    ) -> None:
        match effect:
            case effects.Play():
                self._player.play()
            case effects.Pause():
                self._player.pause()
            case effects.Seek(position_ms):
                self._player.seek(position_ms)
            case effects.SetSpeed(factor):
                self._player.set_speed(factor)
            case effects.SetVolume(percent, lasting):
                self._notes.set_volume(percent)
                if lasting:
                    self._loudness.keep(percent)
            case effects.ChooseSound(number):
                self._player.choose_sound(number)
            case effects.ChooseCaptions(number):
                self._player.choose_captions(number)
            case effects.StopPlayer():
                self._player.stop()

    def _warn(self, effect: effects.Speak | effects.Hush | effects.KeepAnswered) -> None:
        match effect:
            case effects.KeepAnswered(alerts):
                self._line.keep_answered(alerts)
            case effects.Speak(text, language) if self._voice:
                self._voice.speak(text, language)
            case effects.Hush() if self._voice:
                self._voice.hush()
            case _:
                log.debug("voice.absent")

    def _write(self) -> None:
        """Put facts into the journal; what a full disk refuses waits, and the lesson goes on."""
        if self._writing.write(time.monotonic()):
            self._line.wake()
        if len(self._writing) != self._state.held_back:
            self.post(events.FactsHeldBack(len(self._writing)))

    def _read(self, effect: effects.Cue | effects.Examine) -> None:
        """What reads a package through happens away from the screen's thread."""
        match effect:
            case effects.Cue(airing, from_ms):
                self._opener.submit(self._open, airing, from_ms)
            case effects.Examine(airing):
                self._opener.submit(self._examine, airing)

    def _open(self, airing: Airing, from_ms: int) -> None:
        """Verify the package, then let the player open it."""
        try:
            found = self._line.playable(airing.package)
        except NotPlayable as error:
            log.warning("package.not_playable", package=airing.package, reason=error.reason)
            self.post(events.PlayerFailed(airing.id, error.reason))
            return

        gaps = gaps_of(found)

        def cue() -> None:
            playback = self._state.playback
            if playback and playback.airing.id == airing.id and playback.phase is PlayPhase.CUEING:
                self._player.cue(airing.id, found, past(gaps, from_ms))
                self.post(events.LessonOpened(airing.id, _names(found.sounds), _names(found.captions), gaps))

        self._put(cue)

    def _examine(self, airing: Airing) -> None:
        """Verify the package that plays once more: something in it could not be read."""
        try:
            found = self._line.playable(airing.package)
        except NotPlayable as error:
            self.post(events.PlayerFailed(airing.id, error.reason))
            return
        self.post(events.LessonExamined(airing.id, gaps_of(found)))


def _plays(state: State) -> bool:
    return state.playback is not None and state.playback.phase is PlayPhase.PLAYING


def _names(tracks: tuple[Track, ...]) -> tuple[TrackName, ...]:
    return tuple(TrackName(one.language, one.label) for one in tracks)

"""A fleet: thousands of whole boxes in one process, each with its own folder, journal, store, line and villagers.

The shell, the core and every adapter are the television's; what they run on is `fleet_means.py`. Nobody sees the
picture (`adapters/dark_player.py`). When a box must be looked at next is decided here, from its state alone.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import structlog

from schedules.airings import AiringId
from schedules.wire.messages import Credentials
from tvclient.adapters.dark_player import DarkPlayer
from tvclient.adapters.identity import Vault
from tvclient.core.events import Event, KeyPressed
from tvclient.core.playing import CUE_LEAD
from tvclient.core.state import PlayPhase, State
from tvclient.fleet.fleet_means import Common, FleetMeans, Imagined
from tvclient.fleet.villagers import Habits, Villagers
from tvclient.settings import Settings
from tvclient.shell import TICK_S, Shell

LONGEST_PAUSE_S = 5.0
NEAR_S = 0.25
BUSY_S = (NEAR_S, 1.0)
"""While something happens a box is looked at so often: a few boxes oftener than hundreds."""
BUSY_BOXES_A_SECOND = 600.0
LEAST_S = 0.02
CLOSING_AT_ONCE = 16

log = structlog.get_logger(__name__)


class Start(msgspec.Struct, frozen=True):
    """A lesson that began in one box: by the machine's clock, not the box's."""

    airing: AiringId
    late_ms: float


class BoxAccount(msgspec.Struct, frozen=True):
    """What one box and its villagers did, for whoever holds a report against it."""

    box: int
    epoch: str
    journal_through: int
    journal_waiting: int
    sign_ins: dict[AiringId, tuple[str, ...]]
    starts: tuple[Start, ...]
    stored: int
    """Packages of the timetable that can be played from the disk."""
    outages: int
    outage_s: float
    clock_off_ms: float
    """How far the box's time is from the machine's."""


class FleetBox:
    """One box."""

    def __init__(
        self,
        common: Common,
        habits: Habits,
        settings: Settings,
        credentials: Credentials | None = None,
        busy_s: float = NEAR_S,
    ) -> None:
        """Load what it has; with `credentials` it is let in already. While it plays it is looked at every `busy_s`."""
        self._busy_s = busy_s
        self._vault = Vault(settings.data / "secret")
        if credentials is not None and self._vault.credentials() != credentials:
            self._vault.keep(credentials)
        self.name = settings.serial
        self._villagers = Villagers(habits, self.name)
        self._means = FleetMeans(common, self.name, self._happened)
        self._running = common.screens.take(self._turn)
        self._starts: list[Start] = []
        self._player = DarkPlayer(self._post, self._means.run, busy_s)
        self.shell = Shell(settings, self._player, self._watch, means=self._means)
        self._begun = False

    def start(self) -> None:
        """Begin."""
        self._running.start()

    def close(self) -> None:
        """End in order."""
        self._running.close(20)
        self.shell.close()
        self._player.close()

    def account(self) -> BoxAccount:
        """What was done so far."""
        journal, clock = self._means.made_journal, self._means.made_clock
        known = self._vault.credentials()
        outages, outage_s = self._means.way.outages() if self._means.way else (0, 0.0)
        return BoxAccount(
            box=known.box if known else 0,
            epoch=journal.epoch if journal else "",
            journal_through=journal.through() if journal else 0,
            journal_waiting=journal.waiting() if journal else 0,
            sign_ins={airing: tuple(sorted(made)) for airing, made in self._villagers.made(self.shell.state).items()},
            starts=tuple(self._starts),
            stored=sum(one.playable for one in self.shell.state.packages.values()),
            outages=outages,
            outage_s=outage_s,
            clock_off_ms=(clock.now().timestamp() - time.time()) * 1000 if clock else 0.0,
        )

    def _happened(self) -> None:
        self._running.wake()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    def _turn(self) -> float:
        if not self._begun:
            self._begun = True
            self.shell.start()
        before = self.shell.state
        self.shell.run_due()
        self._note_start(before, self.shell.state)
        return self._pause_s(self.shell.state)

    def _note_start(self, before: State, after: State) -> None:
        """The moment at which the picture was let go, by the machine's clock."""
        now, was = after.playback, before.playback
        if now is None or now.phase is not PlayPhase.PLAYING or now.cued_from_ms:
            return
        if was is None or was.airing.id != now.airing.id or was.phase is not PlayPhase.PLAYING:
            self._starts.append(Start(now.airing.id, (time.time() - now.airing.start.timestamp()) * 1000))

    def _watch(self, state: State) -> None:
        for key in self._villagers.press(state):
            self.shell.post(KeyPressed(key))

    def _pause_s(self, state: State) -> float:
        awaited = pause_s(state, self._busy_s)
        pressing = self._villagers.pause_s(state)
        return awaited if pressing is None else max(NEAR_S, min(awaited, pressing))


def pause_s(state: State, busy_s: float) -> float:
    """Seconds after which a box in this state must be looked at, if nothing happens before; `busy_s` while it plays."""
    playback = state.playback
    match playback.phase if playback else None:
        case PlayPhase.CUED if playback:
            start = playback.airing.start + timedelta(milliseconds=playback.cued_from_ms)
            until_s = (start - state.now).total_seconds()
            return NEAR_S if until_s > NEAR_S + TICK_S else max(LEAST_S, until_s)
        case PlayPhase.PLAYING | PlayPhase.CUEING:
            return busy_s
        case _:
            pass
    near = next((one for one in state.timetable if one.end > state.now), None)
    until_s = (near.start - CUE_LEAD - state.now).total_seconds() if near else LONGEST_PAUSE_S
    busy = state.over_home or state.alert_shown or state.held_back or until_s <= 0
    return busy_s if busy else max(NEAR_S, min(LONGEST_PAUSE_S, until_s))


class Fleet:
    """All boxes."""

    def __init__(self, settings: Sequence[Settings], given: Sequence[Credentials], imagined: Imagined, habits: Habits):
        """Load every box.

        Args:
            settings: one for each box.
            given: credentials of boxes that are let in already, in the same order; empty where all ask to be.
        """
        self._common = Common(len(settings), imagined)
        busy_s = min(BUSY_S[1], max(BUSY_S[0], len(settings) / BUSY_BOXES_A_SECOND))
        credentials: Sequence[Credentials | None] = given or [None] * len(settings)
        self.boxes = [
            FleetBox(self._common, habits, one, known, busy_s) for one, known in zip(settings, credentials, strict=True)
        ]

    def start(self) -> None:
        """Begin, all at once."""
        for box in self.boxes:
            box.start()

    def accounts(self) -> list[BoxAccount]:
        """What every box did so far."""
        return [box.account() for box in self.boxes]

    def close(self) -> None:
        """End in order, some side by side."""
        with ThreadPoolExecutor(CLOSING_AT_ONCE) as closing:
            for done in [closing.submit(box.close) for box in self.boxes]:
                done.result()
        self._common.close()

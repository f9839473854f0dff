"""The box's dealings with the server, in one thread: what to follow, who may sign in, what to report.

MQTT is the way, HTTP the other way when MQTT stays away; both bring the same signed bytes to `documents.py`. What came
of it reaches the core as events. Whose box it is: `tenure.py`; the parts of an enrolled one: `household.py`.
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import Empty, SimpleQueue

import structlog

from schedules.airings import Airing, LayerId, PackageName
from schedules.wire.codec import Unreadable, encode
from schedules.wire.messages import Credentials, PackageState, Release
from tvclient.adapters.api import Api, Opened
from tvclient.adapters.asking_time import AskingTime
from tvclient.adapters.clock import Clock
from tvclient.adapters.duties import Duties
from tvclient.adapters.errors import AdapterError, NotPlayable, Refused, Revoked, ServerUnreachable, Unknown
from tvclient.adapters.household import Household
from tvclient.adapters.identity import Vault
from tvclient.adapters.journal import Journal
from tvclient.adapters.means import Means
from tvclient.adapters.stocktaking import Stocktaking
from tvclient.adapters.telling import Telling
from tvclient.adapters.tenure import Tenure
from tvclient.adapters.trusting import Trusting
from tvclient.core import events
from tvclient.core.effects import HelpSaid, PhoneAnswered, Photograph
from tvclient.core.ports import Playable, Updates
from tvclient.settings import Settings

RETRY_S = 5.0
LOOK_EVERY_S = 0.25
STATE_EVERY_S = 900.0
STATE_EVERY_OFFLINE_S = 30.0
ROSTER_EVERY_S = 15.0
PAPERS_EVERY_S = 15.0
FORGET_EVERY_S = 86_400.0
QUIET_S = 10.0
"""After HTTP failed it is left in peace, so that waiting for it does not hold up MQTT."""

log = structlog.get_logger(__name__)


class Line:
    """Talks with the server for the whole life of the program."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        clock: Clock,
        post: Callable[[events.Event], None],
        afterwards: Callable[[Callable[[], None]], None],
        updates: Updates | None = None,
        means: Means | None = None,
    ) -> None:
        """Load what is stored; `start` begins to talk.

        Args:
            post: takes an event for the core.
            afterwards: takes a call to be made when all events posted so far have been stepped.
            updates: where the program can be replaced by a newer one.
            means: what it runs on; a television's own unless told otherwise.
        """
        self.journal, self.clock = journal, clock
        self._settings, self._post, self._afterwards = settings, post, afterwards
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._means = means or Means()
        self._running = self._means.run("line", self._turn)
        self._begun = False
        self._online = False
        self._wanted: tuple[PackageName, ...] = ()
        self._stock = Stocktaking(post)
        self._duties = Duties(clock.ticks)
        self._telling = Telling(journal, clock, self._duties, updates, self._means)
        self._updates = updates
        self.spoke = False
        """Whether the server was spoken to since the program began."""
        self._quiet_until = 0.0
        self._followed: tuple[LayerId, ...] = ()
        self._asking_time = AskingTime(clock)
        self._unsure: bool | None = None
        self._gathering = False
        """Let in anew while lessons play: they go on until the new enrolment's layers were asked for."""
        self._tenure = Tenure(settings, clock, post, self._sample_time, self._furnish)
        self._trusting = Trusting(Vault(settings.data / "secret"), clock)
        self._tenure.restore()
        if self.household:
            self._settle(self.household)

    @property
    def household(self) -> Household | None:
        """What the box has since it was let in; None before."""
        return self._tenure.household

    def start(self) -> None:
        """Begin to talk."""
        self._running.start()

    def close(self) -> None:
        """Stop talking and wait for the threads."""
        self._running.close(20)
        self._tenure.close()

    def wake(self) -> None:
        """Something may be due: a new row in the journal, a file fetched, somebody asks."""
        self._running.wake()

    def packages_changed(self) -> None:
        """Something about the packages on the disk is different."""
        self._stock.changed()
        self.wake()

    def check_enrolment(self) -> None:
        """Somebody asks whether the code was entered."""
        self.later(self._tenure.hasten)

    def enrol_again(self) -> None:
        """Somebody wants the box to be let in anew after its enrolment was ended."""
        self.later(self._tenure.begin_anew)

    def prefer(self, airings: tuple[Airing, ...]) -> None:
        """What is still to be shown; its packages should be on the disk, the earliest first."""
        self._wanted = tuple(dict.fromkeys(airing.package for airing in airings))
        if self.household:
            self.household.prefetch.prefer(airings)
        self.packages_changed()

    def playing(self, active: bool) -> None:
        """Whether a lesson plays."""
        if self.household:
            self.household.prefetch.playing(active)

    def keep_answered(self, alerts: frozenset[str]) -> None:
        """Remember which alerts were answered."""
        if self.household:
            self.household.alerts.keep_answered(alerts)

    def playable(self, package: PackageName) -> Playable:
        """Files of a package to be played, verified.

        Raises:
            NotPlayable: it is not stored, or refused.
        """
        household = self.household
        if household is None:
            raise NotPlayable("not_stored")
        try:
            return household.store.playable(package)
        finally:
            if household.store.report(package).state is not PackageState.STORED:  # what was damaged is fetched again
                household.prefetch.retry()
                self.packages_changed()

    def release(self, needed: int) -> int:
        """Drop stored lessons so that the journal has room for so many bytes; gives back how many became free."""
        return self.household.store.release(needed) if self.household else 0

    def poster(self, package: PackageName) -> Path | None:
        """The picture of a package, once stored."""
        return self.household.store.poster(package) if self.household else None

    def release_archive(self, release: Release, from_byte: int) -> Opened:
        """Open a release of the program, from any thread.

        Raises:
            ServerUnreachable: the box is nobody's, or there is no line.
        """
        if self.household is None:
            raise ServerUnreachable("the box is not let in")
        return self.household.api.release(release, from_byte)

    def link_changed(self, online: bool) -> None:
        """From the link's thread."""
        self.later(lambda: self._take_link(online))

    def link_refused(self) -> None:
        """From the link's thread."""
        self.later(self._tenure.doubt)

    def desired_came(self, token: bytes) -> None:
        """From the link's thread."""
        self.later(lambda: self._take_desired(token))

    def layer_came(self, token: bytes) -> None:
        """From the link's thread."""
        self.later(lambda: self._take_layer(token))

    def ack_came(self, data: bytes) -> None:
        """From the link's thread."""
        self.later(lambda: self._take_ack(data))

    def time_came(self, data: bytes) -> None:
        """From the link's thread."""
        ticks = self.clock.ticks()
        self.later(lambda: self._take_time(data, ticks))

    def command_came(self, token: bytes) -> None:
        """From the link's thread."""
        self._with_household(lambda household: household.commanding.came(token))

    def carry_out(self, effect: HelpSaid | PhoneAnswered | Photograph) -> None:
        """What the core wants said or sent to whoever asks from afar."""
        self._with_household(lambda household: household.commanding.carry_out(effect))

    def collect(self) -> None:
        """Send the journal, report and fetch at once, whatever the pace and the quiet hours."""
        if self.household:
            self.household.outbox.reconnected()
            self.household.prefetch.collect()
            self._telling.reconnected()
            self._duties.hasten("state")

    def later(self, job: Callable[[], None]) -> None:
        """Do this in the line's own turn. From any thread."""
        self._inbox.put(job)
        self._running.wake()

    # --- the line's own turns ---

    def _with_household(self, job: Callable[[Household], None]) -> None:
        self.later(lambda: job(self.household) if self.household else None)

    def _turn(self) -> float:
        if not self._begun and self.household:
            self._begin(self.household)
        self._begun = True
        self._take_waiting()
        self._attempt()
        return LOOK_EVERY_S

    def _begin(self, household: Household) -> None:
        household.start()
        self._telling.begin()

    def _take_waiting(self) -> None:
        while True:
            try:
                job = self._inbox.get_nowait()
            except Empty:
                return
            try:
                job()
            except (OSError, ValueError, sqlite3.Error):
                log.exception("line.message_lost")

    def _furnish(self, credentials: Credentials) -> Household:
        return Household(
            credentials, self._settings, self, self.journal, self.clock, self._post, self.packages_changed, self._means
        )

    def _settle(self, household: Household) -> None:
        """Tell what is stored."""
        self._followed = ()
        self._duties.all_at_once()
        stored = household.documents.roster()
        if stored:
            self._post(events.RosterChanged(stored[0]))
        household.papers.tell()
        if household.documents.desired:
            self._desired_changed(household)
        self._stock.turn(household.store, self._wanted)

    def _attempt(self) -> None:
        try:
            before, moved_in = self.household, self._tenure.turn()
            if moved_in:
                self._gathering = before is not None
                self._settle(moved_in)
                self._begin(moved_in)
            household = self.household
            if household is None:
                return
            self._tell_clock()
            self._stock.turn(household.store, self._wanted)
            if not self._tenure.known:
                return
            self._telling.turn(household, self._stock.packages, self._wanted)
            may_ask = self.clock.ticks() >= self._quiet_until
            if may_ask and self._trusting.turn(household):
                self._duties.hasten("state")
            household.commanding.turn(self._duties, online=self._online, http=may_ask)
            self._refresh(household)
        except ServerUnreachable as error:
            log.info("server.unreachable", reason=str(error))
            self._quiet_until = self.clock.ticks() + QUIET_S
            self._duties.put_off_last(QUIET_S)
        except Revoked as error:
            self._tenure.end(str(error))
        except Unknown:
            self._duties.put_off_last(RETRY_S)
            self._tenure.doubt()
        except (AdapterError, OSError, ValueError, sqlite3.Error) as error:
            log.warning("line.failed", reason=str(error))

    def _refresh(self, household: Household) -> None:
        """Tidy the journal, and ask over HTTP for what is due: time, roster, and what MQTT should have brought."""
        if self._duties.due("forget", FORGET_EVERY_S):
            self.journal.forget(self.clock.now())
        if not self._asking_time.prefers_http(self._online) and self._duties.due(
            "time", self._asking_time.pause_s(self._online)
        ):
            household.link.ask_time(encode(self._asking_time.question(household.box)))
        if self.clock.ticks() < self._quiet_until:
            return
        over_http = self._asking_time.prefers_http(self._online)
        if over_http and self._duties.due("time", self._asking_time.pause_s(self._online)):
            self._sample_time(household.api)
        desired = household.documents.desired
        stored = household.documents.roster()
        known = stored[0].version if stored else ""
        if desired and desired.roster_version != known and self._duties.due("roster", ROSTER_EVERY_S):
            answer = household.api.roster(stored[1] if stored else "")
            if answer:
                household.documents.keep_roster(*answer)
                self._post(events.RosterChanged(answer[0]))
        if desired and household.papers.lacking(desired.papers) and self._duties.due("papers", PAPERS_EVERY_S):
            household.papers.fetch(desired.papers)
        if self._duties.due("state", STATE_EVERY_S if self._online else STATE_EVERY_OFFLINE_S):
            self._take_desired(household.api.desired())
            household.alerts.fetch(household.api)
            self._fetch_layers(household, household.documents.followed())
            if household.settle() or self._gathering:
                self._gathering = False
                self._timetable_changed(household)
        elif household.proving.to_fetch and self._duties.due("behind", RETRY_S):
            self._fetch_layers(household, sorted(household.proving.to_fetch))
            household.proving.to_fetch.clear()

    def _sample_time(self, api: Api) -> None:
        api.sample_time(self.clock)
        self._asking_time.answered_over_http()
        self._tell_clock()

    def _tell_clock(self) -> None:
        unsure = self.clock.unsure()
        if unsure != self._unsure:
            self._unsure = unsure
            self._post(events.ClockChanged(unsure))

    def _take_link(self, online: bool) -> None:
        if online != self._online:
            self._online = online
            self._post(events.LinkChanged(online))
        self._duties.hasten("commands")
        if not online:
            self._duties.hasten("state", STATE_EVERY_OFFLINE_S)
        if online and self.household:
            self.household.outbox.reconnected()
            self.household.prefetch.retry()
            self._telling.reconnected()

    def _take_desired(self, token: bytes) -> None:
        household = self.household
        self.spoke = True
        if household and household.documents.take_desired(token):
            self._desired_changed(household)

    def _desired_changed(self, household: Household) -> None:
        desired = household.documents.desired
        if desired and desired.ended:
            self._tenure.end(desired.ended)
            return
        if desired:
            household.proving.fall_behind(household.documents.proofs(), desired.behind)
            self._post(events.StationChanged(desired.station, desired.join))
            household.link.follow(desired.layers)
            household.alerts.tell()
            household.prefetch.follow(desired.fetching)
            if self._updates:
                self._updates.want(desired.release)
            if household.store.limit(desired.renditions):
                household.prefetch.retry()
            self._duties.hasten("roster")
            self._duties.hasten("papers")
            if desired.layers != self._followed:
                self._followed = desired.layers
                self._duties.hasten("state")
        self._timetable_changed(household)

    def _fetch_layers(self, household: Household, layers: Iterable[LayerId]) -> None:
        for layer in layers:
            try:
                self._take_layer(household.api.layer(layer))
            except Refused as error:
                log.info("layer.not_given", layer=layer, reason=str(error))

    def _take_layer(self, token: bytes) -> None:
        household = self.household
        if household and household.documents.take_layer(token, self.clock.now()):
            self._timetable_changed(household)

    def _timetable_changed(self, household: Household) -> None:
        if self._gathering:
            return
        made, revisions = household.documents.merged()
        airings = made.airings
        now = self.clock.now()
        self._wanted = tuple(dict.fromkeys(airing.package for airing in airings if airing.end > now))
        self._stock.changed()
        self._post(events.TimetableChanged(airings, tuple(lost.airing for lost in made.displaced)))
        self._afterwards(lambda: household.documents.applied(revisions))
        self._afterwards(self.wake)

    def _take_ack(self, data: bytes) -> None:
        try:
            if self.household:
                self._telling.acknowledged(self.household, data)
        except Unreadable as error:
            log.warning("ack.unreadable", reason=str(error))

    def _take_time(self, data: bytes, ticks: float) -> None:
        self._asking_time.answered(data, ticks)
        self._tell_clock()

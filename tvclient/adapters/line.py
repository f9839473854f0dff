"""The box's dealings with the server, in one thread: being let in, what to follow, who may sign in, what to report.

MQTT is the way, HTTP the other way when MQTT stays away; both bring the same signed bytes to `documents.py`. What came
of it reaches the core as events. The parts of an enrolled box are put together in `household.py`.
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

import structlog

from schedules.airings import LayerId, PackageName
from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import Ack, Credentials, EnrolmentOffer, PackageReport, Reported
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import AdapterError, NotPlayable, OfferExpired, Refused, Revoked, ServerUnreachable
from tvclient.adapters.household import Household
from tvclient.adapters.identity import Vault
from tvclient.adapters.journal import Journal
from tvclient.adapters.reporting import Pace
from tvclient.core import events
from tvclient.core.ports import Playable
from tvclient.settings import SOFTWARE, Settings

POLL_CLAIM_S = 2.0
RETRY_S = 5.0
TIME_EVERY_S = 300.0
FIRST_SAMPLES = 5
STATE_EVERY_S = 900.0
STATE_EVERY_OFFLINE_S = 30.0
REPORT_EVERY_S = 1.0
REPORT_HTTP_EVERY_S = 10.0
MQTT_HEAD_START_S = 3.0
REVOKED_RETRY_S = 600.0
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
    ) -> None:
        """Load what is stored; `start` begins to talk.

        Args:
            post: takes an event for the core.
            afterwards: takes a call to be made when all events posted so far have been stepped.
        """
        self.journal, self.clock = journal, clock
        self._settings, self._post, self._afterwards = settings, post, afterwards
        self._vault = Vault(settings.data / "secret")
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._thread = Thread(target=self._run, name="line", daemon=True)
        self._closed = False
        self._online = False
        self._wanted: tuple[PackageName, ...] = ()
        self._packages: dict[PackageName, PackageReport] | None = None
        self._pace = Pace()
        self._due = dict.fromkeys(
            ("time", "state", "behind", "roster", "report", "report_http", "events_http", "forget"), 0.0
        )
        self._duty = "time"
        self._quiet_until = 0.0
        self._packages_dirty = True
        self._followed: tuple[LayerId, ...] = ()
        self._samples = 0
        self._unsure: bool | None = None
        self._household: Household | None = None
        credentials = self._vault.credentials()
        if credentials is not None:
            self._settle(credentials)

    def start(self) -> None:
        """Begin to talk."""
        self._thread.start()

    def close(self) -> None:
        """Stop talking and wait for the threads."""
        self._closed = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=20)
        if self._household:
            self._household.close()

    def wake(self) -> None:
        """Something may be due: a new row in the journal, a file fetched, somebody asks."""
        self._inbox.put(_nothing)

    def packages_changed(self) -> None:
        """Something about the packages on the disk is different."""
        self._packages_dirty = True
        self.wake()

    def check_enrolment(self) -> None:
        """Somebody asks whether the code was entered."""
        self.wake()

    def prefer(self, packages: tuple[PackageName, ...]) -> None:
        """What should be on the disk, earliest deadline first."""
        self._wanted = packages
        if self._household:
            self._household.prefetch.prefer(packages)
        self.packages_changed()

    def playing(self, active: bool) -> None:
        """Whether a lesson plays."""
        if self._household:
            self._household.prefetch.playing(active)

    def keep_answered(self, alerts: frozenset[str]) -> None:
        """Remember which alerts were answered."""
        if self._household:
            self._household.alerts.keep_answered(alerts)

    def playable(self, package: PackageName) -> Playable:
        """Files of a package to be played, verified.

        Raises:
            NotPlayable: it is not stored, or refused.
        """
        if self._household is None:
            raise NotPlayable("not_stored")
        try:
            return self._household.store.playable(package)
        except NotPlayable:
            self._household.prefetch.retry()
            self.packages_changed()
            raise

    def poster(self, package: PackageName) -> Path | None:
        """The picture of a package, once stored."""
        return self._household.store.poster(package) if self._household else None

    def link_changed(self, online: bool) -> None:
        """From the link's thread."""
        self._inbox.put(lambda: self._take_link(online))

    def desired_came(self, token: bytes) -> None:
        """From the link's thread."""
        self._inbox.put(lambda: self._take_desired(token))

    def layer_came(self, token: bytes) -> None:
        """From the link's thread."""
        self._inbox.put(lambda: self._take_layer(token))

    def ack_came(self, data: bytes) -> None:
        """From the link's thread."""
        self._inbox.put(lambda: self._take_ack(data))

    # --- the thread ---

    def _run(self) -> None:
        offer: EnrolmentOffer | None = None
        while not self._closed and self._household is None:
            offer = self._ask_to_be_let_in(offer)
        if self._household and not self._closed:
            self._household.link.start()
            self._household.prefetch.start()
            self._due["report_http"] = self._due["events_http"] = self.clock.ticks() + MQTT_HEAD_START_S
        while not self._closed:
            self._take_next(0.25)
            if self._household and not self._closed:
                self._attempt(self._household)

    def _take_next(self, wait_s: float) -> None:
        try:
            job = self._inbox.get(timeout=wait_s)
            while True:
                try:
                    job()
                except (OSError, ValueError, sqlite3.Error):
                    log.exception("line.message_lost")
                job = self._inbox.get_nowait()
        except Empty:
            return

    def _ask_to_be_let_in(self, offer: EnrolmentOffer | None) -> EnrolmentOffer | None:
        with Api(self._settings.server) as api:
            try:
                if offer is None:
                    offer = api.ask_enrolment(self._vault.identity(), self._settings.serial)
                    self._post(events.ClaimOffered(offer.claim_code, offer.claim_url))
                    log.info("enrolment.offered", claim_code=offer.claim_code)
                    self._sample_time(api)
                credentials = api.enrolment_state(offer).credentials
                if credentials is not None:
                    self._vault.keep(credentials)
            except OSError as error:
                log.warning("enrolment.not_stored", reason=str(error))
                self._take_next(RETRY_S)
                return offer
            except OfferExpired:
                return None
            except ServerUnreachable as error:
                log.info("enrolment.unreachable", reason=str(error))
                if offer is None:
                    self._post(events.ServerUnreachable())
                self._take_next(RETRY_S)
                return offer
            except (Refused, Revoked) as error:
                log.warning("enrolment.refused", reason=str(error))
                self._take_next(4 * RETRY_S)
                return None
        if credentials is None:
            self._take_next(POLL_CLAIM_S)
            return offer
        log.info("enrolment.done", box=credentials.box)
        self._settle(credentials)
        return offer

    def _settle(self, credentials: Credentials) -> None:
        self._household = household = Household(
            credentials, self._settings, self, self.journal, self.clock, self._post, self.packages_changed
        )
        stored = household.documents.roster()
        if stored:
            self._post(events.RosterChanged(stored[0]))
        if household.documents.desired:
            self._desired_changed(household)
        self._tell_packages(household)
        self._post(events.Enrolled())

    def _attempt(self, household: Household) -> None:
        try:
            self._tell_clock()
            self._tell_proofs(household)
            self._tell_packages(household)
            self._tell_reported(household)
            self._send_events(household)
            self._refresh(household)
        except ServerUnreachable as error:
            log.info("server.unreachable", reason=str(error))
            self._quiet_until = self._due[self._duty] = self.clock.ticks() + QUIET_S
        except Revoked:
            log.warning("box.revoked", box=household.box)
            later = self.clock.ticks() + REVOKED_RETRY_S
            self._due = dict.fromkeys(self._due, later)
        except (AdapterError, OSError, ValueError, sqlite3.Error) as error:
            log.warning("line.failed", reason=str(error))

    def _is_due(self, duty: str, again_after_s: float) -> bool:
        mono = self.clock.ticks()
        if mono < self._due[duty]:
            return False
        self._due[duty] = mono + again_after_s
        self._duty = duty
        return True

    def _refresh(self, household: Household) -> None:
        """Tidy the journal, and ask over HTTP for what is due: time, roster, and what MQTT should have brought."""
        if self._is_due("forget", FORGET_EVERY_S):
            self.journal.forget(self.clock.now())
        if self.clock.ticks() < self._quiet_until:
            return
        if self._is_due("time", TIME_EVERY_S if self._samples >= FIRST_SAMPLES else 1.0):
            self._sample_time(household.api)
        desired = household.documents.desired
        stored = household.documents.roster()
        if desired and desired.roster_version != (stored[0].version if stored else "") and self._is_due("roster", 15):
            answer = household.api.roster(stored[1] if stored else "")
            if answer:
                household.documents.keep_roster(*answer)
                self._post(events.RosterChanged(answer[0]))
        if self._is_due("state", STATE_EVERY_S if self._online else STATE_EVERY_OFFLINE_S):
            self._take_desired(household.api.desired())
            household.alerts.fetch(household.api)
            self._fetch_layers(household, household.documents.followed())
        elif household.proving.to_fetch and self._is_due("behind", RETRY_S):
            self._fetch_layers(household, sorted(household.proving.to_fetch))
            household.proving.to_fetch.clear()

    def _sample_time(self, api: Api) -> None:
        api.sample_time(self.clock)
        self._samples += 1
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
        if not online:
            self._due["state"] = min(self._due["state"], self.clock.ticks() + STATE_EVERY_OFFLINE_S)
        if online and self._household:
            self._household.outbox.reconnected()
            self._household.prefetch.retry()
            self._pace.begin()
            self._due["report"] = 0.0

    def _take_desired(self, token: bytes) -> None:
        household = self._household
        if household and household.documents.take_desired(token):
            self._desired_changed(household)

    def _desired_changed(self, household: Household) -> None:
        desired = household.documents.desired
        if desired:
            household.proving.fall_behind(household.documents.proofs(), desired.behind)
            self._post(events.StationChanged(desired.station))
            household.link.follow(desired.layers)
            household.alerts.tell()
            if household.store.limit(desired.renditions):
                household.prefetch.retry()
            self._due["roster"] = 0.0
            if desired.layers != self._followed:
                self._followed = desired.layers
                self._due["state"] = 0.0
        self._timetable_changed(household)

    def _fetch_layers(self, household: Household, layers: Iterable[LayerId]) -> None:
        for layer in layers:
            try:
                self._take_layer(household.api.layer(layer))
            except Refused as error:
                log.info("layer.not_given", layer=layer, reason=str(error))

    def _take_layer(self, token: bytes) -> None:
        household = self._household
        if household and household.documents.take_layer(token, self.clock.now()):
            self._timetable_changed(household)

    def _timetable_changed(self, household: Household) -> None:
        airings, revisions = household.documents.timetable()
        now = self.clock.now()
        self._wanted = tuple(dict.fromkeys(airing.package for airing in airings if airing.end > now))
        self._packages_dirty = True
        self._post(events.TimetableChanged(airings))
        self._afterwards(lambda: household.documents.applied(revisions))
        self._afterwards(self.wake)

    def _take_ack(self, data: bytes) -> None:
        try:
            ack = decode(data, Ack)
        except Unreadable as error:
            log.warning("ack.unreadable", reason=str(error))
            return
        if self._household and ack.box == self._household.box:
            self.journal.acknowledge(ack)
            self._household.outbox.answered()

    def _tell_packages(self, household: Household) -> None:
        if not self._packages_dirty:
            return
        self._packages_dirty = False
        packages = {name: household.store.report(name) for name in self._wanted}
        if packages != self._packages:
            self._packages = packages
            self._post(events.PackagesChanged(packages))

    def _tell_proofs(self, household: Household) -> None:
        for proof in household.proving.due(household.documents.proofs(), self.clock.now()):
            if not household.link.prove(encode(proof)):
                return
            household.proving.said(proof)

    def _tell_reported(self, household: Household) -> None:
        if not self._is_due("report", REPORT_EVERY_S):
            return
        desired = household.documents.desired
        reported = Reported(
            box=household.box,
            epoch=self.journal.epoch,
            at=self.clock.now(),
            desired_version=desired.version if desired else 0,
            layers=household.documents.proofs(),
            alerts=household.alerts.revisions(),
            packages=self._packages or {},
            clock=self.clock.report() if not self.clock.unsure() else None,
            journal_through=self.journal.through(),
            software=SOFTWARE,
            line=household.prefetch.speed.report(self.clock.now()),
            disk=household.store.room(self._wanted),
        )
        if not self._pace.due(reported, self.clock.ticks()):
            return
        if household.link.report(encode(reported)):
            self._pace.sent(reported, self.clock.ticks())
        elif self._is_due("report_http", REPORT_HTTP_EVERY_S):
            household.api.send_reported(reported)
            self._pace.sent(reported, self.clock.ticks())

    def _send_events(self, household: Household) -> None:
        batch = household.outbox.due(self.clock.ticks())
        if batch is None:
            return
        if not household.outbox.prefers_http and household.link.send_events(encode(batch)):
            return
        if self._is_due("events_http", RETRY_S):
            ack = household.api.send_events(batch)
            self._take_ack(encode(ack))


def _nothing() -> None:
    """Only wakes the thread."""

"""What the box tells its server: proofs, reports and events, by MQTT, and over HTTP where MQTT stays away.

Runs in the line's thread, one turn at a time. What is worth a report: `reporting.py`.
"""

from schedules.airings import PackageName
from schedules.wire.codec import decode, encode
from schedules.wire.messages import Ack, PackageReport
from tvclient.adapters.clock import Clock
from tvclient.adapters.duties import Duties
from tvclient.adapters.household import Household
from tvclient.adapters.journal import Journal
from tvclient.adapters.means import Means
from tvclient.adapters.reporting import Pace, report_of
from tvclient.core.ports import Updates

REPORT_EVERY_S = 1.0
REPORT_HTTP_EVERY_S = 10.0
EVENTS_HTTP_EVERY_S = 5.0
MQTT_HEAD_START_S = 3.0


class Telling:
    """One box's word to its server."""

    def __init__(self, journal: Journal, clock: Clock, duties: Duties, updates: Updates | None, means: Means) -> None:
        self._journal, self._clock, self._duties, self._updates, self._means = journal, clock, duties, updates, means
        self._pace = Pace()

    def begin(self) -> None:
        """A household begins to talk: MQTT first."""
        self._duties.put_off("report_http", MQTT_HEAD_START_S)
        self._duties.put_off("events_http", MQTT_HEAD_START_S)

    def reconnected(self) -> None:
        """The line is new: whatever was told, tell it again."""
        self._pace.begin()
        self._duties.hasten("report")

    def turn(
        self,
        household: Household,
        packages: dict[PackageName, PackageReport],
        wanted: tuple[PackageName, ...],
    ) -> None:
        """Send what is due.

        Args:
            packages: what is stored of those that are wanted.

        Raises:
            AdapterError: it was to go over HTTP, and could not.
        """
        self._prove(household)
        self._report(household, packages, wanted)
        self._send_events(household)

    def acknowledged(self, household: Household, data: bytes) -> None:
        """The server's word about events.

        Raises:
            Unreadable: it is none.
        """
        ack = decode(data, Ack)
        if ack.box == household.box:
            self._journal.acknowledge(ack)
            household.outbox.answered()

    def _prove(self, household: Household) -> None:
        for proof in household.proving.due(household.documents.proofs(), self._clock.now()):
            if not household.link.prove(encode(proof)):
                return
            household.proving.said(proof)

    def _report(
        self,
        household: Household,
        packages: dict[PackageName, PackageReport],
        wanted: tuple[PackageName, ...],
    ) -> None:
        if not self._duties.due("report", REPORT_EVERY_S):
            return
        reported = report_of(
            household, self._journal, self._clock, packages, wanted, self._updates, self._means.decoding()
        )
        if not self._pace.due(reported, self._clock.ticks()):
            return
        if household.link.report(encode(reported)):
            self._pace.sent(reported, self._clock.ticks())
        elif self._duties.due("report_http", REPORT_HTTP_EVERY_S):
            household.api.send_reported(reported)
            self._pace.sent(reported, self._clock.ticks())

    def _send_events(self, household: Household) -> None:
        batch = household.outbox.due(self._clock.ticks())
        if batch is None:
            return
        if not household.outbox.prefers_http and household.link.send_events(encode(batch)):
            return
        if self._duties.due("events_http", EVENTS_HTTP_EVERY_S):
            self.acknowledged(household, encode(household.api.send_events(batch)))

"""The link process: what boxes say becomes rows, what the database wants becomes messages.

One loop on one thread owns the database; paho's thread only fills a queue. Events: `intake.py`, which other processes
may share. Layers and desired states: whatever the broker has not confirmed is sent, and after every reconnection
everything is sent, so that a broker whose data was wiped is whole again within seconds.
"""

import queue
import time
from collections.abc import Callable, Sequence
from typing import ClassVar

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from contentserver import (
    alerts,
    attendance,
    boxes,
    consultations,
    documents,
    figures,
    ledger,
    market,
    notices,
    papers,
    processes,
    quizzes,
    readiness,
    resigning,
    stations,
    support,
    timetable,
    trust,
)
from contentserver.adapters.bell import Bell
from contentserver.adapters.broker import Broker
from contentserver.app import Services
from contentserver.box_accounts import BoxAccounts
from contentserver.boxes import Box
from contentserver.intake import BATCH, Intake, Journals, Said
from contentserver.kernel import clock
from contentserver.kernel.errors import BrokerUnavailable
from schedules.airings import LayerId
from schedules.wire import topics
from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import Online, PaperKind, Proof, Reply, Reported, TimeAnswer, TimeQuestion
from schedules.wire.signing import Purpose
from schedules.wire.topics import BoxId

POLL_S = 0.25
"""How long a change in the database may wait before it is noticed, where no bell rings."""
UPKEEP_S = 60.0
BOXES_AT_ONCE = 500
RECONCILE_S = 10.0
FIGURES_S = 5.0
"""How old what reports show may be while events come."""
PROOFS_AT_ONCE = 2000
"""Proofs are two numbers each, and are kept by one statement."""
MAX_TOKEN = 32
GATHER_S = 0.008
"""So long others are waited for when a proof comes: one statement and one write to the disk for all of them."""
LAY_OUTS: dict[PaperKind, Callable[[Session], object]] = {
    PaperKind.GREEN_CHANNEL: lambda session: consultations.lay_out(session, clock.now()),
    PaperKind.NOTICES: lambda session: notices.lay_out(session, clock.now()),
    PaperKind.QUIZZES: quizzes.lay_out,
    PaperKind.MARKET: lambda session: market.lay_out(session, clock.now()),
    PaperKind.DOCUMENTS: lambda session: documents.lay_out(session, clock.now()),
}
"""How what stations read is laid out, by kind; what it is made of stands in `app.PAPERS`."""
log = structlog.get_logger()


_RING = Said("", b"")
"""Something was committed: look into the database."""


def _is_proof(said: Said) -> bool:
    return said.topic.endswith("/proofs")


class Link(Intake):
    """The loop; `run` returns when `stop` is called."""

    SUBSCRIPTIONS: ClassVar = (
        *Intake.SUBSCRIPTIONS,
        topics.ALL_REPORTED,
        topics.ALL_PROOFS,
        topics.ALL_ONLINE,
        topics.ALL_REPLIES,
        topics.ALL_CLOCKS,
    )

    def __init__(self, services: Services, broker: Broker, doors: Sequence[Broker] = ()) -> None:
        """`doors`: the brokers to which boxes connect, where that is not `broker`."""
        super().__init__(services, broker)
        self._accounts = BoxAccounts(services, broker, doors)
        self._upkeep_at = self._reconcile_at = self._figures_at = self._look_at = 0.0
        self._known: frozenset[int] = frozenset()
        """Ids of the boxes that are let in, as of the last look."""
        self._bell = Bell(services.settings.data_dir, lambda: self._inbox.put(_RING))

    def run(self) -> None:
        """Work until told to stop."""
        self._bell.start()
        self._accounts.start()
        try:
            super().run()
        finally:
            self._accounts.stop()
            self._bell.close()

    def _turn(self) -> None:
        """Take in what came, send what is due."""
        super()._turn()
        self._upkeep()
        self._keep_figures()
        self._reconcile()
        everything = self._resend.is_set()
        if self._broker.connected.is_set() and (everything or time.monotonic() >= self._look_at):
            self._look_at = time.monotonic() + POLL_S
            if everything:  # set meanwhile by paho's thread, it stays set
                self._resend.clear()
            try:
                self._send_alerts(everything)
                self._send_commands()
                self._lay_out_what_changed()
                self._send(everything)
                self._accounts.renew()
                self._accounts.drop()
            except (BrokerUnavailable, DBAPIError):
                if everything:
                    self._resend.set()
                raise

    def _came(self, topic: str, payload: bytes) -> None:
        """On paho's thread: what boxes say waits for the loop; who asks for the time is answered here and now."""
        received = clock.now()
        address = topics.box_of(topic)
        if address is None or address[1] != "clock":
            super()._came(topic, payload)
            return
        try:
            question = decode(payload, TimeQuestion)
        except Unreadable as error:
            log.warning("link.unreadable", topic=topic, error=str(error))
            return
        answer = TimeAnswer(token=question.token[:MAX_TOKEN], received_at=received, sent_at=clock.now())
        self._broker.publish(topics.time(address[0]), encode(answer), retain=False, qos=0)

    def _waiting(self) -> list[Said]:
        """What has come: at most a batch, or more where all of it is proofs, which come in bursts."""
        said: list[Said] = []
        try:
            self._note(self._inbox.get(timeout=POLL_S), said)
            self._drain(said)
            if said and all(map(_is_proof, said)):
                self._stopping.wait(GATHER_S)
                self._drain(said)
        except queue.Empty:
            pass
        return said

    def _drain(self, said: list[Said]) -> None:
        heavy = sum(not _is_proof(one) for one in said)
        while heavy < BATCH and len(said) < PROOFS_AT_ONCE:
            try:
                one = self._inbox.get_nowait()
            except queue.Empty:
                return
            heavy += self._note(one, said) and not _is_proof(one)

    def _note(self, one: Said, said: list[Said]) -> bool:
        """Put a message with the others; a ring is none, and makes the next look at the database due."""
        if one is _RING:
            self._look_at = 0.0
            return False
        said.append(one)
        return True

    def _keep(self, session: Session, said: Sequence[Said], journals: Journals) -> None:
        timetable.keep_proofs(session, self._proofs_of(said), clock.now())
        super()._keep(session, [one for one in said if not _is_proof(one)], journals)

    def _proofs_of(self, said: Sequence[Said]) -> list[Proof]:
        """The proofs among some messages, of boxes that are let in and speak for themselves."""
        found = []
        for one in said:
            address = topics.box_of(one.topic)
            if address is None or address[1] != "proofs":
                continue
            try:
                proof = decode(one.payload, Proof)
            except Unreadable as error:
                log.warning("link.unreadable", topic=one.topic, error=str(error))
                continue
            if proof.box == address[0]:
                found.append(proof)
        if any(proof.box not in self._known for proof in found):
            with self._services.database.reader() as session:
                self._known = boxes.let_in(session)
        return [proof for proof in found if proof.box in self._known]

    def _hear(self, session: Session, box: Box, kind: str, payload: bytes, journals: Journals) -> None:
        match kind:
            case "reported" if payload:
                report = decode(payload, Reported)
                if report.box == box.id:
                    boxes.accept_report(session, box, report, clock.now())
                    timetable.record_proofs(session, report, clock.now())
                    alerts.record_alert_proofs(session, report)
                    if attendance.lacks(session, report):
                        journals[(BoxId(box.id), report.epoch)] = None
            case "online" if payload:
                boxes.note_presence(session, box, decode(payload, Online).online, clock.now())
            case "replies":
                reply = decode(payload, Reply)
                if reply.box == box.id:
                    support.take_reply(session, box.id, reply, clock.now())
            case _:
                super()._hear(session, box, kind, payload, journals)

    def _upkeep(self) -> None:
        if time.monotonic() < self._upkeep_at:
            return
        self._upkeep_at = time.monotonic() + UPKEEP_S
        signer = self._services.signer
        with self._services.database.unit_of_work() as session:
            timetable.renew_windows(session, signer, clock.now())
            timetable.tell_stations(session)
            figures.count_plans(session, clock.now())
            alerts.end_expired(session, signer, clock.now())
            processes.escalate(session, clock.now(), timetable.holiday_table(session))
            boxes.forget_expired(session, clock.now())
            boxes.end_waiting(session, clock.now())
            support.expire(session, clock.now())
            readiness.refresh(session, self._services.store, readiness.keep_note, clock.now())
            stations.keep_join_addresses(session, self._services.settings.public_url)
            consultations.take_questions(session, clock.now())
            consultations.tend(session, clock.now())
            consultations.remind(session, readiness.keep_note, clock.now())
            notices.take_readings(session)
            documents.take_readings(session)
            for lay_out in LAY_OUTS.values():
                lay_out(session)
            boxes.refresh_each(session, session.scalars(select(Box).where(Box.revoked_at.is_(None))).all(), signer)
            self._known = boxes.let_in(session)
            if trust.to_be_mended(session, clock.now()):
                resigning.sign_anew(session, signer, Purpose, None, clock.now())

    def _lay_out_what_changed(self) -> None:
        """Papers of which something was changed: only boxes whose station has another one are told, at once."""
        with self._services.database.reader() as session:
            due = papers.due(session)
        if not due:
            return
        with self._services.database.unit_of_work() as session:
            changed = sorted(papers.catch_up(session, LAY_OUTS), key=str)
            for first in range(0, len(changed), BOXES_AT_ONCE):
                of_these = Box.station_id.in_(changed[first : first + BOXES_AT_ONCE])
                theirs = session.scalars(select(Box).where(of_these, Box.revoked_at.is_(None))).all()
                boxes.refresh_each(session, theirs, self._services.signer)
        log.info("link.papers", stations=len(changed))

    def _keep_figures(self) -> None:
        """Compute what changed since the last time, a part at a time: what boxes say waits meanwhile."""
        if time.monotonic() < self._figures_at:
            return
        with self._services.database.unit_of_work() as session:
            taken = figures.refresh(session)
        with self._services.database.unit_of_work() as session:
            consultations.take_questions(session, clock.now())
        with self._services.database.unit_of_work() as session:
            calendar = timetable.holiday_table(session)
            entries = ledger.refresh(session, ledger.SOURCES, clock.now(), calendar)
        if taken < figures.AT_ONCE and entries < ledger.AT_ONCE:
            self._figures_at = time.monotonic() + FIGURES_S

    def _reconcile(self) -> None:
        """Tell the boxes that lack a revision, and only them, to fetch it; note the helps that have run out.

        While more waits than one turn takes in, proofs may be among it: then it is the link that is behind.
        """
        if time.monotonic() < self._reconcile_at:
            return
        self._reconcile_at = time.monotonic() + RECONCILE_S
        with self._services.database.reader() as session:
            lagging = {} if self._inbox.qsize() > BATCH else timetable.behind(session, clock.now())
            over = support.helps_overdue(session, clock.now())
        if over:
            with self._services.database.unit_of_work() as session:
                support.end_overdue(session, clock.now())
        if not lagging:
            return
        with self._services.database.unit_of_work() as session:
            found = session.scalars(select(Box).where(Box.id.in_(lagging))).all()
            boxes.refresh_each(session, found, self._services.signer, lagging)
        log.info("link.behind", boxes=len(lagging))

    def _send_alerts(self, everything: bool) -> None:
        """As `_send`, before it: alerts wait for no account and no layer."""
        with self._services.database.reader() as session:
            due = alerts.due_alerts(session, everything)
        if not due:
            return
        sent = [
            self._broker.publish(topics.alerts(LayerId(row.layer_id)), row.jws.encode(), retain=True) for row in due
        ]
        for info in sent:
            self._broker.confirm(info)
        with self._services.database.unit_of_work() as session:
            for row in due:
                alerts.mark_alerts_published(session, row.layer_id, row.revision)
        log.info("link.sent_alerts", regions=len(due), everything=everything)

    def _send_commands(self) -> None:
        """What is asked of single boxes; a help that is waited for must not wait here either."""
        with self._services.database.reader() as session:
            due = support.due_commands(session, clock.now())
        if not due:
            return
        sent = [self._broker.publish(topics.commands(BoxId(row.box_id)), row.jws.encode(), retain=False) for row in due]
        for info in sent:
            self._broker.confirm(info)
        with self._services.database.unit_of_work() as session:
            support.mark_sent(session, [row.id for row in due], clock.now())
        log.info("link.sent_commands", commands=len(due))

    def _send(self, everything: bool) -> None:
        """Send what the broker has not confirmed, wait for its word, then note it."""
        with self._services.database.reader() as session:
            revisions = timetable.due_layers(session, everything)
            due_boxes = boxes.due_boxes(session, everything)
        if not revisions and not due_boxes:
            return
        self._accounts.keep(due_boxes, everything)
        unsent = [box for box in due_boxes if everything or box.desired_published < box.desired_version]
        sent = [
            self._broker.publish(topics.layer(LayerId(row.layer_id)), row.jws.encode(), retain=True)
            for row in revisions
        ]
        sent += [
            self._broker.publish(topics.desired(BoxId(box.id)), box.desired_jws.encode(), retain=True) for box in unsent
        ]
        for info in sent:
            self._broker.confirm(info)
        with self._services.database.unit_of_work() as session:
            for row in revisions:
                timetable.mark_published(session, row.layer_id, row.revision, clock.now())
            for box in unsent:
                session.get_one(Box, box.id).desired_published = box.desired_version
        log.info("link.sent", layers=len(revisions), boxes=len(unsent), everything=everything)

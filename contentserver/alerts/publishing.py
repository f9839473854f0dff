"""Publish: sign what holds in a region, know what the broker lacks of it, take the boxes' proofs.

A document is made in the unit of work of whoever sends or cancels; the link process sends what `due_alerts` names
after the commit, and again after a crash, because a document stays due until the broker has confirmed it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.alerts import rules
from contentserver.alerts.models import AlertLayer, AlertProof, AlertRecord, AlertRegion, AlertRevision
from contentserver.alerts.rules import AlertState
from contentserver.audit import audit
from contentserver.boxes import Box
from contentserver.regions import subtree_filter
from contentserver.stations import Station
from schedules.airings import LayerId
from schedules.layers import region_layer
from schedules.wire.messages import Alert, AlertKind, AlertsMessage, Reported, Severity, Urgency
from schedules.wire.signing import Purpose, Signer, key_id_of

LISTED_MISSING = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an alert has come: boxes of its regions, those that have it on their disk, the first that have not."""

    boxes: int
    stored: int
    missing: tuple[tuple[Box, Station], ...]


def put_in_force(session: Session, region_codes: Iterable[str], signer: Signer, now: datetime) -> None:
    """The next document of each region, of the alerts that are sent and whose hour has not passed."""
    session.flush()
    for code in sorted(set(region_codes)):
        layer = _layer_of(session, code)
        layer.revision += 1
        records = _holding(session, code, now)
        message = AlertsMessage(
            layer=LayerId(layer.id),
            revision=layer.revision,
            published_at=now,
            alerts=tuple(alert_value(record) for record in records),
        )
        session.add(
            AlertRevision(layer_id=layer.id, revision=layer.revision, jws=signer.sign(message).decode(), created_at=now)
        )
        for record in records:
            for region in record.regions:
                if region.region_code == code and not region.revision:
                    region.revision = layer.revision
    session.flush()


def in_force(session: Session, now: datetime) -> Sequence[AlertRecord]:
    """Every alert that was sent and whose hour has not passed, wherever it holds."""
    sent = AlertRecord.state == AlertState.SENT
    return session.scalars(select(AlertRecord).where(sent, AlertRecord.expires > now).order_by(AlertRecord.id)).all()


def alert_value(record: AlertRecord) -> Alert:
    """A sent alert as it travels."""
    sent = record.sent_at or record.made_at
    return Alert(
        id=str(record.id),
        sent=sent,
        effective=max(record.effective or sent, sent),
        expires=record.expires,
        headline=record.headline,
        sender=record.sender_name,
        description=record.description,
        instructions=msgspec.json.decode(record.instructions, type=tuple[str, ...]),
        event=record.event,
        severity=Severity(record.severity),
        urgency=Urgency(record.urgency),
        kind=AlertKind(record.kind),
        references=msgspec.json.decode(record.replaces, type=tuple[str, ...]),
        language=rules.language_of(record.headline, record.description),
    )


def end_expired(session: Session, signer: Signer, now: datetime) -> int:
    """Note which alerts are over, and publish their regions without them; boxes have let them go by their own clocks.

    Returns:
        How many.
    """
    query = select(AlertRecord).where(AlertRecord.state == AlertState.SENT, AlertRecord.expires <= now)
    over = session.scalars(query).all()
    for record in over:
        record.state, record.ended_at = AlertState.EXPIRED.value, record.expires
        audit(session, who=None, action="alert.expired", subject=f"alert {record.id}", now=now)
    put_in_force(session, (region.region_code for record in over for region in record.regions), signer, now)
    return len(over)


def sign_anew(session: Session, signer: Signer, now: datetime) -> int:
    """Publish anew every region's alerts that were signed by another key than the one that signs now.

    Returns:
        How many regions.
    """
    signs = signer.key_for(Purpose.TIMETABLES).key_id
    stale = [one.layer_id for one in due_alerts(session, everything=True) if key_id_of(one.jws.encode()) != signs]
    codes = [session.get_one(AlertLayer, layer_id).region_code for layer_id in stale]
    put_in_force(session, codes, signer, now)
    return len(codes)


def publish_ahead(session: Session, signer: Signer, steps: int, now: datetime) -> int:
    """Publish every region's alerts again, so many revisions on: boxes may have later ones than a restored database.

    Returns:
        How many regions.
    """
    layers = session.scalars(select(AlertLayer).where(AlertLayer.revision > 0)).all()
    for layer in layers:
        layer.revision += steps
    put_in_force(session, [layer.region_code for layer in layers], signer, now)
    return len(layers)


def due_alerts(session: Session, everything: bool = False) -> Sequence[AlertRevision]:
    """The newest document of every region that the broker has not confirmed; of every region with `everything`."""
    query = select(AlertRevision).join(
        AlertLayer, (AlertLayer.id == AlertRevision.layer_id) & (AlertLayer.revision == AlertRevision.revision)
    )
    if not everything:
        query = query.where(AlertLayer.published < AlertLayer.revision)
    return session.scalars(query).all()


def mark_alerts_published(session: Session, layer_id: str, revision: int) -> None:
    """The broker has confirmed a document; says nothing about any box."""
    layer = session.get_one(AlertLayer, layer_id)
    layer.published = max(layer.published, revision)


def newest_alerts(session: Session, layer_id: str) -> AlertRevision | None:
    """The newest document of a region, for a box that asks by HTTP."""
    query = select(AlertRevision).where(AlertRevision.layer_id == layer_id).order_by(AlertRevision.revision.desc())
    return session.scalars(query.limit(1)).first()


def record_alert_proofs(session: Session, report: Reported) -> None:
    """Keep a box's word about its regions' alerts; it never goes back to an older revision."""
    for layer_id, revision in report.alerts.items():
        layer = session.get(AlertLayer, layer_id)
        if layer is None:
            continue
        row = session.get(AlertProof, (report.box, layer_id))
        if row is None:
            row = AlertProof(box_id=report.box, layer_id=layer_id, stored=0)
            session.add(row)
        row.stored = max(row.stored, min(revision, layer.revision))


def progress(session: Session, record: AlertRecord) -> Progress:
    """How far a sent alert has come."""
    boxes, stored, missing = 0, 0, list[tuple[Box, Station]]()
    for region in record.regions:
        query = (
            select(Box, Station, AlertProof.stored)
            .join(Station, Station.id == Box.station_id)
            .outerjoin(
                AlertProof, (AlertProof.box_id == Box.id) & (AlertProof.layer_id == region_layer(region.region_code))
            )
            .where(subtree_filter(Station.region_code, region.region_code), Box.revoked_at.is_(None))
            .order_by(Station.region_code, Box.id)
        )
        for box, station, proof in session.execute(query):
            boxes += 1
            if region.revision and (proof or 0) >= region.revision:
                stored += 1
            elif len(missing) < LISTED_MISSING:
                missing.append((box, station))
    return Progress(boxes, stored, tuple(missing))


def _holding(session: Session, code: str, now: datetime) -> Sequence[AlertRecord]:
    query = (
        select(AlertRecord)
        .join(AlertRegion, AlertRegion.alert_id == AlertRecord.id)
        .where(AlertRegion.region_code == code, AlertRecord.state == AlertState.SENT, AlertRecord.expires > now)
        .order_by(AlertRecord.sent_at, AlertRecord.id)
    )
    return session.scalars(query).all()


def _layer_of(session: Session, code: str) -> AlertLayer:
    layer = session.get(AlertLayer, region_layer(code), with_for_update=True, populate_existing=True)
    if layer is None:
        layer = AlertLayer(id=region_layer(code), region_code=code, revision=0, published=0)
        session.add(layer)
        session.flush()
    return layer

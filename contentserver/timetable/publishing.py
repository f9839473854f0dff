"""Publish: make signed revisions of layers, know which the broker still lacks, take the boxes' proofs.

A revision is made in the editor's unit of work; the link process (`contentserver ingest`) sends what `due_layers` names
after the commit, and again after a crash, because a revision stays due until the broker has confirmed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import audit
from contentserver.boxes import boxes_following
from contentserver.kernel.auth import Person
from contentserver.regions import depth_of, region_named
from contentserver.timetable import rules
from contentserver.timetable.models import LayerProofRecord, LayerRecord, LayerRevision
from contentserver.timetable.service import expanded, slots_in_force, slots_of
from schedules.airings import LayerId
from schedules.wire.messages import LayerMessage, Reported
from schedules.wire.signing import Signer


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a layer's newest revision has come: boxes that follow it, that stored it, that apply it."""

    revision: int
    followers: int
    stored: int
    applied: int


def publish(session: Session, layer: LayerRecord, signer: Signer, who: Person, now: datetime) -> LayerRevision:
    """Put a layer's draft into force, and make and sign its next revision."""
    for slot in slots_in_force(session, layer.id):
        slot.in_force = False
    for slot in slots_of(session, [layer.id]):
        slot.in_force = True
    layer.changed = False
    session.flush()
    return revise(session, layer, signer, who, now)


def revise(session: Session, layer: LayerRecord, signer: Signer, who: Person | None, now: datetime) -> LayerRevision:
    """The next revision, from the slots in force."""
    start, end = rules.window_at(now)
    layer.revision += 1
    message = LayerMessage(
        layer=LayerId(layer.id),
        owner=region_named(session, layer.region_code).name,
        depth=depth_of(layer.region_code),
        revision=layer.revision,
        published_at=now,
        window_start=start,
        window_end=end,
        airings=expanded(session, slots_in_force(session, layer.id), (start, end)),
    )
    revision = LayerRevision(
        layer_id=layer.id,
        revision=layer.revision,
        jws=signer.sign(message).decode(),
        published_by=who.id if who else None,
        created_at=now,
    )
    session.add(revision)
    layer.window_end = end
    session.flush()
    audit(
        session,
        who=who,
        action="layer.published",
        subject=layer.id,
        now=now,
        after={"revision": layer.revision, "airings": len(message.airings)},
    )
    return revision


def renew_windows(session: Session, signer: Signer, now: datetime) -> int:
    """Publish anew every layer whose window runs out, as it is in force: a draft that waits for a person stays a draft.

    Returns:
        How many were published.
    """
    layers = session.scalars(select(LayerRecord).where(LayerRecord.revision > 0))
    due = [layer for layer in layers if rules.window_runs_out(layer.window_end, now)]
    for layer in due:
        revise(session, layer, signer, None, now)
    return len(due)


def due_layers(session: Session, everything: bool = False) -> Sequence[LayerRevision]:
    """The newest revision of every layer that the broker has not confirmed; of every layer at all with `everything`."""
    query = select(LayerRevision).join(
        LayerRecord, (LayerRecord.id == LayerRevision.layer_id) & (LayerRecord.revision == LayerRevision.revision)
    )
    if not everything:
        query = query.where(LayerRecord.published < LayerRecord.revision)
    return session.scalars(query).all()


def mark_published(session: Session, layer_id: str, revision: int) -> None:
    """The broker has confirmed a revision; says nothing about any box."""
    layer = session.get_one(LayerRecord, layer_id)
    layer.published = max(layer.published, revision)


def newest_revision(session: Session, layer_id: str) -> LayerRevision | None:
    """The newest revision of a layer, for a box that asks by HTTP."""
    query = select(LayerRevision).where(LayerRevision.layer_id == layer_id).order_by(LayerRevision.revision.desc())
    return session.scalars(query.limit(1)).first()


def record_proofs(session: Session, report: Reported) -> None:
    """Keep a box's word about its layers; a proof never goes back to an older revision."""
    for layer_id, proof in report.layers.items():
        if session.get(LayerRecord, layer_id) is None:
            continue
        row = session.get(LayerProofRecord, (report.box, layer_id))
        if row is None:
            row = LayerProofRecord(box_id=report.box, layer_id=layer_id, stored=0, applied=0)
            session.add(row)
        if proof.revision >= row.stored:
            row.stored, row.stored_at = proof.revision, proof.stored_at
            row.applied = proof.revision if proof.applied else row.applied


def delivery(session: Session, layer: LayerRecord) -> Delivery:
    """How far the newest revision of a layer has come."""
    at_newest = select(func.count()).where(LayerProofRecord.layer_id == layer.id)
    return Delivery(
        revision=layer.revision,
        followers=boxes_following(session, layer.region_code),
        stored=session.scalar(at_newest.where(LayerProofRecord.stored >= layer.revision)) or 0,
        applied=session.scalar(at_newest.where(LayerProofRecord.applied >= layer.revision)) or 0,
    )

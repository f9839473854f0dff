"""Publish: make signed revisions of layers, know which the broker still lacks, take the boxes' proofs.

A revision is made in the editor's unit of work; the link process (`contentserver ingest`) sends what `due_layers` names
after the commit, and again after a crash, because a revision stays due until the broker has confirmed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import case, func, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import Box, boxes_following, connected_since
from contentserver.kernel.auth import Person
from contentserver.regions import depth_of, region_named, subtree_filter
from contentserver.stations import Station
from contentserver.timetable import plans, rules
from contentserver.timetable.models import LayerProofRecord, LayerRecord, LayerRevision
from contentserver.timetable.plans import PlanDocument
from contentserver.timetable.programmes import compiled, draft_of
from schedules.airings import LayerId
from schedules.wire.messages import LayerMessage, Proof, Reported
from schedules.wire.signing import Purpose, Signer, key_id_of


@dataclass(frozen=True, slots=True)
class Missing:
    """A box that has not stored a layer's newest revision.

    Attributes:
        has: the revision that it has stored; 0 for none.
        since: when the revision was made.
        cause: why, as far as the server can tell.
    """

    box: Box
    station: Station
    has: int
    since: datetime
    cause: rules.MissingCause


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a layer's newest revision has come: boxes that follow it, that stored it, that apply it."""

    revision: int
    followers: int
    stored: int
    applied: int


def publish(
    session: Session,
    layer: LayerRecord,
    document: PlanDocument,
    signer: Signer,
    *,
    submitted_by: UUID | None,
    approved_by: Person,
    version: int,
    now: datetime,
) -> LayerRevision:
    """Put a plan into force, and make and sign the layer's next revision."""
    layer.plan, layer.plan_version = plans.written(document), version
    layer.changed = draft_of(session, layer) != document
    session.flush()
    revision = revise(session, layer, signer, approved_by, now)
    revision.submitted_by = submitted_by
    return revision


def revise(session: Session, layer: LayerRecord, signer: Signer, who: Person | None, now: datetime) -> LayerRevision:
    """The next revision, from the plan in force."""
    start, end = rules.window_at(now)
    airings, passed_over = compiled(session, layer, plans.read(layer.plan), (start, end), now)
    layer.passed_over, layer.caught_up_to = msgspec.json.encode(passed_over).decode(), start
    layer.revision += 1
    message = LayerMessage(
        layer=LayerId(layer.id),
        owner=region_named(session, layer.region_code).name,
        depth=depth_of(layer.region_code),
        revision=layer.revision,
        published_at=now,
        window_start=start,
        window_end=end,
        airings=airings,
    )
    revision = LayerRevision(
        layer_id=layer.id,
        revision=layer.revision,
        jws=signer.sign(message).decode(),
        plan=layer.plan,
        airings=len(airings),
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
        after={"revision": layer.revision, "airings": len(airings)},
    )
    return revision


def lesson_changed(session: Session, lesson_id: str, signer: Signer, now: datetime) -> int:
    """A lesson was withdrawn, or may air again: every published layer that names it gets a next revision.

    Returns:
        How many layers.
    """
    mentioning = select(LayerRecord).where(LayerRecord.revision > 0, LayerRecord.plan.contains(lesson_id))
    layers = [one for one in session.scalars(mentioning) if lesson_id in plans.lessons_of(plans.read(one.plan))]
    for layer in layers:
        revise(session, layer, signer, None, now)
    return len(layers)


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


def sign_anew(session: Session, signer: Signer, now: datetime) -> int:
    """Publish anew every layer whose newest revision was signed by another key than the one that signs now.

    Returns:
        How many were published.
    """
    signs = signer.key_for(Purpose.TIMETABLES).key_id
    stale = [one.layer_id for one in due_layers(session, everything=True) if key_id_of(one.jws.encode()) != signs]
    for layer_id in stale:
        revise(session, session.get_one(LayerRecord, layer_id), signer, None, now)
    return len(stale)


def publish_ahead(session: Session, signer: Signer, steps: int, now: datetime) -> int:
    """Publish every layer again, so many revisions on: boxes may have later ones than a database that was restored.

    Returns:
        How many were published.
    """
    layers = session.scalars(select(LayerRecord).where(LayerRecord.revision > 0)).all()
    for layer in layers:
        layer.revision += steps
        revise(session, layer, signer, None, now)
    return len(layers)


def due_layers(session: Session, everything: bool = False) -> Sequence[LayerRevision]:
    """The newest revision of every layer that the broker has not confirmed; of every layer at all with `everything`."""
    query = select(LayerRevision).join(
        LayerRecord, (LayerRecord.id == LayerRevision.layer_id) & (LayerRecord.revision == LayerRevision.revision)
    )
    if not everything:
        query = query.where(LayerRecord.published < LayerRecord.revision)
    return session.scalars(query).all()


def mark_published(session: Session, layer_id: str, revision: int, now: datetime) -> None:
    """The broker has confirmed a revision; says nothing about any box."""
    layer = session.get_one(LayerRecord, layer_id)
    if revision > layer.published:
        layer.published, layer.published_at = revision, now


def newest_revision(session: Session, layer_id: str) -> LayerRevision | None:
    """The newest revision of a layer, for a box that asks by HTTP."""
    query = select(LayerRevision).where(LayerRevision.layer_id == layer_id).order_by(LayerRevision.revision.desc())
    return session.scalars(query.limit(1)).first()


def record_proofs(session: Session, report: Reported, now: datetime) -> None:
    """Keep what a box's report says of its layers."""
    proofs = [
        Proof(
            box=report.box,
            layer=layer,
            revision=proof.revision,
            stored_at=proof.stored_at,
            applied=proof.revision if proof.applied else 0,
        )
        for layer, proof in report.layers.items()
    ]
    keep_proofs(session, proofs, now)


def keep_proofs(session: Session, proofs: Sequence[Proof], now: datetime) -> None:
    """Keep boxes' words about layers, many at once; a proof never goes back, and never beyond what was published.

    A box that says it has a revision that was never made is not believed: its clock or its disk is not ours.
    """
    if not proofs:
        return
    made = dict(session.execute(select(LayerRecord.id, LayerRecord.revision)).all())
    newest: dict[tuple[int, str], dict[str, object]] = {}
    for proof in proofs:
        revision = made.get(proof.layer)
        if revision is None or not 0 < proof.revision <= revision or not 0 <= proof.applied <= proof.revision:
            continue
        key = (proof.box, proof.layer)
        before = newest.get(key)
        if before is None or (proof.revision, proof.applied) >= (before["stored"], before["applied"]):
            newest[key] = {
                "box_id": proof.box,
                "layer_id": proof.layer,
                "stored": proof.revision,
                "stored_at": proof.stored_at,
                "applied": proof.applied,
                "received_at": now,
            }
    if not newest:
        return
    insert = insert_postgresql if session.get_bind().dialect.name == "postgresql" else insert_sqlite
    statement = insert(LayerProofRecord)
    given = statement.excluded
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[LayerProofRecord.box_id, LayerProofRecord.layer_id],
            set_={
                "stored": given.stored,
                "stored_at": given.stored_at,
                "received_at": given.received_at,
                "applied": case(
                    (given.applied > LayerProofRecord.applied, given.applied), else_=LayerProofRecord.applied
                ),
            },
            where=given.stored >= LayerProofRecord.stored,
        ),
        list(newest.values()),
    )


def boxes_missing(session: Session, layer: LayerRecord, now: datetime) -> list[Missing]:
    """The boxes that follow a layer and lack its newest revision, those that were silent longest first."""
    if layer.revision == 0:
        return []
    query = (
        select(Box, Station, LayerProofRecord.stored)
        .join(Station, Station.id == Box.station_id)
        .outerjoin(LayerProofRecord, (LayerProofRecord.box_id == Box.id) & (LayerProofRecord.layer_id == layer.id))
        .where(
            subtree_filter(Station.region_code, layer.region_code),
            Box.revoked_at.is_(None),
            func.coalesce(LayerProofRecord.stored, 0) < layer.revision,
        )
        .order_by(Box.seen_at, Box.id)
    )
    made_at = session.get_one(LayerRevision, (layer.id, layer.revision)).created_at
    return [
        Missing(
            box=box,
            station=station,
            has=stored or 0,
            since=made_at,
            cause=rules.missing_cause(
                published=layer.published >= layer.revision, online=box.online, seen_at=box.seen_at, now=now
            ),
        )
        for box, station, stored in session.execute(query)
    ]


def behind(session: Session, now: datetime) -> dict[int, dict[LayerId, int]]:
    """For each connected box, the revisions it has not proved although the broker has had them, and it, for a while.

    The reconciler tells such a box to fetch them over HTTP; nothing is sent to any other, above all not to a box that
    has just come back: what it lacked is on its way.
    """
    due = now - rules.PROOF_DUE
    query = (
        select(Box.id, LayerRecord.id, LayerRecord.revision)
        .join(Station, Station.id == Box.station_id)
        .join(LayerRecord, Station.region_code.startswith(LayerRecord.region_code))
        .outerjoin(
            LayerProofRecord, (LayerProofRecord.box_id == Box.id) & (LayerProofRecord.layer_id == LayerRecord.id)
        )
        .where(
            Box.revoked_at.is_(None),
            connected_since(due),
            LayerRecord.revision > 0,
            LayerRecord.published == LayerRecord.revision,
            LayerRecord.published_at < due,
            func.coalesce(LayerProofRecord.stored, 0) < LayerRecord.revision,
        )
    )
    found: dict[int, dict[LayerId, int]] = {}
    for box_id, layer_id, revision in session.execute(query):
        found.setdefault(box_id, {})[LayerId(layer_id)] = revision
    return found


def delivery(session: Session, layer: LayerRecord) -> Delivery:
    """How far the newest revision of a layer has come."""
    proved = (
        select(
            func.count().filter(LayerProofRecord.stored >= layer.revision),
            func.count().filter(LayerProofRecord.applied >= layer.revision),
        )
        .join(Box, Box.id == LayerProofRecord.box_id)
        .join(Station, Station.id == Box.station_id)
        .where(
            LayerProofRecord.layer_id == layer.id,
            Box.revoked_at.is_(None),
            subtree_filter(Station.region_code, layer.region_code),
        )
    )
    stored, applied = session.execute(proved).one()
    return Delivery(
        revision=layer.revision,
        followers=boxes_following(session, layer.region_code),
        stored=stored,
        applied=applied,
    )

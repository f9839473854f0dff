"""From draft to published: submit, approve by another person, send back; the history of revisions and the way back.

Approving publishes at once: the revision is signed in the approver's unit of work. What a station administrator adds
is published without a second person where it disturbs nobody (`add_local`): two people have approved its lesson.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import subtree_filter
from contentserver.timetable import plans, publishing, rules, service
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.models import LayerDraft, LayerRecord, LayerRevision
from contentserver.timetable.plans import Change, PlanDocument
from contentserver.timetable.programmes import draft_of, drafted
from contentserver.timetable.rules import Fault, Verdict
from schedules.merge import Displaced, merge
from schedules.wire.signing import Signer

HISTORY = 100


@dataclass(frozen=True, slots=True)
class Past:
    """A revision as the history shows it: who planned and who approved it, and what it changed."""

    revision: LayerRevision
    planned_by: str
    approved_by: str
    changes: tuple[Change, ...]


def losses(session: Session, layer: LayerRecord, now: datetime) -> tuple[Displaced, ...]:
    """The draft's airings of the coming two weeks that the layers above displace and that nobody has accepted."""
    layers = [one.layer for one in drafted(session, layer.region_code, rules.window_at(now))]
    accepted = set(draft_of(session, layer).accepted)
    return tuple(
        lost
        for lost in merge(layers).displaced
        if lost.layer == layer.id and lost.airing.id not in accepted and lost.airing.end > now
    )


def submit(session: Session, layer: LayerRecord, who: Person, now: datetime) -> None:
    """Ask for another person's word on the draft as it stands.

    Raises:
        Rejected: there is nothing new, or clashes are left that nobody has accepted.
    """
    if not layer.changed:
        raise Rejected("nothing_to_submit", _("The draft says nothing else than what is published."))
    left = losses(session, layer, now)
    if left:
        raise Rejected("clashes_left", _("Settle the clashes first, or say that it may be so."))
    layer.submitted_version, layer.submitted_by, layer.submitted_at = layer.draft_version, who.id, now
    layer.sent_back = ""
    audit(session, who=who, action="plan.submitted", subject=layer.id, now=now, after={"draft": layer.draft_version})


def take_back(session: Session, layer: LayerRecord, who: Person, now: datetime) -> None:
    """The submission is withdrawn; the draft stays.

    Raises:
        Conflict: nothing waits.
    """
    _waiting(layer)
    layer.submitted_version = layer.submitted_by = layer.submitted_at = None
    audit(session, who=who, action="plan.taken_back", subject=layer.id, now=now)


def send_back(session: Session, layer: LayerRecord, note: str, who: Person, now: datetime) -> None:
    """The submission goes back to its author with a word.

    Raises:
        Conflict: nothing waits.
        Rejected: no word.
    """
    _waiting(layer)
    if not note.strip():
        raise Rejected("no_reason", _("Say what should be changed."))
    layer.submitted_version = layer.submitted_at = None
    layer.sent_back = note.strip()[:500]
    audit(session, who=who, action="plan.sent_back", subject=layer.id, now=now, after={"note": layer.sent_back})


def approve(session: Session, layer: LayerRecord, signer: Signer, who: Person, now: datetime) -> LayerRevision:
    """Another person's word: the submitted draft is signed and goes to the televisions.

    Raises:
        Conflict: nothing waits.
        Forbidden: the approver submitted it, or edited it.
    """
    version = _waiting(layer)
    if not may_approve(session, layer, who):
        raise Forbidden("own_plan", _("Somebody else must approve what you planned yourself."))
    document = draft_of(session, layer, version)
    submitted_by = layer.submitted_by
    layer.submitted_version = layer.submitted_by = layer.submitted_at = None
    return publishing.publish(
        session, layer, document, signer, submitted_by=submitted_by, approved_by=who, version=version, now=now
    )


def may_approve(session: Session, layer: LayerRecord, who: Person) -> bool:
    """Whether somebody is another person than those who made what waits."""
    if layer.submitted_version is None:
        return False
    authors = select(LayerDraft.made_by).where(
        LayerDraft.layer_id == layer.id,
        LayerDraft.version > layer.plan_version,
        LayerDraft.version <= layer.submitted_version,
    )
    return who.id != layer.submitted_by and who.id not in set(session.scalars(authors))


def waiting_changes(session: Session, layer: LayerRecord) -> tuple[Change, ...]:
    """What the waiting submission would change; empty where none waits."""
    if layer.submitted_version is None:
        return ()
    return plans.difference(plans.read(layer.plan), draft_of(session, layer, layer.submitted_version))


def drafted_changes(session: Session, layer: LayerRecord) -> tuple[Change, ...]:
    """What the draft would change of what is published."""
    return plans.difference(plans.read(layer.plan), draft_of(session, layer))


def layers_waiting(session: Session, root: str) -> Sequence[LayerRecord]:
    """The layers of a subtree whose draft waits for a word, the longest waiting first."""
    query = select(LayerRecord).where(
        LayerRecord.submitted_version.is_not(None), subtree_filter(LayerRecord.region_code, root)
    )
    return session.scalars(query.order_by(LayerRecord.submitted_at)).all()


def history(session: Session, layer: LayerRecord) -> list[Past]:
    """The revisions that a person's decision made, newest first, at most a hundred."""
    rows = session.scalars(
        select(LayerRevision)
        .where(LayerRevision.layer_id == layer.id, LayerRevision.published_by.is_not(None))
        .order_by(LayerRevision.revision.desc())
        .limit(HISTORY + 1)
    ).all()
    people = {row.submitted_by for row in rows} | {row.published_by for row in rows}
    names = {
        account.id: account.display_name
        for account in session.scalars(select(Account).where(Account.id.in_(people - {None})))
    }
    return [
        Past(
            revision=row,
            planned_by=names.get(row.submitted_by, "") if row.submitted_by else "",
            approved_by=names.get(row.published_by, "") if row.published_by else "",
            changes=plans.difference(plans.read(older.plan) if older else PlanDocument(), plans.read(row.plan)),
        )
        for row, older in zip(rows, [*rows, None][1:], strict=True)
    ][:HISTORY]


def go_back_to(session: Session, layer: LayerRecord, revision: int, who: Person, now: datetime) -> LayerDraft:
    """The draft becomes what an earlier revision said; to reach televisions it is submitted and approved as any other.

    Raises:
        NotFound: there is no such revision.
        Conflict: its plan was not kept.
    """
    row = session.get(LayerRevision, (layer.id, revision)) if revision <= layer.revision else None
    if row is None:
        raise NotFound("revision_unknown", _("There is no such revision."))
    if not row.plan:
        raise Conflict("plan_not_kept", _("The plan of this revision was not kept."))
    return service.keep(session, layer, plans.read(row.plan), action="roll_back", who=who, now=now)


def add_local(
    session: Session, layer: LayerRecord, change: AddSlot, signer: Signer, who: Person, now: datetime
) -> LayerRevision:
    """A station's own airing, published at once: approved lessons alone, in a gap of what the station sees.

    Raises:
        EditRefused: something else airs then, in this layer or in one above.
        Conflict: somebody is planning in this layer at the moment.
    """
    if layer.changed:
        raise Conflict("draft_open", _("Somebody is planning in this village's layer. Add it to that draft instead."))
    verdict, document = service.judge(session, layer, change, now)
    if verdict.elsewhere and not verdict.faults:
        verdict = Verdict((Fault.CLASH,), verdict.elsewhere, verdict.elsewhere, verdict.next_free)
    if verdict.faults:
        raise service.EditRefused(verdict)
    kept = service.keep(session, layer, document, action="add_local", who=who, now=now)
    return publishing.publish(
        session, layer, document, signer, submitted_by=who.id, approved_by=who, version=kept.version, now=now
    )


def _waiting(layer: LayerRecord) -> int:
    if layer.submitted_version is None:
        raise Conflict("nothing_waits", _("Nothing waits for approval here."))
    return layer.submitted_version

"""Write alerts, have them approved, send, cancel; take in CAP files. Every step is audited."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.alerts import rules
from contentserver.alerts.cap import CapAlert
from contentserver.alerts.models import AlertRecord, AlertRegion
from contentserver.alerts.publishing import put_in_force
from contentserver.alerts.rules import AlertState, AlertWords, FieldFault
from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.kernel.pagination import Page, paginate
from contentserver.regions import Region, ancestors_and_self, region_named, regions_in, subtree_filter
from schedules.wire.messages import AlertKind, Severity, Urgency
from schedules.wire.signing import Signer

FORM, CAP = "form", "cap"


class AlertRefused(Rejected):
    """An alert that may not stand as it is; carries every fault for the page."""

    def __init__(self, faults: tuple[FieldFault, ...]) -> None:
        super().__init__(faults[0].fault.value, _("This alert cannot be sent as it stands."))
        self.faults = faults


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the alert since the page was loaded; carries it as it stands now."""

    def __init__(self, record: AlertRecord) -> None:
        super().__init__("changed_meanwhile", _("Somebody else has changed this alert meanwhile. Nothing was saved."))
        self.record = record


def alert_with(session: Session, alert_id: UUID) -> AlertRecord:
    """The alert with this id.

    Raises:
        NotFound: there is none.
    """
    record = session.get(AlertRecord, alert_id, populate_existing=True)
    if record is None:
        raise NotFound("alert_unknown", _("There is no such alert."))
    return record


def alert_asked(session: Session, alert_id: UUID, who: Person) -> AlertRecord:
    """The alert, where it concerns the person: for their regions or above them, or written by them.

    Raises:
        NotFound: there is none.
        Forbidden: it does not concern them.
    """
    record = alert_with(session, alert_id)
    above = set(ancestors_and_self(who.region_code)) if who.region_code else set()
    concerned = any(who.reaches(code) or code in above for code in regions_of(record))
    if not concerned and record.made_by != who.id:
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return record


def regions_of(record: AlertRecord) -> tuple[str, ...]:
    """The codes of an alert's regions."""
    return tuple(region.region_code for region in record.regions)


def authors_of(record: AlertRecord) -> tuple[UUID, ...]:
    """Everybody who wrote or changed an alert's words."""
    return msgspec.json.decode(record.authors, type=tuple[UUID, ...])


def words_of(record: AlertRecord) -> AlertWords:
    """What stands in the row, as a person decided it."""
    return AlertWords(
        kind=AlertKind(record.kind),
        headline=record.headline,
        description=record.description,
        instructions=msgspec.json.decode(record.instructions, type=tuple[str, ...]),
        sender_name=record.sender_name,
        severity=Severity(record.severity),
        urgency=Urgency(record.urgency),
        effective=record.effective,
        expires=record.expires,
        regions=regions_of(record),
        event=record.event,
    )


def alerts_seen(session: Session, who: Person, states: Sequence[AlertState], number: int) -> Page[AlertRecord]:
    """One page of the alerts that concern a person: for regions of their subtree, or above it; and their own drafts.

    The newest first.
    """
    root = who.region_code
    above = ancestors_and_self(root) if root else ()
    concerned = select(AlertRegion.alert_id).where(
        or_(subtree_filter(AlertRegion.region_code, root), AlertRegion.region_code.in_(above))
    )
    query = (
        select(AlertRecord)
        .where(AlertRecord.state.in_([state.value for state in states]))
        .where(or_(AlertRecord.id.in_(concerned), AlertRecord.made_by == who.id))
        .order_by(AlertRecord.made_at.desc(), AlertRecord.id.desc())
    )
    return paginate(session, query, number, 20)


def usual_sender(session: Session, who: Person) -> str:
    """Who warns, as the person put it last; before the first time, the name of their region."""
    query = select(AlertRecord.sender_name).where(AlertRecord.made_by == who.id, AlertRecord.source == FORM)
    last = session.scalars(query.order_by(AlertRecord.made_at.desc()).limit(1)).first()
    if last is not None or not who.region_code:
        return last or ""
    return region_named(session, who.region_code).name


def require_reach(who: Person, codes: Sequence[str]) -> None:
    """Raise Forbidden unless every region lies in the person's subtree."""
    if not all(who.reaches(code) for code in codes):
        raise Forbidden("out_of_scope", _("This alert is for regions outside your own."))


def draft(session: Session, words: AlertWords, who: Person, now: datetime) -> AlertRecord:
    """A new alert of a form, as a draft.

    Raises:
        AlertRefused: something speaks against it.
        Forbidden: a region lies outside the person's own.
    """
    words = _checked(session, words, who, now)
    record = AlertRecord(
        id=new_id(), state=AlertState.DRAFT.value, source=FORM, made_by=who.id, authors=_list(who.id), made_at=now
    )
    _write(record, words)
    session.add(record)
    session.flush()
    audit(session, who=who, action="alert.drafted", subject=f"alert {record.id}", now=now, after=words)
    return record


def change(
    session: Session, record: AlertRecord, words: AlertWords, version: int, who: Person, now: datetime
) -> AlertRecord:
    """Other words for a draft; whoever changes it cannot be its second person.

    Raises:
        ChangedMeanwhile: it is not the version that the person saw.
        Conflict: it is no draft any more.
        AlertRefused, Forbidden: as for `draft`.
    """
    require_reach(who, regions_of(record))
    _require(record, AlertState.DRAFT)
    if record.version != version:
        raise ChangedMeanwhile(record)
    words = _checked(session, words, who, now)
    before = words_of(record)
    _write(record, words)
    record.version += 1
    record.authors = _list(*authors_of(record), who.id)
    session.flush()
    audit(session, who=who, action="alert.changed", subject=f"alert {record.id}", now=now, before=before, after=words)
    return record


def submit(session: Session, record: AlertRecord, who: Person, now: datetime) -> None:
    """Lay a draft before the second person.

    Raises:
        Conflict, AlertRefused, Forbidden: see `draft`; its hour may have passed since it was written.
    """
    _require(record, AlertState.DRAFT)
    _checked(session, words_of(record), who, now)
    record.state, record.return_note = AlertState.WAITING.value, ""
    record.version += 1
    audit(session, who=who, action="alert.submitted", subject=f"alert {record.id}", now=now)


def give_back(session: Session, record: AlertRecord, note: str, who: Person, now: datetime) -> None:
    """Back to a draft, with a note of what to change."""
    require_reach(who, regions_of(record))
    _require(record, AlertState.WAITING)
    record.state, record.return_note = AlertState.DRAFT.value, note
    record.version += 1
    audit(session, who=who, action="alert.returned", subject=f"alert {record.id}", now=now, after={"note": note})


def discard(session: Session, record: AlertRecord, who: Person, now: datetime) -> None:
    """Throw a draft away; the audit trail keeps its words."""
    require_reach(who, regions_of(record))
    _require(record, AlertState.DRAFT)
    audit(session, who=who, action="alert.discarded", subject=f"alert {record.id}", now=now, before=words_of(record))
    session.delete(record)
    session.flush()


def approve(session: Session, record: AlertRecord, signer: Signer, who: Person, now: datetime) -> None:
    """The second person's word: the alert goes out.

    Raises:
        Forbidden: the person wrote or changed it, or its regions lie outside the person's own.
        Conflict: it does not wait.
        AlertRefused: its hour has passed meanwhile.
    """
    _require(record, AlertState.WAITING)
    if not rules.may_approve(AlertState(record.state), authors_of(record), who.id):
        raise Forbidden("own_alert", _("You wrote this alert. Another person has to approve it."))
    _checked(session, words_of(record), who, now)
    _send(session, record, signer, who, now)
    audit(session, who=who, action="alert.approved", subject=f"alert {record.id}", now=now, after=words_of(record))


def send_now(session: Session, record: AlertRecord, reason: str, signer: Signer, who: Person, now: datetime) -> None:
    """The emergency right: one person sends, and says why.

    Raises:
        Forbidden: the person lacks the right, or the regions lie outside.
        Rejected: no reason was given.
        Conflict: it was sent or has ended already.
        AlertRefused: it may not stand as it is.
    """
    if not who.may(Right.EMERGENCY):
        raise Forbidden("no_right", _("Your role may not do this."))
    if not reason.strip():
        raise Rejected("reason_missing", _("Say why it cannot wait for a second person."))
    _require(record, AlertState.DRAFT, AlertState.WAITING)
    _checked(session, words_of(record), who, now)
    record.emergency_reason = reason.strip()
    _send(session, record, signer, who, now)
    after = {"reason": reason.strip(), "words": words_of(record)}
    audit(session, who=who, action="alert.sent_alone", subject=f"alert {record.id}", now=now, after=after)


def cancel(
    session: Session, records: Sequence[AlertRecord], reason: str, signer: Signer, who: Person, now: datetime
) -> None:
    """Take alerts back: they leave every television with the next word from the server. It cannot be undone.

    Raises:
        Rejected: no reason was given.
        Conflict: one of them does not stand.
        Forbidden: a region lies outside the person's own.
    """
    if not reason.strip():
        raise Rejected("reason_missing", _("Say why it is cancelled."))
    for record in records:
        require_reach(who, regions_of(record))
        _require(record, AlertState.SENT)
        if record.expires <= now:
            raise Conflict("alert_over", _("This alert is over already."))
    _end(session, records, reason.strip(), who, now)
    put_in_force(session, {code for record in records for code in regions_of(record)}, signer, now)


def take_in_cap(session: Session, cap: CapAlert, original: bytes, who: Person, now: datetime) -> AlertRecord:
    """A CAP alert or update as a draft; a person looks at it before anybody is warned.

    Raises:
        Conflict: this sender's message is here already.
        Rejected: its hour has passed.
    """
    known = _cap_record(session, cap.sender, cap.identifier)
    if known is not None:
        raise Conflict("cap_known", _("This file was imported before: %(headline)s.", headline=known.headline))
    if cap.expires <= now:
        raise Rejected(
            "cap_over", _("This alert is over: it held until %(until)s.", until=f"{cap.expires:%Y-%m-%d %H:%M} UTC")
        )
    regions = list(regions_in(session, who.region_code))
    codes, unknown = _matched(cap, regions)
    replaced = [record for record in cap_records(session, cap) if record.state == AlertState.SENT]
    record = AlertRecord(
        id=new_id(),
        state=AlertState.DRAFT.value,
        source=CAP,
        cap_sender=cap.sender,
        cap_identifier=cap.identifier,
        original=original.decode("utf-8", "replace").replace("\0", ""),
        area_text="；".join(unknown),
        replaces=msgspec.json.encode([str(one.id) for one in replaced]).decode(),
        made_by=who.id,
        authors=_list(who.id),
        made_at=now,
    )
    words = AlertWords(
        kind=rules.kind_of(cap.event + cap.headline),
        headline=cap.headline,
        description=cap.description,
        instructions=cap.steps,
        sender_name=cap.sender_name,
        severity=cap.severity,
        urgency=cap.urgency,
        effective=cap.effective if cap.effective and cap.effective > now else None,
        expires=cap.expires,
        regions=codes,
        event=cap.event,
    )
    _write(record, words)
    session.add(record)
    session.flush()
    audit(session, who=who, action="alert.imported", subject=f"alert {record.id}", now=now, after=words)
    return record


def cap_records(session: Session, cap: CapAlert) -> list[AlertRecord]:
    """The alerts of ours that a CAP message refers to."""
    found = (_cap_record(session, sender, identifier) for sender, identifier in cap.references)
    return [record for record in found if record is not None]


def _cap_record(session: Session, sender: str, identifier: str) -> AlertRecord | None:
    query = select(AlertRecord).where(AlertRecord.cap_sender == sender, AlertRecord.cap_identifier == identifier)
    return session.scalars(query).first()


def _matched(cap: CapAlert, regions: Sequence[Region]) -> tuple[tuple[str, ...], list[str]]:
    """The person's regions that a file means, by code or by a name that only one of them has; and the areas left."""
    known = {region.code for region in regions}
    by_name: dict[str, list[str]] = {}
    for region in regions:
        by_name.setdefault(region.name, []).append(region.code)
    codes, unknown = set[str](), list[str]()
    for area in cap.areas:
        hits = {hit for code in area.codes if (hit := rules.region_of_code(code, known))}
        names = [name for name in rules.names_in(area.name) if len(by_name.get(name, ())) == 1]
        hits = hits or {by_name[name][0] for name in names}
        codes |= hits
        if not hits:
            unknown.append(area.name)
    return rules.outermost(codes), unknown


def _checked(session: Session, words: AlertWords, who: Person, now: datetime) -> AlertWords:
    """The words with their regions tidied; raises what speaks against them."""
    words = msgspec.structs.replace(words, regions=rules.outermost(words.regions))
    require_reach(who, words.regions)
    for code in words.regions:
        region_named(session, code)
    if found := rules.faults(words, now):
        raise AlertRefused(found)
    return words


def _write(record: AlertRecord, words: AlertWords) -> None:
    record.kind, record.severity, record.urgency = words.kind.value, words.severity.value, words.urgency.value
    record.headline, record.description, record.event = words.headline, words.description, words.event
    record.instructions = msgspec.json.encode(words.instructions).decode()
    record.sender_name, record.effective, record.expires = words.sender_name, words.effective, words.expires
    kept = {region.region_code: region for region in record.regions}
    record.regions = [kept.get(code) or AlertRegion(region_code=code, revision=0) for code in words.regions]


def _send(session: Session, record: AlertRecord, signer: Signer, who: Person, now: datetime) -> None:
    record.state, record.approved_by, record.sent_at = AlertState.SENT.value, who.id, now
    record.version += 1
    replaced = [UUID(one) for one in msgspec.json.decode(record.replaces, type=list[str])]
    older = session.scalars(
        select(AlertRecord).where(AlertRecord.id.in_(replaced), AlertRecord.state == AlertState.SENT)
    ).all()
    for one in older:
        require_reach(who, regions_of(one))
    _end(session, older, "replaced", who, now)
    put_in_force(session, {code for one in (record, *older) for code in regions_of(one)}, signer, now)


def _end(session: Session, records: Sequence[AlertRecord], reason: str, who: Person, now: datetime) -> None:
    for record in records:
        record.state, record.ended_by, record.ended_at = AlertState.CANCELLED.value, who.id, now
        record.end_reason = reason
        record.version += 1
        audit(
            session, who=who, action="alert.cancelled", subject=f"alert {record.id}", now=now, after={"reason": reason}
        )


def _list(*ids: UUID) -> str:
    return msgspec.json.encode(list(dict.fromkeys(ids))).decode()


def _require(record: AlertRecord, *states: AlertState) -> None:
    if AlertState(record.state) not in states:
        raise Conflict("alert_moved_on", _("Somebody has decided about this alert meanwhile. Look at it again."))

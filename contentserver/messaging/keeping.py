"""Templates and saved groups: what a region keeps for everybody who writes within it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.messaging import audience
from contentserver.messaging.models import NAME_CHARS, TEXT_CHARS, MessageGroup, MessageTemplate
from contentserver.messaging.rules import Audience
from contentserver.processes import owner
from contentserver.regions import ancestors_and_self, subtree_filter

_Kept = TypeVar("_Kept", MessageTemplate, MessageGroup)


def templates_seen(session: Session, who: Person) -> Sequence[MessageTemplate]:
    """The templates of the person's region, of those above it and below it, by name."""
    seen = _seen(MessageTemplate.region_code, who)
    query = select(MessageTemplate).where(MessageTemplate.removed_at.is_(None), seen)
    return session.scalars(query.order_by(MessageTemplate.name, MessageTemplate.id)).all()


def groups_seen(session: Session, who: Person) -> Sequence[MessageGroup]:
    """The groups of the person's region and below it: to those above they may not write."""
    query = select(MessageGroup).where(
        MessageGroup.removed_at.is_(None), subtree_filter(MessageGroup.region_code, who.region_code)
    )
    return session.scalars(query.order_by(MessageGroup.name, MessageGroup.id)).all()


def template_seen(session: Session, template_id: str, who: Person) -> MessageTemplate | None:
    """One of them, by an id as an address has it."""
    return next((one for one in templates_seen(session, who) if str(one.id) == template_id), None)


def group_seen(session: Session, group_id: str, who: Person) -> MessageGroup | None:
    """One of them, likewise."""
    return next((one for one in groups_seen(session, who) if str(one.id) == group_id), None)


def keep_template(session: Session, name: str, text: str, region: str, who: Person, now: datetime) -> MessageTemplate:
    """Keep words for later.

    Raises:
        Rejected: they have no name or no text, or more than fits.
        Conflict: the region has a template of this name.
    """
    name, text = name.strip(), text.strip()
    wrong: dict[str, object] = {}
    if not 0 < len(name) <= NAME_CHARS:
        wrong["name"] = _("Give it a name of at most %(count)s characters.", count=NAME_CHARS)
    if not 0 < len(text) <= TEXT_CHARS:
        wrong["text"] = _("Write something, at most %(count)s characters.", count=TEXT_CHARS)
    if wrong:
        raise Rejected("template_wrong", _("Please look at this again."), wrong)
    if not who.reaches(region) or not region:
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    _refuse_twin(session, MessageTemplate, name, region)
    row = MessageTemplate(region_code=region, name=name, text=text, made_by=owner(who), made_at=now)
    session.add(row)
    session.flush()
    told = {"name": name, "text": text}
    audit(session, who=who, action="message_template.kept", subject=f"template {row.id}", now=now, after=told)
    return row


def keep_group(session: Session, name: str, rule: Audience, who: Person, now: datetime) -> MessageGroup:
    """Keep a rule that says to whom.

    Raises:
        Rejected: it has no name.
        Conflict: the region has a group of this name.
        Forbidden: it lies outside the person's region.
    """
    name = name.strip()
    if not 0 < len(name) <= NAME_CHARS:
        raise Rejected("group_wrong", _("Give the group a name of at most %(count)s characters.", count=NAME_CHARS))
    if not who.reaches(rule.region) or not rule.region:
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    _refuse_twin(session, MessageGroup, name, rule.region)
    json = audience.written(rule)
    row = MessageGroup(region_code=rule.region, name=name, audience=json, made_by=owner(who), made_at=now)
    session.add(row)
    session.flush()
    told = {"name": name, "audience": json}
    audit(session, who=who, action="message_group.kept", subject=f"message group {row.id}", now=now, after=told)
    return row


def remove(session: Session, kind: type[_Kept], key: UUID, who: Person, now: datetime, *, undo: bool = False) -> _Kept:
    """Put one away, or with `undo` fetch it back; twice changes nothing.

    Raises:
        NotFound: there is none in the person's region.
        Conflict: another one took its name meanwhile.
    """
    row = session.get(kind, key)
    if row is None or not who.reaches(row.region_code):
        raise NotFound("kept_unknown", _("There is no such thing in your region."))
    if (row.removed_at is None) is undo:
        return row
    if undo:
        _refuse_twin(session, kind, row.name, row.region_code)
    row.removed_at = None if undo else now
    what = "message_template" if isinstance(row, MessageTemplate) else "message_group"
    action = f"{what}.{'restored' if undo else 'removed'}"
    audit(session, who=who, action=action, subject=f"{what} {row.id}", now=now, after={"name": row.name})
    return row


def where_template(session: Session, template_id: UUID) -> str:
    """The region of a template; NotFound where there is none."""
    return _where(session, MessageTemplate, template_id)


def where_group(session: Session, group_id: UUID) -> str:
    """The region of a group; NotFound where there is none."""
    return _where(session, MessageGroup, group_id)


def _where(session: Session, kind: type[_Kept], key: UUID) -> str:
    row = session.get(kind, key)
    if row is None:
        raise NotFound("kept_unknown", _("There is no such thing in your region."))
    return row.region_code


def _refuse_twin(session: Session, kind: type[_Kept], name: str, region: str) -> None:
    twin = select(kind.id).where(kind.name == name, kind.region_code == region, kind.removed_at.is_(None))
    if session.scalar(twin) is not None:
        raise Conflict("name_taken", _("This region has one of this name already."))


def _seen(column: InstrumentedAttribute[str], who: Person) -> ColumnElement[bool]:
    above = ancestors_and_self(who.region_code) if who.region_code else ()
    return or_(subtree_filter(column, who.region_code), column.in_(above))

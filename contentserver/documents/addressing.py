"""To whom a document goes, who acts for a recipient, and who may know of a document.

A region's own office is whoever has an account there; the offices below it are reached by forwarding. A station is
whoever has an account at its region, and whoever presses its remote. Recipients are fixed when a document is sent; a
station that moves takes what it was sent along.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.boxes import Box
from contentserver.documents import rules
from contentserver.documents.models import Document, DocumentRecipient
from contentserver.documents.rules import DocumentState, DocumentWordsOf
from contentserver.kernel.auth import RIGHTS, Person, Right, Role
from contentserver.regions import Region, children_of, region_names, subtree_filter
from contentserver.stations import Station, groups_with, stations_in, stations_of_groups

PLACE: ColumnElement[str] = func.coalesce(Station.region_code, DocumentRecipient.region_code)
"""Where a recipient lies now; of a query that joins stations from outside."""
READERS = tuple(
    sorted(role.value for role in Role if Right.READ_DOCUMENTS in RIGHTS[role] and role is not Role.AUDITOR)
)
"""Roles whose people read documents for their office or station."""


@dataclass(frozen=True, slots=True)
class Addressed:
    """The recipients of a document: regions of offices, and stations with where they lie."""

    offices: tuple[str, ...]
    stations: tuple[tuple[UUID, str], ...]

    def __len__(self) -> int:
        return len(self.offices) + len(self.stations)


def addressed(session: Session, issuer: str, words: DocumentWordsOf) -> Addressed:
    """Whom a document reaches as things are now, each once; never the office that sends it."""
    return Addressed(
        _offices(session, issuer, words.regions) if words.to_offices else (),
        _stations(session, issuer, words) if words.to_stations else (),
    )


def _offices(session: Session, issuer: str, regions: Collection[str]) -> tuple[str, ...]:
    below = [one.code for one in children_of(session, issuer)] if issuer in regions else []
    return tuple(sorted({code for code in (*regions, *below) if code != issuer and len(code) <= rules.OFFICE_DIGITS}))


def _stations(session: Session, issuer: str, words: DocumentWordsOf) -> tuple[tuple[UUID, str], ...]:
    grouped = stations_of_groups(session, words.groups, issuer) if words.groups else set()
    found = {
        one.id: one.region_code
        for one in stations_in(session, issuer)
        if one.id in grouped or any(one.region_code.startswith(code) for code in words.regions)
    }
    return tuple(sorted(found.items(), key=lambda pair: (pair[1], str(pair[0]))))


def own(session: Session, documents: Collection[UUID], who: Person) -> Sequence[DocumentRecipient]:
    """The recipients of documents for which somebody acts: their office, or the stations at their region."""
    if not acts(who):
        return ()
    query = select(DocumentRecipient).where(DocumentRecipient.document_id.in_(documents), is_own(who.region_code))
    return session.scalars(query.order_by(DocumentRecipient.id)).all()


def acts(who: Person) -> bool:
    """Whether somebody receives documents at all."""
    return bool(who.region_code) and who.may(Right.READ_DOCUMENTS) and not who.reads_only


def is_own(region_code: str) -> ColumnElement[bool]:
    """SQL: a recipient for which people of exactly this region act."""
    here = select(Station.id).where(Station.region_code == region_code)
    office = and_(DocumentRecipient.station_id.is_(None), DocumentRecipient.region_code == region_code)
    return or_(office, DocumentRecipient.station_id.in_(here))


def is_below(root: str) -> ColumnElement[bool]:
    """SQL: a recipient that lies in a region or below it."""
    here = select(Station.id).where(subtree_filter(Station.region_code, root))
    office = and_(DocumentRecipient.station_id.is_(None), subtree_filter(DocumentRecipient.region_code, root))
    return or_(office, DocumentRecipient.station_id.in_(here))


def lies_below(session: Session, one: DocumentRecipient, who: Person) -> bool:
    """Whether a recipient lies in the person's region now."""
    query = select(DocumentRecipient.id).where(DocumentRecipient.id == one.id, is_below(who.region_code))
    return session.scalar(query) is not None


def seen_by(who: Person) -> ColumnElement[bool]:
    """SQL: what somebody may know of: drafts they may write, and what goes to or comes from their region."""
    mine = subtree_filter(Document.region_code, who.region_code)
    sent = Document.state != DocumentState.DRAFT.value
    to_us = exists().where(DocumentRecipient.document_id == Document.id, is_below(who.region_code))
    known = and_(sent, or_(mine, to_us))
    return or_(mine, known) if who.may(Right.SEND_DOCUMENTS) else known


def knows(session: Session, document: Document, who: Person) -> bool:
    """Whether somebody may know of a document, as `seen_by` says."""
    return session.scalar(select(Document.id).where(Document.id == document.id, seen_by(who))) is not None


def received(who: Person) -> Select[Any]:
    """The ids of documents that were sent to whoever acts at a region."""
    return select(DocumentRecipient.document_id).where(is_own(who.region_code))


def regions_with_people(session: Session) -> set[str]:
    """Regions in which somebody reads documents."""
    query = select(Account.region_code).where(Account.active, Account.role.in_(READERS)).distinct()
    return set(session.scalars(query))


def stations_with_boxes(session: Session) -> set[UUID]:
    """Stations in which a television stands."""
    return set(session.scalars(select(Box.station_id).where(Box.revoked_at.is_(None))))


def unreachable(session: Session, found: Addressed) -> list[str]:
    """What the recipients are called at which nobody can read a document: no account, and no television."""
    people, boxes = regions_with_people(session), stations_with_boxes(session)
    offices = [code for code in found.offices if code not in people]
    stations = [one for one, code in found.stations if code not in people and one not in boxes]
    names: list[str] = []
    for first in range(0, len(offices), 500):
        names += session.scalars(select(Region.name).where(Region.code.in_(offices[first : first + 500])))
    for first in range(0, len(stations), 500):
        names += session.scalars(select(Station.name).where(Station.id.in_(stations[first : first + 500])))
    return names


def groups_right(session: Session, issuer: str, groups: Collection[UUID]) -> bool:
    """Whether all of these groups are there and belong to an office's region or below."""
    found = groups_with(session, groups)
    return all(
        one in found and not found[one].removed_at and found[one].region_code.startswith(issuer) for one in groups
    )


def targets_named(session: Session, words: DocumentWordsOf) -> list[str]:
    """What the regions and groups are called to which a document goes."""
    names = region_names(session, words.regions)
    groups = groups_with(session, words.groups)
    return [
        *(names[code] for code in words.regions if code in names),
        *(groups[one].name for one in words.groups if one in groups),
    ]

"""The board of a document: how far it has come at each recipient, counted by the parts of the tree."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from contentserver.accounts import Account
from contentserver.documents import addressing, receiving, rules, words
from contentserver.documents.addressing import PLACE
from contentserver.documents.models import Document, DocumentRecipient, DocumentReply
from contentserver.documents.rules import Asked, Progress, Receipt, ReplyKind
from contentserver.kernel.auth import Person
from contentserver.kernel.display import moment
from contentserver.kernel.sheets import Column, Kind, Table
from contentserver.regions import Region, parents_named, region_names
from contentserver.stations import Station

LENGTHS = (2, 4, 6, 9, 12)
"""Digits of the codes of regions (`regions/rules.py`)."""


class Which(StrEnum):
    """Which recipients are listed."""

    ALL = "all"
    UNRECEIVED = "unreceived"
    UNREAD = "unread"
    UNREPLIED = "unreplied"
    REPLIED = "replied"
    LATE = "late"
    NOBODY = "nobody"
    """Where nobody can read it: no account, and no television."""


@dataclass(frozen=True, slots=True)
class Line:
    """One recipient. `late` is the deadline that it has missed; `nobody`: nobody there can read it."""

    id: UUID
    name: str
    place: str
    station_id: UUID | None
    progress: Progress
    receipt: Receipt
    received_at: datetime | None
    read_at: datetime | None
    read_by: UUID | None
    replied_at: datetime | None
    late: date | None
    nobody: bool

    @property
    def read(self) -> bool:
        """Whether its newest version was read."""
        return self.progress in (Progress.READ, Progress.REPLIED)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of how many."""

    all: int
    received: int
    read: int
    replied: int
    late: int
    nobody: int


@dataclass(frozen=True, slots=True)
class Part:
    """A region of the tree with the recipients in it."""

    code: str
    name: str
    counts: Counts


def asked_of(row: Document) -> Asked:
    """What a document asks."""
    return Asked(row.version, ReplyKind(row.reply), row.read_due, row.reply_due)


def receipt_of(one: DocumentRecipient) -> Receipt:
    """What is known of a recipient."""
    return Receipt(one.received_at is not None, one.read_version, one.replied_at is not None)


def lines(session: Session, row: Document, who: Person, today: date) -> list[Line]:
    """The recipients that lie in the person's region, in order of the tree."""
    query = (
        select(DocumentRecipient, PLACE, Station.name, Region.name)
        .outerjoin(Station, Station.id == DocumentRecipient.station_id)
        .join(Region, Region.code == PLACE)
        .where(DocumentRecipient.document_id == row.id, PLACE.startswith(who.region_code, autoescape=True))
        .order_by(PLACE, DocumentRecipient.station_id.is_not(None), Station.name, DocumentRecipient.id)
    )
    people, boxes = addressing.regions_with_people(session), addressing.stations_with_boxes(session)
    asked, found = asked_of(row), []
    for one, place, station, region in session.execute(query):
        receipt = receipt_of(one)
        found.append(
            Line(
                id=one.id,
                name=station or region,
                place=place,
                station_id=one.station_id,
                progress=rules.progress(receipt, asked),
                receipt=receipt,
                received_at=one.received_at,
                read_at=one.read_at if one.read_version == row.version else None,
                read_by=one.read_by,
                replied_at=one.replied_at,
                late=rules.missed(receipt, asked, today) if row.withdrawn_at is None else None,
                nobody=place not in people and one.station_id not in boxes,
            )
        )
    return found


def read_of(
    session: Session, rows: Collection[Document], who: Person
) -> tuple[dict[UUID, Progress], dict[UUID, tuple[int, int]]]:
    """How far each of several documents has come.

    Returns:
        At whoever acts for recipients of their own, where it has come the least far; and of the others that were sent,
        at how many of how many recipients in the person's region its newest version was read.
    """
    asked, own = {row.id: asked_of(row) for row in rows}, dict[UUID, Progress]()
    for one in addressing.own(session, asked, who):
        far = rules.progress(receipt_of(one), asked[one.document_id])
        own[one.document_id] = min(far, own.get(one.document_id, far), key=list(Progress).index)
    is_read = case((DocumentRecipient.read_version >= Document.version, 1), else_=0)
    query = (
        select(Document.id, func.sum(is_read), func.count())
        .join(DocumentRecipient, DocumentRecipient.document_id == Document.id)
        .outerjoin(Station, Station.id == DocumentRecipient.station_id)
        .where(Document.id.in_(set(asked) - set(own)), PLACE.startswith(who.region_code, autoescape=True))
        .group_by(Document.id)
    )
    return own, {document: (int(read), every) for document, read, every in session.execute(query)}


def counted(found: Collection[Line]) -> Counts:
    """How far it has come at some recipients together."""
    return Counts(
        all=len(found),
        received=sum(one.receipt.received for one in found),
        read=sum(one.read for one in found),
        replied=sum(one.receipt.replied for one in found),
        late=sum(one.late is not None for one in found),
        nobody=sum(one.nobody for one in found),
    )


def chosen(found: Collection[Line], which: Which, under: str = "") -> list[Line]:
    """Those of a part of the tree that are like that."""
    return [one for one in found if one.place.startswith(under) and _CHOICES[which](one)]


_CHOICES: dict[Which, Callable[[Line], bool]] = {
    Which.ALL: lambda _one: True,
    Which.UNRECEIVED: lambda one: not one.receipt.received,
    Which.UNREAD: lambda one: not one.read,
    Which.UNREPLIED: lambda one: not one.receipt.replied,
    Which.REPLIED: lambda one: one.receipt.replied,
    Which.LATE: lambda one: one.late is not None,
    Which.NOBODY: lambda one: one.nobody,
}


def parts(session: Session, found: Collection[Line], root: str) -> list[Part]:
    """The parts of a region with what is counted in each, at the first level below it that has more than one."""
    inside: dict[str, list[Line]] = {}
    for length in LENGTHS:
        if length > len(root) and len(inside) < 2:
            inside = {}
            for one in found:
                inside.setdefault(one.place[:length], []).append(one)
    names = region_names(session, inside)
    made = [Part(code, names.get(code, code), counted(some)) for code, some in sorted(inside.items())]
    return made if len(made) > 1 else []


def table(session: Session, row: Document, found: Sequence[Line]) -> Table:
    """One row for each recipient, as it is taken along."""
    kind, options = ReplyKind(row.reply), rules.lines_of(row.options)
    answers = receiving.replies_of(session, [one.id for one in found])
    places = parents_named(session, [one.place for one in found])
    people = names_of(session, {one.read_by for one in found if one.read_by})
    columns = [
        Column(_("Recipient"), width=24),
        Column(_("Region"), width=28),
        Column(_("How far"), width=14),
        Column(_("Received"), width=18),
        Column(_("Read"), width=18),
        Column(_("Read by"), width=16),
        Column(_("Answered"), width=18),
        *(Column(one, width=24) for one in (options if kind is ReplyKind.FIELDS else (_("Answer"),))),
        Column(_("Answers in all"), Kind.COUNT),
    ]
    rows = []
    for one in found:
        given = answers.get(one.id, [])
        cells = _cells(given[0] if given else None, kind, len(options))
        rows.append(
            [
                one.name,
                places.get(one.place, ""),
                str(words.PROGRESS[one.progress]),
                moment(one.received_at) if one.received_at else "",
                moment(one.read_at) if one.read_at else "",
                people.get(one.read_by, "") if one.read_by else (_("television") if one.read_at else ""),
                moment(one.replied_at) if one.replied_at else "",
                *cells,
                len(given),
            ]
        )
    return Table(_("Receipts"), columns, rows)


def _cells(given: DocumentReply | None, kind: ReplyKind, fields: int) -> list[str]:
    if kind is ReplyKind.FIELDS:
        lines_ = given.answer.split("\n") if given else []
        return [*lines_, *[""] * fields][:fields]
    return [words.answer_words(given, kind) if given else ""]


def names_of(session: Session, accounts: Collection[UUID]) -> dict[UUID, str]:
    """What some people are called."""
    query = select(Account.id, Account.display_name).where(Account.id.in_(list(accounts)))
    return dict(session.execute(query).all())

"""People from a sheet: every row looked at, and compared with whom the server knows, before anything is kept.

A record is the same person's for certain where the identity number is the same. Whatever else is alike is shown to
whoever brings the sheet: two people with one name and birthday stay two unless that one says otherwise. In merged
cells only the first one has the words; of stations and branches an empty cell means the one above it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.phones import mobile_number
from contentserver.kernel.sealing import Seal
from contentserver.members import branches, places, record, rules
from contentserver.members.models import Branch, Member
from contentserver.members.record import Facts
from contentserver.members.searching import called
from contentserver.stations import Station
from schedules.exchange.imports import FileRefused
from schedules.exchange.spreadsheet import rows_of, text_of

MAX_ROWS, MAX_CELL, HEAD_WITHIN = 2000, 200, 10
"""So many people at once; the row that names the columns stands among the first ten."""
_FORMULA = ("=", "+", "@")


class Column(StrEnum):
    """What a row says; the name it must."""

    NAME = "name"
    STATION = "station"
    NUMBER = "number"
    CARD = "card"
    BRANCH = "branch"
    PHONE = "phone"
    IDENTITY = "identity"
    BIRTHDAY = "birthday"
    ADDRESS = "address"


COLUMNS: Mapping[str, Column] = {
    "姓名": Column.NAME, "name": Column.NAME,
    "站点": Column.STATION, "村": Column.STATION, "station": Column.STATION,
    "编号": Column.NUMBER, "学员编号": Column.NUMBER, "number": Column.NUMBER,
    "卡号": Column.CARD, "card": Column.CARD,
    "支部": Column.BRANCH, "所在支部": Column.BRANCH, "branch": Column.BRANCH,
    "手机": Column.PHONE, "手机号": Column.PHONE, "电话": Column.PHONE, "phone": Column.PHONE,
    "身份证号": Column.IDENTITY, "身份证": Column.IDENTITY, "公民身份号码": Column.IDENTITY,
    "identity": Column.IDENTITY,
    "出生日期": Column.BIRTHDAY, "生日": Column.BIRTHDAY, "birthday": Column.BIRTHDAY,
    "住址": Column.ADDRESS, "地址": Column.ADDRESS, "address": Column.ADDRESS,
}  # fmt: skip
_REFUSED = {
    "too_large": _("This file is too large to be a list of people."),
    "no_header": _(
        "One of the first ten rows must name the columns: 姓名, and where wanted 站点, 编号, 手机, 身份证号 …"
    ),
    "too_many_rows": _("At most %(count)s people at once.", count=MAX_ROWS),
}


class Alike(StrEnum):
    """In what a row and a record are alike; the first that holds."""

    IDENTITY = "identity"
    BIRTHDAY = "birthday"
    PHONE = "phone"
    NAME = "name"


ALIKE = {
    Alike.IDENTITY: _("the same identity number"),
    Alike.BIRTHDAY: _("the same name and birthday"),
    Alike.PHONE: _("the same name and mobile number"),
    Alike.NAME: _("the same name at this station"),
}


class Row(msgspec.Struct, frozen=True):
    """A row as it was typed, with its number in the sheet."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Twin:
    """A record that may be the same person's."""

    member: Member
    station: Station
    alike: Alike


@dataclass(slots=True)
class Line:
    """One row, what it comes to and whom it may mean; `fault` says why it cannot be taken."""

    row: Row
    station: Station | None = None
    facts: Facts | None = None
    twins: list[Twin] = field(default_factory=list)
    fault: object = ""

    @property
    def name(self) -> str:
        """As it was typed."""
        return self.row.cells.get(Column.NAME, "")[:MAX_CELL]

    @property
    def usual(self) -> str:
        """What is chosen unless somebody says otherwise; nothing where somebody has to."""
        if not self.twins:
            return "new"
        match self.twins[0].alike:
            case Alike.IDENTITY:
                return str(self.twins[0].member.id)
            case Alike.BIRTHDAY:
                return "new"
            case _:
                return ""


def rows_in(data: bytes) -> list[Row]:
    """The rows of a sheet that say anything, numbered as its program does.

    Raises:
        Rejected: it is no sheet, or not one of people.
    """
    try:
        found = list(_named(data))
    except FileRefused as error:
        sentence = _REFUSED.get(error.code, _("This is no sheet (.xlsx, .csv), or it is damaged."))
        raise Rejected(f"file_{error.code}", sentence) from error
    if not found:
        raise Rejected("file_empty", _("Below the row that names the columns a sheet has one row for each person."))
    return found


def looked_at(session: Session, rows: Sequence[Row], seal: Seal, who: Person, now: datetime) -> list[Line]:
    """What the rows come to; changes nothing."""
    lines = [Line(row) for row in rows]
    stations, known = _Stations(session, who.region_code), dict[str, int]()
    for line in lines:
        try:
            _settle(session, line, stations, known, clock.local(now).date())
        except Rejected as error:
            line.fault = next(iter(error.fields.values()), error.sentence)
    good = [line for line in lines if not line.fault]
    for line in good:
        line.twins = []
    _find_twins(session, good, seal, who)
    return lines


def keep(
    session: Session, rows: Sequence[Row], choices: Mapping[int, str], seal: Seal, who: Person, now: datetime
) -> tuple[int, int]:
    """Enter them as was chosen: `new`, `skip`, or the id of the record that is the same person's.

    Returns:
        How many are new, and how many records were filled in.

    Raises:
        Rejected: one of them cannot be kept, or nothing was chosen for it; nobody was.
    """
    lines, new, filled = looked_at(session, rows, seal, who, now), 0, 0
    for line in lines:
        choice = choices.get(line.row.number, line.usual)
        if choice == "skip":
            continue
        if line.fault or line.facts is None or line.station is None:
            raise _none_kept(line, line.fault)
        twin = next((one for one in line.twins if str(one.member.id) == choice), None)
        if choice != "new" and twin is None:
            raise _none_kept(line, _("Say whether this is the same person."))
        if choice == "new" and any(one.alike is Alike.IDENTITY for one in line.twins):
            raise _none_kept(line, _("This identity number has a record already."))
        try:
            if twin is None:
                record.enter(session, line.station, line.facts, seal, who, now)
            else:
                record.change(session, twin.member, twin.station, _missing(twin.member, line.facts), seal, who, now)
        except Refusal as error:
            raise _none_kept(line, next(iter(error.fields.values()), error.sentence)) from error
        new, filled = new + (twin is None), filled + (twin is not None)
    told = {"rows": len(lines), "new": new, "filled": filled}
    audit(session, who=who, action="members.imported", subject=f"region {who.region_code or '*'}", now=now, after=told)
    return new, filled


class _Stations:
    """Stations and branches by what a sheet calls them, each asked about once."""

    def __init__(self, session: Session, root: str) -> None:
        self._session, self._root = session, root
        self._stations: dict[str, Station] = {}
        self._branches: dict[tuple[str, str], UUID] = {}

    def station(self, text: str) -> Station:
        """The station; of the empty text the only one that there is."""
        if text not in self._stations:
            offered = places.stations_offered(self._session, self._root)
            named = offered[0] if not text and len(offered) == 1 else text
            self._stations[text] = places.station_called(self._session, self._root, named)
        return self._stations[text]

    def branch(self, name: str, station: Station) -> UUID | None:
        """The standing branch of this name to which people of the station may belong."""
        key = (name, station.region_code)
        if name and key not in self._branches:
            found = [one for one in branches.choices_for(self._session, station.region_code) if one.name == name]
            if not found:
                dissolved = select(Branch.id).where(Branch.name == name, Branch.dissolved_on.is_not(None))
                gone = self._session.scalars(dissolved).first()
                none, over = _("This station has no branch of this name."), _("This branch is dissolved.")
                raise Rejected("branch_unknown", over if gone else none)
            self._branches[key] = found[0].id
        return self._branches[key] if name else None


def _settle(session: Session, line: Line, stations: _Stations, known: dict[str, int], today: date) -> None:
    cells = line.row.cells
    if any(cell.startswith(_FORMULA) for column, cell in cells.items() if column != Column.PHONE):
        raise Rejected("formula", _("A cell begins like a formula. Write words and figures alone."))
    if max(map(len, cells.values()), default=0) > MAX_CELL:
        raise Rejected("cell_long", _("A cell has more than 200 characters."))
    for column in (Column.IDENTITY, Column.PHONE, Column.CARD):
        if "E+" in cells.get(column, ""):
            raise Rejected("rounded", _("The sheet's program has rounded a long number. Make the column text."))
    station = stations.station(cells.get(Column.STATION, ""))
    facts = Facts(
        name=rules.name_of(cells.get(Column.NAME, "")),
        number=cells.get(Column.NUMBER, ""),
        card=cells.get(Column.CARD, ""),
        branch=stations.branch(cells.get(Column.BRANCH, ""), station),
        phone=cells.get(Column.PHONE) or None,
        identity=cells.get(Column.IDENTITY) or None,
        birthday=_day(cells.get(Column.BIRTHDAY, "")) or None,
        address=cells.get(Column.ADDRESS) or None,
    )
    found, fault = record.identity_of(facts.identity or "", today)
    if fault:
        raise Rejected("identity_wrong", fault)
    if not rules.name_valid(facts.name):
        raise Rejected("name_wrong", _("The name is missing, or is none."))
    if facts.phone and mobile_number(facts.phone) is None:
        raise Rejected("phone_wrong", _("This is no mobile number: eleven digits that begin with 1."))
    for key in (
        f"identity {found.number}" if found else "",
        f"number {station.id} {facts.number}" if facts.number else "",
    ):
        if key and known.setdefault(key, line.row.number) != line.row.number:
            raise Rejected("twice", _("Row %(row)s has the same number.", row=known[key]))
    line.station = station
    line.facts = replace(facts, identity=found.number, birthday=found.birthday.isoformat()) if found else facts


def _find_twins(session: Session, lines: Sequence[Line], seal: Seal, who: Person) -> None:
    by_name = dict[str, list[Member]]()
    for member in called(session, {line.facts.name for line in lines if line.facts}):
        by_name.setdefault(rules.name_of(member.name), []).append(member)
    marks = {seal.mark(line.facts.identity): line for line in lines if line.facts and line.facts.identity}
    owners = {row.identity_mark: row for row in _marked(session, list(marks))}
    for line in lines:
        if line.facts is None or line.station is None:
            continue
        owner = owners.get(seal.mark(line.facts.identity)) if line.facts.identity else None
        candidates = [*([owner] if owner else []), *by_name.get(line.facts.name, ())]
        for member in dict.fromkeys(candidates):
            alike = _alike(member, line.facts, line.station, owner, seal)
            station = session.get_one(Station, member.station_id)
            if alike is Alike.IDENTITY and not who.reaches(station.region_code):
                line.fault = _("Somebody outside your region has this identity number. Ask the region above.")
            elif alike is not None and who.reaches(station.region_code):
                line.twins.append(Twin(member, station, alike))
        line.twins.sort(key=lambda one: list(Alike).index(one.alike))
        if not line.fault and not line.twins:
            line.fault = _taken(session, line)


def _alike(member: Member, facts: Facts, station: Station, owner: Member | None, seal: Seal) -> Alike | None:
    if owner is not None and member.id == owner.id:
        return Alike.IDENTITY
    if facts.identity and member.identity_mark:
        return None  # two identity numbers are two people
    if facts.birthday and seal.open(member.birthday_sealed) == facts.birthday:
        return Alike.BIRTHDAY
    if facts.phone and member.phone_mark and member.phone_mark == seal.mark(mobile_number(facts.phone) or ""):
        return Alike.PHONE
    kept_birthday = seal.open(member.birthday_sealed)
    if facts.birthday and kept_birthday and kept_birthday != facts.birthday:
        return None
    return Alike.NAME if member.station_id == station.id else None


def _taken(session: Session, line: Line) -> object:
    if line.facts is None or line.station is None or not line.facts.number:
        return ""
    if not rules.number_valid(line.facts.number):
        return _("A number has three to six digits.")
    taken = select(Member.id).where(Member.station_id == line.station.id, Member.number == line.facts.number)
    return _("Somebody at this station has this number.") if session.scalars(taken).first() else ""


def _marked(session: Session, marks: Sequence[str]) -> Iterable[Member]:
    for first in range(0, len(marks), 500):
        some = Member.identity_mark.in_(marks[first : first + 500])
        yield from session.scalars(select(Member).where(some, Member.merged_into.is_(None)))


def _missing(member: Member, facts: Facts) -> Facts:
    """Of the facts what the record does not have; what it has stays."""
    return Facts(
        name=member.name,
        number=member.number,
        card=member.card or facts.card,
        branch=member.branch_id or facts.branch,
        active=member.active,
        phone=None if member.phone_sealed else facts.phone,
        identity=None if member.identity_sealed else facts.identity,
        birthday=None if member.birthday_sealed else facts.birthday,
        address=None if member.address_sealed else facts.address,
    )


def _none_kept(line: Line, why: object) -> Rejected:
    return Rejected("row_wrong", _("Nobody was entered. Row %(row)s: %(why)s", row=line.row.number, why=why))


def _named(data: bytes) -> Iterable[Row]:
    places_of: dict[Column, int] = {}
    above, count = dict[Column, str](), 0
    for number, cells in enumerate(rows_of(data), 1):
        texts = [text_of(cell) for cell in cells]
        if not places_of:
            named = {COLUMNS[text.lower()]: place for place, text in enumerate(texts) if text.lower() in COLUMNS}
            places_of = named if Column.NAME in named else {}
            if not places_of and number >= HEAD_WITHIN:
                break
            continue
        row = {column: texts[place] if place < len(texts) else "" for column, place in places_of.items()}
        if not any(row.values()):
            continue
        count += 1
        if count > MAX_ROWS:
            raise FileRefused("too_many_rows", str(MAX_ROWS))
        if Column.STATION in row and not row[Column.STATION]:
            row |= {one: row[one] or above.get(one, "") for one in (Column.STATION, Column.BRANCH) if one in row}
        elif Column.BRANCH in row and Column.STATION not in row:
            row[Column.BRANCH] = row[Column.BRANCH] or above.get(Column.BRANCH, "")
        above = row
        yield Row(number, {column.value: text for column, text in row.items()})
    if not places_of:
        raise FileRefused("no_header", "")


def _day(text: str) -> str:
    """A day as sheets write it: 1968-05-09, 1968/5/9, 1968.5.9, 1968年5月9日, 19680509, with a time behind it."""
    plain = re.sub("[年月/.]", "-", text.partition(" ")[0]).removesuffix("日")
    parts = plain.split("-")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        return f"{parts[0]:0>4}-{parts[1]:0>2}-{parts[2]:0>2}"
    return f"{plain[:4]}-{plain[4:6]}-{plain[6:]}" if plain.isdigit() and len(plain) == 8 else text

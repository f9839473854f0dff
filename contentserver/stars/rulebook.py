"""The rules by version: which are in force where, and what a new version would change before anybody adopts it.

A region's rules hold for everything below it that has none of its own. Where nobody has any, the shipped ones hold.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.bylaws import may_govern
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import ancestors_and_self
from contentserver.stars import document, gathering, rules
from contentserver.stars.models import StarRules
from contentserver.stars.rules import MOST_STARS, Rules
from contentserver.stations import Station, stations_in

WHY_LONGEST = 300
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the rules. Number 0 of the empty region is the shipped one, of nobody and no time."""

    region_code: str
    number: int
    text: str
    rules: Rules
    why: str = ""
    at: datetime | None = None
    by: UUID | None = None

    @property
    def key(self) -> str:
        """Names the version in forms."""
        return f"{self.region_code}:{self.number}"


@dataclass(frozen=True, slots=True)
class Change:
    """A station whose stars would be others; points in hundredths."""

    station: Station
    before: int
    after: int
    points_before: int
    points_after: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """What rules would give for a period, beside those in force.

    Attributes:
        before, after: how many stations have how many stars, from none to five.
        changes: those that go up or down, the most first.
    """

    first: date
    last: date
    stations: int
    before: Mapping[int, int]
    after: Mapping[int, int]
    changes: Sequence[Change]

    @property
    def up(self) -> int:
        """How many stations go up."""
        return sum(one.after > one.before for one in self.changes)

    @property
    def down(self) -> int:
        """How many stations go down."""
        return sum(one.after < one.before for one in self.changes)


def in_force(session: Session, region_code: str) -> Version:
    """The rules that hold in a region."""
    above = ["", *(ancestors_and_self(region_code) if region_code else ())]
    rows = session.scalars(select(StarRules).where(StarRules.region_code.in_(above))).all()
    newest = max(rows, key=lambda row: (len(row.region_code), row.number), default=None)
    return _version(newest) if newest else shipped()


def shipped() -> Version:
    """The rules that the product comes with."""
    return Version("", 0, document.shipped(), _rules(document.shipped()))


def versions(session: Session, region_code: str) -> list[Version]:
    """The versions of a region's own, the newest first."""
    query = select(StarRules).where(StarRules.region_code == region_code).order_by(StarRules.number.desc())
    return [_version(row) for row in session.scalars(query)]


def version_named(session: Session, region_code: str, number: int) -> Version:
    """One version.

    Raises:
        NotFound: there is none.
    """
    if (region_code, number) == ("", 0):
        return shipped()
    row = session.get(StarRules, (region_code, number))
    if row is None:
        raise NotFound("rules_unknown", _("There is no such version of the rules."))
    return _version(row)


def adopt(session: Session, text: str, why: str, instead_of: str, who: Person, now: datetime) -> Version:
    """Put a new version into force in the person's region.

    Args:
        instead_of: the key of the version that the person saw in force.

    Raises:
        Forbidden: the person may not.
        Rejected: the document is wrong, says nothing new, or nobody said why.
        Conflict: somebody else has adopted a version meanwhile.
    """
    if not may_govern(who):
        raise Forbidden("no_right", _("Your role may not do this."))
    before = in_force(session, who.region_code)
    if before.key != instead_of:
        raise Conflict("rules_changed", _("Another version was adopted meanwhile. Compare with it, then adopt yours."))
    found = document.read(text)
    if found.rules is None:
        raise Rejected("rules_wrong", _("The document has faults. Nothing was adopted."))
    if not why.strip() or len(why) > WHY_LONGEST:
        raise Rejected(
            "why_missing", _("Say why, in at most 300 characters."), {"why": _("Say why, in at most 300 characters.")}
        )
    if text == before.text and before.region_code == who.region_code and before.number:
        raise Rejected("rules_same", _("This is the version in force. Nothing was changed."))
    own = versions(session, who.region_code)
    row = StarRules(
        region_code=who.region_code,
        number=(own[0].number if own else 0) + 1,
        document=text,
        why=why.strip(),
        at=now,
        by=who.id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:  # somebody else was quicker
        raise Conflict(
            "rules_changed", _("Another version was adopted meanwhile. Compare with it, then adopt yours.")
        ) from error
    audit(
        session,
        who=who,
        action="star_rules.adopted",
        subject=f"star rules {row.region_code or '-'}/{row.number}",
        now=now,
        before={"version": before.key},
        after={"version": f"{row.region_code}:{row.number}", "why": row.why},
    )
    return _version(row)


def simulate(session: Session, region_code: str, old: Rules, new: Rules, today: date) -> Simulation:
    """Both rules over the evidence of the year up to yesterday."""
    first, last = today - YEAR, today - timedelta(days=1)
    stations = stations_in(session, region_code)
    inspections = gathering.inspections_between(session, first, last)
    found = gathering.evidence_of(session, [one.id for one in stations], first, last, inspections)
    before = {one.id: rules.judged(old, found[one.id]) for one in stations}
    after = {one.id: rules.judged(new, found[one.id]) for one in stations}
    changes = [
        Change(
            one,
            before[one.id].stars,
            after[one.id].stars,
            before[one.id].points,
            after[one.id].points,
        )
        for one in stations
        if before[one.id].stars != after[one.id].stars
    ]
    changes.sort(key=lambda one: (-abs(one.after - one.before), one.station.region_code, str(one.station.id)))
    return Simulation(first, last, len(stations), _spread(before), _spread(after), changes)


def _spread(judged: Mapping[UUID, rules.Judged]) -> dict[int, int]:
    counted = Counter(one.stars for one in judged.values())
    return {stars: counted[stars] for stars in range(MOST_STARS + 1)}


def _version(row: StarRules) -> Version:
    return Version(row.region_code, row.number, row.document, _rules(row.document), row.why, row.at, row.by)


def _rules(text: str) -> Rules:
    """The rules of a document that was read before it was kept."""
    found = document.read(text)
    if found.rules is None:
        raise ValueError(f"a document that was kept has faults: {found.faults}")
    return found.rules

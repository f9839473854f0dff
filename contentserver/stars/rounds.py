"""A year's round: begun with rules and a drawn sample, counted, corrected downwards with a reason, published.

A draft is seen by those alone who give stars. Spot checks: `checking.py`; appeals: `appeals.py`.
"""

import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import refresh_at
from contentserver.bylaws import may_govern
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import region_named, subtree_filter
from contentserver.stars import document, gathering, rulebook, rules, sampling
from contentserver.stars.models import Photograph, StarCheck, StarResult, StarRound
from contentserver.stars.rules import MOST_STARS, Rules
from contentserver.stations import Station, note_stars, station_named, stations_in
from schedules.wire.signing import Signer

TOWNSHIP_DIGITS = 9
REASON_LONGEST, SEED_LONGEST = 300, 40


def begin(session: Session, region_code: str, year: int, seed: str, who: Person, now: datetime) -> StarRound:
    """Begin a round with the rules in force; its spot checks are drawn at once.

    Args:
        seed: from a lottery, a dice, a newspaper; empty for one that the server throws.

    Raises:
        Forbidden: the person may not hold rounds there.
        Rejected: the year has not begun, the seed is too long, or there are no stations.
        Conflict: there is a round of this year.
    """
    require_govern(who, region_code)
    region = region_named(session, region_code)
    today = clock.local(now).date()
    if not clock.EARLIEST.year <= year <= today.year:
        raise Rejected("year_wrong", _("Give a year that has begun."), {"year": _("Give a year that has begun.")})
    if len(seed) > SEED_LONGEST:
        raise Rejected("seed_long", _("Use at most 40 characters."), {"seed": _("Use at most 40 characters.")})
    if session.scalar(select(StarRound.id).where(StarRound.region_code == region.code, StarRound.year == year)):
        raise Conflict("round_there", _("There is a round of this year already."))
    stations = stations_in(session, region.code)
    if not stations:
        raise Rejected("no_stations", _("There are no stations in this region."))
    version = rulebook.in_force(session, region.code)
    population = sorted((str(one.id), one.region_code[:TOWNSHIP_DIGITS]) for one in stations)
    found = StarRound(
        region_code=region.code,
        year=year,
        first=date(year, 1, 1),
        last=_last_day(year, today),
        rules_region=version.region_code,
        rules_number=version.number,
        document=version.text,
        seed=seed.strip() or secrets.token_hex(8),
        population=msgspec.json.encode(population).decode(),
        made_at=now,
        made_by=who.id,
        counted_at=now,
    )
    try:
        with session.begin_nested():
            session.add(found)
    except IntegrityError as error:  # somebody else was quicker
        raise Conflict("round_there", _("There is a round of this year already.")) from error
    for lot in lots_of(found):
        if lot.drawn:
            session.add(StarCheck(round_id=found.id, station_id=UUID(lot.station), township=lot.township))
    session.flush()
    count(session, found, now)
    told = {"region": region.code, "year": year, "rules": version.key, "seed": found.seed}
    audit(session, who=who, action="star_round.begun", subject=f"star round {found.id}", now=now, after=told)
    return found


def count(session: Session, found: StarRound, now: datetime) -> None:
    """Read the evidence of a draft anew; what was taken down with a reason stays down."""
    found.last = _last_day(found.year, clock.local(now).date())
    stations = [UUID(station) for station, _township in population_of(found)]
    inspections = gathering.inspections_in(session, found.id)
    evidence = gathering.evidence_of(session, stations, found.first, found.last, inspections)
    homes = dict(session.execute(select(Station.id, Station.region_code)).all())
    there = {row.station_id: row for row in session.scalars(results(found))}
    written = rules_of(found)
    for station in stations:
        judged = rules.judged(written, evidence[station])
        row = there.get(station)
        if row is None:
            row = StarResult(round_id=found.id, station_id=station, region_code=homes[station], reason="")
            session.add(row)
        row.evidence = gathering.packed(evidence[station])
        row.points, row.counted = judged.points, judged.stars
        row.stars = min(row.stars, judged.stars) if row.reason else judged.stars
    found.counted_at = now
    session.flush()


def evidence_since(session: Session, found: StarRound, row: StarResult) -> gathering.Found:
    """The criteria whose evidence reads otherwise today than when a result was counted, as it reads today."""
    inspections = gathering.inspections_in(session, found.id)
    now = gathering.evidence_of(session, [row.station_id], found.first, found.last, inspections)[row.station_id]
    then = gathering.unpacked(row.evidence)
    return {name: one for name, one in now.items() if one != then.get(name)}


def discard(session: Session, found: StarRound, who: Person, now: datetime) -> None:
    """Throw a draft away, its spot checks too; the audit keeps its seed.

    Raises:
        Conflict: it was published.
    """
    require_govern(who, found.region_code)
    require_draft(found)
    session.execute(update(Photograph).where(Photograph.round_id == found.id).values(round_id=None))
    for table in (StarCheck, StarResult):
        session.execute(delete(table).where(table.round_id == found.id))
    told = {"region": found.region_code, "year": found.year, "seed": found.seed}
    audit(session, who=who, action="star_round.discarded", subject=f"star round {found.id}", now=now, before=told)
    session.delete(found)
    session.flush()


def publish(session: Session, found: StarRound, who: Person, signer: Signer, now: datetime) -> None:
    """Count once more, and let everybody see; the televisions show the stars from now on.

    Raises:
        Conflict: it was published already, or a spot check is open.
    """
    require_govern(who, found.region_code)
    require_draft(found)
    if waiting := open_checks(session, found):
        raise Conflict(
            "checks_open",
            _("%(number)s spot checks are open. Make them, or note why one could not be made.", number=waiting),
        )
    count(session, found, now)
    found.published_at, found.published_by = now, who.id
    until = clock.local(now).date() + timedelta(days=rules_of(found).appeal_days)
    rows = session.scalars(results(found)).all()
    for row in rows:
        row.appeal_until = until
    session.flush()
    for row in rows:
        show(session, row, who, signer, now)
    told = {"stations": len(rows), "appeal_until": until}
    audit(session, who=who, action="star_round.published", subject=f"star round {found.id}", now=now, after=told)


def take_down(
    session: Session,
    found: StarRound,
    row: StarResult,
    stars: int,
    reason: str,
    who: Person,
    signer: Signer,
    now: datetime,
) -> None:
    """Give a station fewer stars than it has, with a reason; after publication it may appeal against it.

    Raises:
        Forbidden: the person may not.
        Rejected: that would not be fewer, or nobody said why.
    """
    require_govern(who, found.region_code)
    if not 0 <= stars < row.stars:
        raise Rejected("not_fewer", _("Choose fewer stars than the station has."))
    if not reason.strip() or len(reason) > REASON_LONGEST:
        raise Rejected("reason_missing", _("Say why, in at most 300 characters."))
    before = row.stars
    row.stars, row.reason, row.changed_at, row.changed_by = stars, reason.strip(), now, who.id
    if found.published_at is not None:
        row.appeal_until = clock.local(now).date() + timedelta(days=rules_of(found).appeal_days)
    session.flush()
    show(session, row, who, signer, now)
    told = {"before": {"stars": before}, "after": {"stars": stars, "reason": row.reason}}
    audit(session, who=who, action="star_result.taken_down", subject=_subject(row), now=now, **told)


def give_back(session: Session, found: StarRound, row: StarResult, who: Person, now: datetime) -> None:
    """In a draft, take back that a station was given fewer stars."""
    require_govern(who, found.region_code)
    require_draft(found)
    if row.reason:
        before = {"stars": row.stars, "reason": row.reason}
        row.stars, row.reason, row.changed_at, row.changed_by = row.counted, "", now, who.id
        told = {"before": before, "after": {"stars": row.stars}}
        audit(session, who=who, action="star_result.given_back", subject=_subject(row), now=now, **told)


def show(session: Session, row: StarResult, who: Person, signer: Signer, now: datetime) -> None:
    """The station has these stars, and its televisions show them, where no later round has given it others."""
    latest = session.scalar(published_results(row.station_id).limit(1))
    if latest is None or latest.round_id != row.round_id:
        return
    station = station_named(session, row.station_id)
    if station.stars == row.stars:
        return
    note_stars(session, station, row.stars, who, now)
    refresh_at(session, station.id, signer)


def published_results(station_id: UUID) -> Select[StarResult]:
    """The published results of a station, the newest year first."""
    return (
        select(StarResult)
        .join(StarRound, StarRound.id == StarResult.round_id)
        .where(StarResult.station_id == station_id, StarRound.published_at.is_not(None))
        .order_by(StarRound.year.desc(), StarRound.published_at.desc())
    )


def rounds_seen(session: Session, who: Person | None) -> list[StarRound]:
    """The rounds that touch a person's region, the newest first; those published where nobody is signed in."""
    rows = session.scalars(select(StarRound).order_by(StarRound.year.desc(), StarRound.region_code)).all()
    return [row for row in rows if sees(who, row)]


def sees(who: Person | None, found: StarRound) -> bool:
    """Whether somebody may look at a round."""
    if who is None:
        return found.published_at is not None
    near = who.reaches(found.region_code) or who.region_code.startswith(found.region_code)
    return near and (found.published_at is not None or who.may(Right.ASSESS))


def round_with(session: Session, round_id: UUID, who: Person | None, *, locked: bool = False) -> StarRound:
    """The round with this id.

    Raises:
        NotFound: there is none, or the person may not know of it.
    """
    found = session.get(StarRound, round_id, with_for_update=locked or None, populate_existing=locked)
    if found is None or not sees(who, found):
        raise NotFound("round_unknown", _("There is no such round."))
    return found


def result_of(session: Session, found: StarRound, station_id: UUID) -> StarResult:
    """A station's result.

    Raises:
        NotFound: the station is not in the round.
    """
    row = session.get(StarResult, (found.id, station_id))
    if row is None:
        raise NotFound("result_unknown", _("This station is not in the round."))
    return row


def results(found: StarRound, root: str = "", stars: int | None = None) -> Select[StarResult]:
    """The results of a round in a subtree; with `stars`, those that have so many."""
    query = select(StarResult).where(StarResult.round_id == found.id, subtree_filter(StarResult.region_code, root))
    return query if stars is None else query.where(StarResult.stars == stars)


def spread(session: Session, found: StarRound, root: str = "") -> dict[int, int]:
    """How many stations have how many stars, from none to five."""
    query = select(StarResult.stars, func.count()).where(
        StarResult.round_id == found.id, subtree_filter(StarResult.region_code, root)
    )
    counted = Counter(dict(session.execute(query.group_by(StarResult.stars)).all()))
    return {stars: counted[stars] for stars in range(MOST_STARS + 1)}


def population_of(found: StarRound) -> list[tuple[str, str]]:
    """From what the spot checks were drawn: (station, township)."""
    return msgspec.json.decode(found.population, type=list[tuple[str, str]])


def lots_of(found: StarRound) -> tuple[sampling.Lot, ...]:
    """The lots drawn again from seed and population."""
    written = rules_of(found)
    return sampling.draw(found.seed, population_of(found), written.percent, written.least)


def checks_of(session: Session, found: StarRound, root: str = "") -> Sequence[tuple[StarCheck, Station]]:
    """The spot checks of a round with their stations: those that are open, then the others; by township."""
    query = (
        select(StarCheck, Station)
        .join(Station, Station.id == StarCheck.station_id)
        .where(StarCheck.round_id == found.id, subtree_filter(Station.region_code, root))
        .order_by(StarCheck.outcome != "", StarCheck.township, Station.name, Station.id)
    )
    return [(check, station) for check, station in session.execute(query)]


def open_checks(session: Session, found: StarRound) -> int:
    """How many spot checks are still to be made."""
    query = select(func.count()).where(StarCheck.round_id == found.id, StarCheck.outcome == "")
    return session.scalar(query) or 0


def rules_of(found: StarRound) -> Rules:
    """The rules as they stood when the round began."""
    read = document.read(found.document).rules
    if read is None:
        raise ValueError("a document that was kept has faults")
    return read


def require_govern(who: Person, region_code: str) -> None:
    """Raise Forbidden unless somebody holds rounds in a region."""
    if not may_govern(who):
        raise Forbidden("no_right", _("Your role may not do this."))
    if not who.reaches(region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))


def require_draft(found: StarRound) -> None:
    """Raise Conflict once a round is published."""
    if found.published_at is not None:
        raise Conflict("round_published", _("This round was published already."))


def _last_day(year: int, today: date) -> date:
    """The year's last day, or yesterday while the year lasts."""
    return max(date(year, 1, 1), min(date(year, 12, 31), today - timedelta(days=1)))


def _subject(row: StarResult) -> str:
    return f"star result {row.round_id}/{row.station_id}"

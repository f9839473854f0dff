"""Spot checks: what somebody found at a station that was drawn. The result counts in the round at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.stars import gathering, rules
from contentserver.stars.gathering import DONE, NOT_DONE
from contentserver.stars.models import StarCheck, StarResult, StarRound
from contentserver.stars.rounds import require_draft, rules_of
from contentserver.stars.rules import Criterion
from contentserver.stations import Station

NOTE_LONGEST = 500


def check_of(session: Session, found: StarRound, station: Station) -> StarCheck:
    """The spot check of a station.

    Raises:
        NotFound: it was not drawn.
    """
    row = session.get(StarCheck, (found.id, station.id))
    if row is None:
        raise NotFound("check_unknown", _("This station was not drawn for a spot check."))
    return row


def keep(
    session: Session,
    found: StarRound,
    station: Station,
    answers: Sequence[bool | None],
    note: str,
    who: Person,
    now: datetime,
) -> None:
    """Keep what was found, item by item.

    Raises:
        Forbidden: the person may not, or the station lies outside their region.
        Rejected: an item has no answer, or the note is too long.
        Conflict: the round was published.
    """
    row = _mine(session, found, station, who)
    items = rules_of(found).items
    if len(answers) != len(items) or any(one is None for one in answers):
        wrong = {
            f"item-{place}": _("Item %(number)s needs an answer.", number=place + 1)
            for place, one in enumerate(answers)
            if one is None
        }
        raise Rejected("answers_missing", _("Every item needs an answer."), wrong)
    _keep(session, found, row, DONE, [bool(one) for one in answers], note, who, now)


def give_up(session: Session, found: StarRound, station: Station, note: str, who: Person, now: datetime) -> None:
    """Note why a spot check could not be made; it then counts neither for nor against the station.

    Raises:
        Rejected: nobody said why.
    """
    row = _mine(session, found, station, who)
    if not note.strip():
        raise Rejected("note_missing", _("Say why it could not be made."), {"note": _("Say why it could not be made.")})
    _keep(session, found, row, NOT_DONE, [], note, who, now)


def may_check(who: Person, station: Station) -> bool:
    """Whether somebody makes spot checks at a station."""
    return who.may(Right.ASSESS) and who.reaches(station.region_code)


def _mine(session: Session, found: StarRound, station: Station, who: Person) -> StarCheck:
    if not may_check(who, station):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    require_draft(found)
    return check_of(session, found, station)


def _keep(
    session: Session,
    found: StarRound,
    row: StarCheck,
    outcome: str,
    answers: list[bool],
    note: str,
    who: Person,
    now: datetime,
) -> None:
    if len(note) > NOTE_LONGEST:
        sentence = _("Please use at most %(number)s characters.", number=NOTE_LONGEST)
        raise Rejected("note_long", sentence, {"note": sentence})
    before = {"outcome": row.outcome, "answers": row.answers, "note": row.note}
    row.outcome, row.answers = outcome, msgspec.json.encode(answers).decode()
    row.note, row.at, row.by = note.strip(), now, who.id
    session.flush()
    _count(session, found, row.station_id)
    audit(
        session,
        who=who,
        action="star_check.made" if outcome == DONE else "star_check.given_up",
        subject=f"star check {row.round_id}/{row.station_id}",
        now=now,
        before=before,
        after={"answers": answers, "note": row.note},
    )


def _count(session: Session, found: StarRound, station_id: UUID) -> None:
    """The one result that this changes."""
    result = session.get_one(StarResult, (found.id, station_id))
    evidence = gathering.unpacked(result.evidence)
    evidence[Criterion.INSPECTION] = gathering.inspections_in(session, found.id).get(station_id, rules.Evidence())
    judged = rules.judged(rules_of(found), evidence)
    result.evidence, result.points = gathering.packed(evidence), judged.points
    result.counted = judged.stars
    result.stars = min(result.stars, judged.stars) if result.reason else judged.stars

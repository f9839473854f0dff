"""Rules, rounds, checks, publication and appeals on both databases."""

from datetime import timedelta

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from contentserver.boxes import Box, refresh_desired
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Base, Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stars import appeals, checking, document, gathering, rounds, rulebook
from contentserver.stars.models import StarCheck, StarResult, StarRound
from contentserver.stars.rules import Criterion, Evidence
from contentserver.stations import Station
from schedules.wire.messages import Desired
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.stars.conftest import COUNTY, LESSON_MS, TOWNSHIP, YEAR, Town, show

KINDER = document.shipped().replace("one = 40", "one = 5").replace("two = 55", "two = 15")


def _begin(session: Session, town: Town, seed: str = "seed") -> StarRound:
    return rounds.begin(session, COUNTY, YEAR, seed, town.staff, NOW)


def _close_checks(session: Session, found: StarRound, town: Town) -> None:
    for check, station in rounds.checks_of(session, found):
        if not check.outcome:
            checking.give_up(session, found, station, "路断了", town.staff, NOW)


def _published(session: Session, town: Town, signer: Signer) -> StarRound:
    found = _begin(session, town)
    _close_checks(session, found, town)
    rounds.publish(session, found, town.staff, signer, NOW)
    return found


def test_evidence_is_what_the_sessions_rolls_and_notes_say(session: Session, town: Town) -> None:
    found = _begin(session, town)
    evidence = gathering.unpacked(rounds.result_of(session, found, town.first.id).evidence)
    assert evidence == {
        Criterion.HELD: Evidence(20, 20),
        Criterion.HOURS: Evidence(20 * 5 * LESSON_MS, 5),
        Criterion.COVERAGE: Evidence(5, 5),
        Criterion.READINESS: Evidence(20, 20),
        Criterion.ANSWERS: Evidence(20, 20),
        Criterion.INSPECTION: Evidence(0, 0),
        Criterion.FIVE_ONES: Evidence(10, 10),
    }
    second = gathering.unpacked(rounds.result_of(session, found, town.stations[1].id).evidence)
    assert second[Criterion.HELD] == Evidence(5, 10)
    assert second[Criterion.FIVE_ONES] == Evidence(5, 10)
    assert [rounds.result_of(session, found, one.id).stars for one in town.stations[:3]] == [5, 1, 0]


def test_a_round_counts_its_year_alone(session: Session, town: Town) -> None:
    show(session, town.stations[2], held=10, of=10, people=3, year=YEAR - 1)
    found = _begin(session, town)
    evidence = gathering.unpacked(rounds.result_of(session, found, town.stations[2].id).evidence)
    assert evidence[Criterion.HELD] == Evidence(0, 0)
    earlier = rounds.begin(session, COUNTY, YEAR - 1, "", town.staff, NOW)
    evidence = gathering.unpacked(rounds.result_of(session, earlier, town.stations[2].id).evidence)
    assert evidence[Criterion.HELD] == Evidence(10, 10)
    assert (earlier.first.isoformat(), earlier.last.isoformat()) == ("2025-01-01", "2025-12-31")


def test_a_draft_goes_on_to_the_end_of_its_year(session: Session, town: Town) -> None:
    found = _begin(session, town)
    assert found.last == clock.local(NOW).date() - timedelta(days=1)
    rounds.count(session, found, NOW + timedelta(days=3))
    assert found.last == clock.local(NOW).date() + timedelta(days=2)
    rounds.count(session, found, NOW + timedelta(days=90))
    assert (found.first.isoformat(), found.last.isoformat()) == ("2026-01-01", "2026-12-31")


def test_the_sample_is_kept_and_drawn_again(session: Session, town: Town) -> None:
    found = _begin(session, town, "双色球 2026135")
    drawn = {lot.station for lot in rounds.lots_of(found) if lot.drawn}
    assert drawn == {str(check.station_id) for check, _station in rounds.checks_of(session, found)}
    assert {lot.township for lot in rounds.lots_of(found) if lot.drawn} == {TOWNSHIP}
    rounds.discard(session, found, town.staff, NOW)
    again = _begin(session, town, "双色球 2026135")
    assert {lot.station for lot in rounds.lots_of(again) if lot.drawn} == drawn
    assert again.id != found.id


def test_a_second_round_of_a_year_and_years_to_come_are_refused(session: Session, town: Town) -> None:
    _begin(session, town)
    with pytest.raises(Conflict):
        _begin(session, town)
    for year in (NOW.year + 1, 1999):
        with pytest.raises(Rejected):
            rounds.begin(session, COUNTY, year, "", town.staff, NOW)
    with pytest.raises(Rejected):
        rounds.begin(session, COUNTY, YEAR - 1, "x" * 41, town.staff, NOW)
    with pytest.raises(Rejected):
        rounds.begin(session, "640205", YEAR, "", person(session, Role.COUNTY_STAFF, "6402"), NOW)


@pytest.mark.parametrize(
    ("role", "region"),
    [
        (Role.COUNTY_STAFF, "640202"),
        (Role.COUNTY_STAFF, TOWNSHIP),
        (Role.STATION_ADMIN, VILLAGE),
        (Role.SCHEDULER, COUNTY),
        (Role.REVIEWER, COUNTY),
    ],
)
def test_only_those_who_give_stars_there_hold_rounds(
    session: Session, village: Station, role: Role, region: str
) -> None:
    assert village.region_code.startswith(COUNTY)
    who = person(session, role, region)
    with pytest.raises(Forbidden):
        rounds.begin(session, COUNTY, YEAR, "", who, NOW)


def test_a_draft_is_seen_by_those_alone_who_give_stars(session: Session, town: Town, signer: Signer) -> None:
    found = _begin(session, town)
    for who in (None, town.keeper, person(session, Role.SCHEDULER, COUNTY), town.outsider):
        with pytest.raises(NotFound):
            rounds.round_with(session, found.id, who)
        assert rounds.rounds_seen(session, who) == []
    inspector = person(session, Role.COUNTY_STAFF, TOWNSHIP)
    assert rounds.round_with(session, found.id, inspector).id == found.id
    _close_checks(session, found, town)
    rounds.publish(session, found, town.staff, signer, NOW)
    for seen in (None, town.keeper):
        assert rounds.round_with(session, found.id, seen).id == found.id
    with pytest.raises(NotFound):
        rounds.round_with(session, found.id, town.outsider)


def test_a_round_is_read_anew_when_it_is_locked(session: Session, town: Town) -> None:
    """It was loaded already, to ask whether the person may know of it; meanwhile somebody else published it."""
    found = _begin(session, town)
    session.refresh(found)
    assert rounds.round_with(session, found.id, town.staff) is found
    published = update(StarRound).where(StarRound.id == found.id).values(published_at=NOW)
    session.execute(published, execution_options={"synchronize_session": False})
    assert found.published_at is None
    assert rounds.round_with(session, found.id, town.staff, locked=True).published_at == NOW


def test_a_check_counts_at_once_and_only_where_it_was_drawn(session: Session, town: Town, signer: Signer) -> None:
    found = _begin(session, town)
    check, station = rounds.checks_of(session, found)[0]
    before = rounds.result_of(session, found, station.id).points
    checking.keep(session, found, station, [True, True, False, False, False, False], "", town.staff, NOW)
    result = rounds.result_of(session, found, station.id)
    assert gathering.unpacked(result.evidence)[Criterion.INSPECTION] == Evidence(2, 6)
    assert result.points == before - 1500  # a third in order gives nothing of fifteen points
    checking.give_up(session, found, station, "门锁着", town.staff, NOW)
    assert rounds.result_of(session, found, station.id).points == before
    undrawn = next(one for one in town.stations if one.id not in {c.station_id for c, _s in _checks(session, found)})
    with pytest.raises(NotFound):
        checking.keep(session, found, undrawn, [True] * 6, "", town.staff, NOW)
    assert check.outcome == "not_done"


def _checks(session: Session, found: StarRound) -> list[tuple[StarCheck, object]]:
    return list(rounds.checks_of(session, found))


def test_half_a_check_is_refused_and_changes_nothing(session: Session, town: Town) -> None:
    found = _begin(session, town)
    check, station = rounds.checks_of(session, found)[0]
    for answers in ([True] * 5, [True] * 5 + [None], [True] * 7):
        with pytest.raises(Rejected):
            checking.keep(session, found, station, answers, "", town.staff, NOW)
    with pytest.raises(Rejected):
        checking.give_up(session, found, station, "  ", town.staff, NOW)
    with pytest.raises(Rejected):
        checking.keep(session, found, station, [True] * 6, "x" * 501, town.staff, NOW)
    for who in (town.outsider, town.keeper):
        with pytest.raises(Forbidden):
            checking.keep(session, found, station, [True] * 6, "", who, NOW)
    assert (check.outcome, check.answers) == ("", "")


def test_publishing_waits_for_the_checks_and_tells_the_televisions(
    session: Session, town: Town, signer: Signer
) -> None:
    box = enrolled_box(session, town.first)
    refresh_desired(session, box, signer)
    version = box.desired_version
    found = _begin(session, town)
    with pytest.raises(Conflict) as refused:
        rounds.publish(session, found, town.staff, signer, NOW)
    assert refused.value.code == "checks_open"
    assert (found.published_at, town.first.stars) == (None, 0)
    _close_checks(session, found, town)
    rounds.publish(session, found, town.staff, signer, NOW)
    assert [one.stars for one in town.stations[:3]] == [5, 1, 0]
    wanted = msgspec.json.decode(session.get_one(Box, box.id).desired_fingerprint, type=Desired)
    assert (wanted.station.stars, box.desired_version) == (5, version + 1)
    until = clock.local(NOW).date() + timedelta(days=15)
    assert {row.appeal_until for row in session.scalars(rounds.results(found))} == {until}
    with pytest.raises(Conflict):
        rounds.publish(session, found, town.staff, signer, NOW)
    with pytest.raises(Conflict):
        rounds.discard(session, found, town.staff, NOW)


def test_a_published_result_stands_as_it_was_published(session: Session, town: Town, signer: Signer) -> None:
    found = _published(session, town, signer)
    kept = [(row.station_id, row.evidence, row.stars) for row in session.scalars(rounds.results(found))]
    show(session, town.stations[3], held=12, of=12, people=4)
    rulebook.adopt(session, KINDER, "更宽", rulebook.shipped().key, town.staff, NOW)
    session.flush()
    assert [(row.station_id, row.evidence, row.stars) for row in session.scalars(rounds.results(found))] == kept
    assert rounds.rules_of(found).thresholds == (40, 55, 70, 80, 90)
    fourth, first = (rounds.result_of(session, found, town.stations[place].id) for place in (3, 0))
    assert rounds.evidence_since(session, found, first) == {}
    assert rounds.evidence_since(session, found, fourth)[Criterion.HELD] == Evidence(12, 12)
    assert Criterion.FIVE_ONES not in rounds.evidence_since(session, found, fourth)


def test_fewer_stars_need_a_reason_and_never_become_more(session: Session, town: Town, signer: Signer) -> None:
    found = _begin(session, town)
    row = rounds.result_of(session, found, town.first.id)
    for stars, reason in ((5, "x"), (6, "x"), (-1, "x"), (3, "  "), (3, "x" * 301)):
        with pytest.raises(Rejected):
            rounds.take_down(session, found, row, stars, reason, town.staff, signer, NOW)
    rounds.take_down(session, found, row, 3, "活动室不开门", town.staff, signer, NOW)
    rounds.count(session, found, NOW)
    assert (row.counted, row.stars, row.reason) == (5, 3, "活动室不开门")
    rounds.give_back(session, found, row, town.staff, NOW)
    assert (row.stars, row.reason) == (5, "")
    rounds.take_down(session, found, row, 4, "活动室不开门", town.staff, signer, NOW)
    _close_checks(session, found, town)
    rounds.publish(session, found, town.staff, signer, NOW)
    assert town.first.stars == 4
    with pytest.raises(Conflict):
        rounds.give_back(session, found, row, town.staff, NOW)
    rounds.take_down(session, found, row, 2, "十二月查出问题", town.staff, signer, NOW + timedelta(days=30))
    assert town.first.stars == 2
    assert row.appeal_until == clock.local(NOW).date() + timedelta(days=45)


def test_an_earlier_year_does_not_change_what_televisions_show(session: Session, town: Town, signer: Signer) -> None:
    _published(session, town, signer)
    earlier = rounds.begin(session, COUNTY, YEAR - 1, "", town.staff, NOW)
    _close_checks(session, earlier, town)
    rounds.publish(session, earlier, town.staff, signer, NOW)
    assert rounds.result_of(session, earlier, town.first.id).stars < 5
    assert town.first.stars == 5
    years = [
        session.get_one(StarRound, row.round_id).year
        for row in session.scalars(rounds.published_results(town.first.id))
    ]
    assert years == [YEAR, YEAR - 1]


def test_an_appeal_is_made_once_in_time_by_the_station_and_decided_by_another(
    session: Session, town: Town, signer: Signer
) -> None:
    found = _begin(session, town)
    row = rounds.result_of(session, found, town.first.id)
    with pytest.raises(Conflict):
        appeals.appeal(session, found, row, town.first, "不对", town.keeper, NOW)
    rounds.take_down(session, found, row, 3, "活动室不开门", town.staff, signer, NOW)
    _close_checks(session, found, town)
    rounds.publish(session, found, town.staff, signer, NOW)
    for who in (town.staff, town.outsider, person(session, Role.STATION_ADMIN, "640221203206")):
        with pytest.raises(Forbidden):
            appeals.appeal(session, found, row, town.first, "不对", who, NOW)
    with pytest.raises(Rejected):
        appeals.appeal(session, found, row, town.first, " ", town.keeper, NOW)
    last = NOW + timedelta(days=15)
    assert appeals.may_appeal(session, found, row, town.first, town.keeper, last)
    assert not appeals.may_appeal(session, found, row, town.first, town.keeper, last + timedelta(days=1))
    with pytest.raises(Conflict) as late:
        appeals.appeal(session, found, row, town.first, "不对", town.keeper, last + timedelta(days=1))
    assert late.value.code == "appeal_late"
    made = appeals.appeal(session, found, row, town.first, "那天在装修", town.keeper, last)
    with pytest.raises(Conflict):
        appeals.appeal(session, found, row, town.first, "还是不对", town.keeper, last)
    assert [one.id for one in appeals.waiting(session, found)] == [made.id]
    for stars, answer in ((2, "x"), (6, "x"), (4, " "), (4, "x" * 1001)):
        with pytest.raises(Rejected):
            appeals.decide(session, found, row, made.id, stars, answer, town.other_staff, signer, NOW)
    with pytest.raises(Forbidden):
        appeals.decide(session, found, row, made.id, 4, "属实", town.keeper, signer, NOW)
    appeals.decide(session, found, row, made.id, 4, "属实", town.other_staff, signer, NOW)
    assert (row.stars, town.first.stars, made.stars_before, made.stars_after) == (4, 4, 3, 4)
    with pytest.raises(Conflict):
        appeals.decide(session, found, row, made.id, 5, "再加", town.other_staff, signer, NOW)
    assert appeals.waiting(session, found) == []
    with pytest.raises(Conflict):
        appeals.appeal(session, found, row, town.first, "再来", town.keeper, last)


def test_after_stars_were_taken_away_once_more_a_station_may_appeal_again(
    session: Session, town: Town, signer: Signer
) -> None:
    found = _published(session, town, signer)
    row = rounds.result_of(session, found, town.first.id)
    first = appeals.appeal(session, found, row, town.first, "不对", town.keeper, NOW)
    appeals.decide(session, found, row, first.id, 5, "维持", town.other_staff, signer, NOW)
    later = NOW + timedelta(days=60)
    assert not appeals.may_appeal(session, found, row, town.first, town.keeper, later)
    rounds.take_down(session, found, row, 3, "查出问题", town.staff, signer, later)
    assert appeals.may_appeal(session, found, row, town.first, town.keeper, later + timedelta(days=1))
    appeals.appeal(session, found, row, town.first, "没有的事", town.keeper, later + timedelta(days=1))
    assert len(appeals.appeals_of(session, found, town.first.id)) == 2


def test_rules_hold_downwards_and_the_nearest_counts(session: Session, town: Town) -> None:
    city = person(session, Role.COUNTY_STAFF, "6402")
    assert rulebook.in_force(session, COUNTY).key == ":0"
    rulebook.adopt(session, KINDER, "全市", ":0", city, NOW)
    assert rulebook.in_force(session, COUNTY).key == "6402:1"
    own = rulebook.adopt(session, document.shipped(), "本县", "6402:1", town.staff, NOW)
    assert (own.key, rulebook.in_force(session, COUNTY).key, rulebook.in_force(session, "640202").key) == (
        "640221:1",
        "640221:1",
        "6402:1",
    )
    assert [one.number for one in rulebook.versions(session, COUNTY)] == [1]
    rulebook.adopt(session, KINDER, "再改", "640221:1", town.staff, NOW)
    assert [(one.number, one.why) for one in rulebook.versions(session, COUNTY)] == [(2, "再改"), (1, "本县")]
    assert rulebook.version_named(session, COUNTY, 1).text == document.shipped()


def test_adopting_wrong_unexplained_or_overtaken_rules_changes_nothing(session: Session, town: Town) -> None:
    with pytest.raises(Rejected):
        rulebook.adopt(session, "title = 1", "x", ":0", town.staff, NOW)
    with pytest.raises(Rejected):
        rulebook.adopt(session, KINDER, " ", ":0", town.staff, NOW)
    with pytest.raises(Forbidden):
        rulebook.adopt(session, KINDER, "x", ":0", town.keeper, NOW)
    with pytest.raises(Forbidden):
        rulebook.adopt(session, KINDER, "x", ":0", person(session, Role.COUNTY_STAFF, TOWNSHIP), NOW)
    assert rulebook.in_force(session, COUNTY).number == 0
    rulebook.adopt(session, KINDER, "x", ":0", town.staff, NOW)
    with pytest.raises(Conflict):
        rulebook.adopt(session, document.shipped(), "y", ":0", town.other_staff, NOW)
    with pytest.raises(Rejected):
        rulebook.adopt(session, KINDER, "y", "640221:1", town.staff, NOW)
    assert rulebook.in_force(session, COUNTY).number == 1
    with pytest.raises(NotFound):
        rulebook.version_named(session, COUNTY, 2)


def test_a_simulation_says_who_would_go_up_and_changes_nothing(session: Session, town: Town) -> None:
    old, new = rulebook.shipped().rules, document.read(KINDER).rules
    assert new is not None
    found = rulebook.simulate(session, COUNTY, old, new, clock.local(NOW).date())
    assert found.stations == len(town.stations) == sum(found.before.values()) == sum(found.after.values())
    assert (found.before[0], found.after[0]) == (len(town.stations) - 2, 0)
    assert (found.up, found.down) == (len(town.stations) - 1, 0)
    assert town.first.id not in {one.station.id for one in found.changes}
    back = rulebook.simulate(session, COUNTY, new, old, clock.local(NOW).date())
    assert (back.up, back.down) == (0, found.up)
    assert session.scalars(select(StarResult)).all() == []


def test_spot_checks_of_the_year_count_in_a_simulation(session: Session, town: Town) -> None:
    found = _begin(session, town)
    _check, station = rounds.checks_of(session, found)[0]
    checking.keep(session, found, station, [False] * 6, "", town.staff, NOW - timedelta(days=2))
    today = clock.local(NOW).date()
    seen = gathering.inspections_between(session, today - rulebook.YEAR, today)
    assert seen == {station.id: Evidence(0, 6)}
    assert gathering.inspections_between(session, today, today) == {}


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    ours = {"one_entries", "photographs", "star_rules", "star_rounds", "star_results", "star_checks", "star_appeals"}
    assert [one for one in found if any(name in str(one) for name in ours)] == []

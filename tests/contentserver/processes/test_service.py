"""Matters in a real database: several people, yes and no, too late, twice, in each other's place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.audit.models import AuditEntry
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.processes import listing, service
from contentserver.processes.listing import Asked, Which
from contentserver.processes.models import Process, ProcessStep
from contentserver.processes.rules import Decision, Outcome, Plan
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

TOWNSHIP, COUNTY = VILLAGE[:9], VILLAGE[:6]


@dataclass
class Handing:
    """A kind of process that notes what follows; it refuses what `refuses` says."""

    code: str = "handing"
    name: object = "Handing over"
    steps: Mapping[str, object] = field(default_factory=lambda: {"let_go": "Let go", "take": "Take"})
    followed: list[tuple[str, Decision]] = field(default_factory=list)
    refuses: Conflict | None = None

    def page(self, _process: Process) -> str:
        return ""

    def told(self, _session: Session, _process: Process) -> Sequence[tuple[object, object]]:
        return [("What", "a thing")]

    def decided(
        self, _session: Session, _process: Process, step: ProcessStep, decision: Decision, _who: Person, _now: datetime
    ) -> None:
        if self.refuses:
            raise self.refuses
        self.followed.append((step.code, decision))


@pytest.fixture
def kind() -> Handing:
    return Handing()


@pytest.fixture
def keeper(session: Session, village: Station) -> Person:
    return person(session, Role.STATION_ADMIN, VILLAGE)


@pytest.fixture
def county(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, COUNTY)


def begun(session: Session, kind: Handing, who: Person | None, now: datetime = NOW) -> Process:
    plans = [
        Plan("let_go", Right.KEEP_MEMBERS, VILLAGE, 3, others_only=False),
        Plan("take", Right.KEEP_MEMBERS, COUNTY, 5),
    ]
    return service.begin(session, kind, subject="thing 1", title="A thing", plans=plans, who=who, now=now)


def mine(session: Session, who: Person, which: Which = Which.MINE, *, late: bool = False) -> list[Process]:
    today = clock.local(NOW).date()
    return list(listing.page_of_processes(session, Asked(which, "", late), who, today, 1).rows)


def yes(session: Session, kind: Handing, process: Process, place: int, who: Person) -> None:
    service.decide(session, kind, process, place, Decision.YES, "", who, NOW)


def test_a_matter_goes_from_hand_to_hand_and_ends(
    session: Session, kind: Handing, keeper: Person, county: Person
) -> None:
    process = begun(session, kind, keeper)
    assert (mine(session, keeper), mine(session, county)) == ([process], [])
    yes(session, kind, process, 0, keeper)
    assert (mine(session, keeper), mine(session, county)) == ([], [process])
    assert (listing.count_mine(session, keeper), listing.count_mine(session, county)) == (0, 1)
    yes(session, kind, process, 1, county)
    assert (process.outcome, process.ended_at) == (Outcome.DONE, NOW)
    assert kind.followed == [("let_go", Decision.YES), ("take", Decision.YES)]
    assert mine(session, county, Which.OVER) == mine(session, keeper, Which.BEGUN) == [process]
    actions = [row.action for row in session.query(AuditEntry).filter_by(subject=f"process {process.id}")]
    assert actions == ["process.begun", "process.decided", "process.decided"]


def test_a_no_ends_it_and_has_a_reason(session: Session, kind: Handing, keeper: Person, county: Person) -> None:
    process = begun(session, kind, keeper)
    with pytest.raises(Rejected, match="reason_missing"):
        service.decide(session, kind, process, 0, Decision.NO, " \u202e ", keeper, NOW)
    service.decide(session, kind, process, 0, Decision.NO, "已外出务工", keeper, NOW)
    assert (process.outcome, process.steps[0].reason) == (Outcome.REFUSED, "已外出务工")
    with pytest.raises(Conflict, match="step_over"):
        yes(session, kind, process, 1, county)


def test_what_cannot_follow_keeps_the_step_open(session: Session, kind: Handing, keeper: Person) -> None:
    process = begun(session, kind, keeper)
    session.commit()
    kind.refuses = Conflict("branch_dissolved", "It is dissolved.")
    with pytest.raises(Conflict, match="branch_dissolved"):
        yes(session, kind, process, 0, keeper)
    session.rollback()
    assert mine(session, keeper) == [process]


def test_nobody_decides_out_of_turn_elsewhere_without_the_right_or_their_own(
    session: Session, kind: Handing, keeper: Person, county: Person
) -> None:
    process = begun(session, kind, county)
    with pytest.raises(Conflict, match="step_not_its_turn"):
        yes(session, kind, process, 1, person(session, Role.COUNTY_STAFF, COUNTY))
    for who in (person(session, Role.STATION_ADMIN, "640221100001"), person(session, Role.REVIEWER, COUNTY)):
        with pytest.raises(Forbidden):
            yes(session, kind, process, 0, who)
    yes(session, kind, process, 0, keeper)
    with pytest.raises(Forbidden, match="step_own"):
        yes(session, kind, process, 1, county)
    assert mine(session, county) == [], "what one began oneself does not wait for oneself"
    standing_in = replace(person(session, Role.COUNTY_STAFF, COUNTY), acts_for=county.id)
    with pytest.raises(Forbidden, match="step_own"):
        yes(session, kind, process, 1, standing_in)


def test_a_step_is_decided_once(session: Session, kind: Handing, keeper: Person) -> None:
    process = begun(session, kind, keeper)
    yes(session, kind, process, 0, keeper)
    with pytest.raises(Conflict, match="step_over"):
        yes(session, kind, process, 0, keeper)
    with pytest.raises(NotFound):
        yes(session, kind, process, 7, keeper)
    assert kind.followed == [("let_go", Decision.YES)]


def test_the_same_is_not_begun_twice_and_may_be_begun_again_afterwards(
    session: Session, kind: Handing, keeper: Person, county: Person
) -> None:
    process = begun(session, kind, keeper)
    with pytest.raises(Conflict, match="process_under_way"):
        begun(session, kind, county)
    with pytest.raises(Forbidden, match="not_yours"):
        service.withdraw(session, process, county, NOW)
    service.withdraw(session, process, keeper, NOW)
    assert (process.outcome, mine(session, keeper)) == (Outcome.WITHDRAWN, [])
    assert begun(session, kind, county).id != process.id
    assert len(service.of_subject(session, "thing 1")) == 2


def test_what_is_late_moves_up_until_somebody_is_there_and_the_village_may_still_decide(
    session: Session, kind: Handing, keeper: Person, county: Person
) -> None:
    process = begun(session, kind, None, NOW - timedelta(days=7))
    assert mine(session, keeper, late=True) == [process]
    assert service.escalate(session, NOW) == 1
    assert (process.steps[0].desk, process.steps[0].escalations) == (COUNTY, 1), "nobody sits in the township"
    assert (mine(session, keeper), mine(session, county)) == ([], [process])
    assert service.escalate(session, NOW) == 0, "the county has days of its own"
    assert service.escalate(session, NOW + timedelta(days=30)) == 1
    assert process.steps[0].desk == ""
    assert service.escalate(session, NOW + timedelta(days=300)) == 0
    yes(session, kind, process, 0, keeper)


def test_without_an_administrator_in_the_village_the_next_above_has_it(
    session: Session, kind: Handing, county: Person, village: Station
) -> None:
    process = begun(session, kind, None)
    assert process.steps[0].desk == COUNTY
    assert mine(session, county) == [process]
    root = person(session, Role.SYSTEM_ADMIN, "")
    assert (mine(session, root), mine(session, root, Which.BELOW)) == ([], [process])


def test_only_who_has_to_do_with_it_knows_of_it(
    session: Session, kind: Handing, keeper: Person, county: Person
) -> None:
    process = begun(session, kind, keeper)
    for who in (keeper, county):
        assert service.process_asked(session, process.id, who) is process
        assert mine(session, who, Which.ALL) == [process]
    stranger = person(session, Role.COUNTY_STAFF, "640205")
    with pytest.raises(NotFound):
        service.process_asked(session, process.id, stranger)
    assert mine(session, stranger, Which.ALL) == []

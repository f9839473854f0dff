"""A round of the shipped scheme in one village, with everybody who has to do with it, in a real database."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.assessments import filling, objecting, results, service
from contentserver.assessments.models import AssessmentForm, AssessmentRound, AssessmentSubject
from contentserver.assessments.objecting import PublicationKind
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Refusal
from contentserver.kernel.sealing import Seal
from contentserver.members import Branch, Member, add_member
from contentserver.members.models import MemberRole, RoleKind
from contentserver.processes import Decision, decide, under_way
from contentserver.stations import Station
from contentserver.timetable import holiday_table
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY, TOWNSHIP = VILLAGE[:6], VILLAGE[:9]
SEAL = Seal("s" * 40, "personal data")
GOOD = {"members": "10", "keeper": "10", "role": "10"}
MEMBER = {"useful": "5", "kept": "4", "asked": "1", "wish": "多讲养羊"}
MUCH_LATER = NOW + timedelta(days=60)


class Hall:
    """A round of the shipped scheme in one village, with everybody who has to do with it."""

    def __init__(self, session: Session, village: Station) -> None:
        self.session, self.village = session, village
        self.staff = person(session, Role.COUNTY_STAFF, COUNTY, "staff")
        self.second = person(session, Role.COUNTY_STAFF, COUNTY, "second")
        self.township = person(session, Role.COUNTY_STAFF, TOWNSHIP, "township")
        self.keeper = person(session, Role.STATION_ADMIN, VILLAGE, "keeper")
        self.members = [
            add_member(session, village.id, f"王小{name}", str(101 + n)) for n, name in enumerate("芳明华强")
        ]

    def begun(self, region: str = VILLAGE, code: str = "two_three_one", now: datetime = NOW) -> AssessmentRound:
        calendar = holiday_table(self.session)
        return service.begin(self.session, region, code, "2026 评议", self.staff, SEAL, now, calendar)

    def subject(self, row: AssessmentRound) -> AssessmentSubject:
        return service.subjects_of(self.session, row)[0]

    def form_of(self, row: AssessmentRound, who: Person) -> AssessmentForm:
        ids = [one.id for one in service.subjects_of(self.session, row)]
        table = AssessmentForm
        found = self.session.scalars(select(table).where(table.account_id == who.id, table.subject_id.in_(ids)))
        return found.one()

    def send(self, row: AssessmentRound, who: Person, typed: Mapping[str, str] = GOOD, now: datetime = NOW) -> None:
        filling.send(self.session, self.form_of(row, who), typed, who, now)

    def by_phone(
        self, row: AssessmentRound, who: Member, typed: Mapping[str, str] = MEMBER, now: datetime = NOW
    ) -> None:
        filling.send_by_phone(self.session, who, self.subject(row).id, "peers", typed, SEAL, now)

    def collected(self, row: AssessmentRound) -> AssessmentRound:
        self.send(row, self.keeper)
        self.send(row, self.township, {"members": "8", "keeper": "9", "role": "7"})
        for one in self.members:
            self.by_phone(row, one)
        return row

    def published(self, row: AssessmentRound, now: datetime = NOW) -> AssessmentRound:
        self.recommended(self.collected(row), now)
        self.agree(row, Decision.YES, now)
        return row

    def recommended(self, row: AssessmentRound, now: datetime = NOW) -> None:
        chosen = {line.row.id for line in results.standings(self.session, row) if line.proposed}
        results.recommend(self.session, row, chosen, "", self.staff, now)
        objecting.submit(self.session, row, self.staff, now)

    def agree(self, row: AssessmentRound, said: Decision, now: datetime = NOW, who: Person | None = None) -> None:
        process = under_way(self.session, f"assessment {row.id}", results.PUBLICATION)
        assert process is not None
        reason = "" if said is Decision.YES else "还要再看"
        decide(self.session, PublicationKind(), process, 0, said, reason, who or self.second, now)


@pytest.fixture
def hall(session: Session, village: Station) -> Hall:
    return Hall(session, village)


def refused(kind: type[Refusal], code: str, call: object, *given: object) -> Refusal:
    with pytest.raises(kind) as told:
        call(*given)  # type: ignore[operator]
    assert told.value.code == code
    return told.value


@pytest.fixture
def branch(hall: Hall) -> Branch:
    """A branch with a secretary and three members."""
    found = Branch(region_code=VILLAGE, name="马场村支部", kind="branch", made_at=NOW)
    hall.session.add(found)
    hall.session.flush()
    for one in hall.members:
        one.branch_id = found.id
    assert hall.session.get(RoleKind, "secretary") is not None
    role = MemberRole(member_id=hall.members[0].id, branch_id=found.id, role="secretary", since=date(2026, 1, 1))
    hall.session.add(role)
    hall.session.flush()
    return found

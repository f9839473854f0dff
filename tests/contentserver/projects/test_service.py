"""A project in a real database: who takes part, what is noted and withdrawn, and what its page says from evidence."""

from collections.abc import Mapping
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import SessionRow, SignInRow
from contentserver.audit.models import AuditEntry
from contentserver.courses.models import Course, Lesson
from contentserver.courses.rules import LessonState
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import Member, add_member
from contentserver.projects import reckoning, service
from contentserver.projects.models import Household, Project, ProjectNote, ProjectPhoto
from contentserver.projects.rules import Kind, Model, Sum, Written
from contentserver.projects.service import ChangedMeanwhile, Facts, NoteRefused
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY = VILLAGE[:6]
BEGUN = date(2026, 3, 1)
FACTS = Facts(COUNTY, Model.ASSOCIATION, "冬小麦测土配方", BEGUN, base="马场村示范田", crop="小麦", baseline_dkg=4000)


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.SCHEDULER, COUNTY)


@pytest.fixture
def project(session: Session, who: Person) -> Project:
    return service.begin(session, FACTS, who, NOW)


@pytest.fixture
def members(session: Session, village: Station) -> list[Member]:
    return [add_member(session, village.id, f"王小{name}", str(101 + number)) for number, name in enumerate("芳明华")]


@pytest.fixture
def houses(session: Session, project: Project, members: list[Member], village: Station, who: Person) -> list[Household]:
    return [service.take_part(session, project, village.id, one.number, 1000, who, NOW) for one in members]


def noted(
    session: Session, project: Project, kind: Kind, house: Household | None, who: Person, tmp: Path, **more: object
) -> ProjectNote:
    figures: Mapping[str, int | None] = more.pop("figures", {})  # type: ignore[assignment]
    day = more.pop("day", date(2026, 6, 1))
    written = Written(kind, day, "写", house.id if house else None, "", figures)  # type: ignore[arg-type]
    return service.note(session, project, written, (), tmp, who, NOW)


def test_from_lesson_to_income(
    session: Session,
    project: Project,
    members: list[Member],
    houses: list[Household],
    village: Station,
    who: Person,
    tmp_path: Path,
) -> None:
    course = Course(title="种植", subject="种植", audience="", region_code=COUNTY, created_at=NOW)
    session.add(course)
    session.flush()
    lesson = Lesson(
        course_id=course.id,
        number=1,
        title="看懂化验单",
        state=LessonState.APPROVED,
        uploader_id=who.id,
        created_at=NOW,
    )
    session.add(lesson)
    session.flush()
    service.teach(session, project, lesson.id, who, NOW)
    service.teach(session, project, lesson.id, who, NOW)
    for number, (days, shown) in enumerate(((60, 1), (50, 1), (40, 0))):
        airing = f"airing-{number}"
        session.add(
            SessionRow(
                airing_id=airing,
                station_id=village.id,
                region_code=village.region_code,
                lesson_id=str(lesson.id),
                lesson_title="看懂化验单",
                course_title="种植",
                planned_start=NOW - timedelta(days=days),
                planned_ms=1,
                shown_ms=shown,
            )
        )
        session.add(
            SignInRow(
                airing_id=airing, station_id=village.id, member_id=str(members[number].id), at=NOW, method="remote"
            )
        )
    session.flush()
    before = reckoning.report_of(session, project, NOW)
    assert [(one.sessions, one.came) for one in before.lessons] == [(2, 2)]
    assert (before.came, before.total.households, before.stalled) == (2, 3, True)
    assert reckoning.count_stalled(session, COUNTY, NOW) == 1
    for house, land in zip(houses[:2], (600, 200), strict=True):
        noted(session, project, Kind.ADOPTION, house, who, tmp_path, figures={"land": land})
    noted(session, project, Kind.RESULT, houses[0], who, tmp_path, figures={"yield": 4500, "income": 90_000})
    noted(session, project, Kind.INPUT, None, who, tmp_path, figures={"cost": 30_000})
    after = reckoning.report_of(session, project, NOW)
    assert (after.total.adopters, after.total.land_cmu, after.total.yield_dkg) == (2, 800, 4500)
    assert (after.total.income_fen, after.total.cost_fen, after.total.told, after.stalled) == (90_000, 30_000, 1, False)
    assert reckoning.count_stalled(session, COUNTY, NOW) == 0
    other = service.begin(session, FACTS, who, NOW)
    assert reckoning.totals_of(session, [other, project]) == {other.id: Sum(), project.id: after.total}
    assert [(one.code, one.adopters, one.households) for one in after.tiles] == [(VILLAGE[:9], 2, 3)]


def test_a_note_that_does_not_count_stays_with_its_reason(
    session: Session, project: Project, houses: list[Household], who: Person, tmp_path: Path
) -> None:
    row = noted(session, project, Kind.ADOPTION, houses[0], who, tmp_path, figures={"land": 500})
    with pytest.raises(Rejected, match="reason_missing"):
        service.withdraw(session, project, row.id, " ", who, NOW)
    service.withdraw(session, project, row.id, "记错了户", who, NOW)
    service.withdraw(session, project, row.id, "又一次", who, NOW)
    assert reckoning.report_of(session, project, NOW).total.adopters == 0
    assert (row.why, row.withdrawn_by) == ("记错了户", who.id)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == f"project {project.id}")).all()
    assert actions.count("project.note_withdrawn") == 1


def test_a_household_leaves_and_comes_back_with_all_that_was_noted(
    session: Session, project: Project, houses: list[Household], village: Station, who: Person, tmp_path: Path
) -> None:
    noted(session, project, Kind.ADOPTION, houses[0], who, tmp_path, figures={"land": 500})
    service.leave(session, project, houses[0].id, who, NOW)
    assert reckoning.report_of(session, project, NOW).total.households == 2
    with pytest.raises(Conflict, match="takes_part"):
        service.take_part(session, project, village.id, "102", 10, who, NOW)
    back = service.take_part(session, project, village.id, "101", 2000, who, NOW)
    assert (back.id, reckoning.report_of(session, project, NOW).total.adopters) == (houses[0].id, 1)


def test_who_does_not_belong_there_is_refused(
    session: Session, project: Project, houses: list[Household], village: Station, who: Person, tmp_path: Path
) -> None:
    other = service.begin(session, FACTS, who, NOW)
    for number, land, code in (("999", 10, "number_unknown"), ("101", 0, "land_wrong"), ("101", None, "land_wrong")):
        with pytest.raises(Rejected, match=code):
            service.take_part(session, other, village.id, number, land, who, NOW)
    narrow = service.begin(session, Facts("640221100", Model.MEMBER, "别的乡", BEGUN), who, NOW)
    with pytest.raises(Rejected, match="station_elsewhere"):
        service.take_part(session, narrow, village.id, "101", 10, who, NOW)
    with pytest.raises(NotFound):
        noted(session, other, Kind.ADOPTION, houses[0], who, tmp_path, figures={"land": 5})
    with pytest.raises(NoteRefused):
        noted(session, project, Kind.ADOPTION, houses[0], who, tmp_path, figures={"land": 5}, day=date(2027, 1, 1))
    with pytest.raises(Forbidden):
        service.begin(session, Facts("640205", Model.MEMBER, "别的县", BEGUN), who, NOW)
    with pytest.raises(NotFound):
        service.teach(session, project, uuid4(), who, NOW)


def test_photographs_are_kept_once_and_what_is_none_keeps_nothing(
    session: Session, project: Project, who: Person, tmp_path: Path
) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    visit = Written(Kind.VISIT, date(2026, 6, 1), "苗齐")
    row = service.note(session, project, visit, [picture.getvalue()] * 2, tmp_path, who, NOW)
    assert len(session.scalars(select(ProjectPhoto).where(ProjectPhoto.note_id == row.id)).all()) == 1
    with pytest.raises(Rejected):
        service.note(session, project, visit, [b"<svg onload=alert(1)>"], tmp_path, who, NOW)
    assert len(session.scalars(select(ProjectNote)).all()) == 1


def test_two_people_do_not_overwrite_each_other_and_an_end_can_be_taken_back(
    session: Session, project: Project, who: Person
) -> None:
    seen = project.version
    service.change(session, project, Facts(COUNTY, Model.MEMBER, "新名", BEGUN), seen, who, NOW)
    with pytest.raises(ChangedMeanwhile):
        service.change(session, project, FACTS, seen, who, NOW)
    with pytest.raises(Rejected, match="learnt_missing"):
        service.end(session, project, "", who, NOW)
    ends: list[date | None] = []
    service.end(session, project, "化验一次管三年", who, NOW)
    ends.append(project.ended_on)
    service.go_on(session, project, who, NOW)
    ends.append(project.ended_on)
    assert ends == [NOW.date(), None]
    with pytest.raises(Rejected) as refused:
        service.begin(session, Facts(COUNTY, Model.MEMBER, "", None, crop="x" * 30, baseline_dkg=-1), who, NOW)
    assert set(refused.value.fields) == {"name", "begun_on", "crop", "baseline"}

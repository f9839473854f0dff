"""Corrections on both databases: every number follows at once, evidence stays, undoing leaves no trace."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.admin import OWN_REGIONS, migrate
from contentserver.attendance import correcting, rebuild, take_in
from contentserver.attendance.corrections import in_force
from contentserver.attendance.models import CorrectionRow, EventRow, SessionRow, SignInRow, StaleDay
from contentserver.attendance.service import corrections_of
from contentserver.audit import AuditEntry
from contentserver.boxes import Box
from contentserver.figures import figures_of, refresh
from contentserver.figures import rebuild as rebuild_figures
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Base, Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Rejected
from contentserver.members import Member, add_member
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringStarted,
    EventBatch,
    EventBody,
    HeadCounted,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
)
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, create_postgres_database, enrolled_box, person
from tests.contentserver.journals import records

AIRING = AiringId("airing-1")
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
MINUTE = 60_000
LATER = NOW + timedelta(days=2)
DAYS = (date(2026, 11, 1), date(2026, 11, 30))


class Evening:
    """A lesson of forty minutes at which 101 signed in, five people were counted, and 102 to 104 are on the roll."""

    def __init__(self, session: Session, village: Station) -> None:
        self.session, self.station = session, village
        self.key = (str(AIRING), village.id)
        self.box: Box = enrolled_box(session, village)
        self.admin: Person = person(session, Role.STATION_ADMIN, VILLAGE)
        self.members: list[Member] = [
            add_member(session, village.id, name, f"{101 + place}")
            for place, name in enumerate(("马建国", "王小芳", "杨秀英", "李伟"))
        ]
        self.report(
            AiringStarted(
                airing=AIRING,
                planned_start=NOW,
                duration_ms=40 * MINUTE,
                lesson=LESSON,
                package=PackageName("p"),
                late_ms=10,
            ),
            SignedIn(airing=AIRING, lesson=LESSON, member=self.id(101), method=SignInMethod.NUMBER),
            PlaybackSpan(
                airing=AIRING,
                lesson=LESSON,
                package=PackageName("p"),
                from_ms=0,
                to_ms=40 * MINUTE,
                started_at=NOW,
            ),
            HeadCounted(airing=AIRING, people=5),
        )
        refresh(session)

    def id(self, number: int) -> str:
        return str(self.members[number - 101].id)

    def report(self, *bodies: EventBody) -> None:
        taken = self.session.scalar(select(func.count()).select_from(EventRow)) or 0
        batch = EventBatch(box=BoxId(self.box.id), epoch="e", events=records(*bodies, first=taken + 1))
        take_in(self.session, self.box, batch, NOW)

    @property
    def row(self) -> SessionRow:
        return self.session.get_one(SessionRow, self.key)

    def roll(self) -> dict[str, tuple[str, int]]:
        """Method and minutes that count, by the member's number."""
        numbers = {str(one.id): one.number for one in self.members}
        rows = self.session.scalars(select(SignInRow).where(SignInRow.airing_id == AIRING))
        return {numbers[one.member_id]: (one.method, one.credit_ms // MINUTE) for one in rows}

    def last(self) -> int:
        return self.session.scalar(select(func.max(CorrectionRow.number))) or 0

    def state(self) -> tuple[object, ...]:
        """Everything derived, without what counts the corrections themselves."""
        self.session.flush()
        columns = [one for one in SessionRow.__table__.columns if one.name != "corrected"]
        return (
            self.session.execute(select(*columns)).all(),
            self.session.execute(select(SignInRow.__table__).order_by(SignInRow.member_id)).all(),
        )


@pytest.fixture
def evening(session: Session, village: Station) -> Evening:
    return Evening(session, village)


def test_a_member_put_on_the_roll_counts_everywhere_at_once_and_undoing_leaves_no_trace(
    session: Session, evening: Evening
) -> None:
    before = evening.state()
    correcting.add_member(session, evening.key, "102", "忘了带卡", evening.admin, LATER)
    assert evening.roll() == {"101": ("number", 40), "102": ("hand", 40)}
    assert (evening.row.present, evening.row.present_seen, evening.row.corrected) == (2, 1, 1)
    assert evening.row.guests == 3
    assert refresh(session) > 0
    node = str(evening.station.id)
    assert figures_of(session, [node], *DAYS)[node].sums.present == 2
    correcting.take_back(session, evening.key, evening.last(), "写错了", evening.admin, LATER)
    assert evening.state() == before
    refresh(session)
    assert figures_of(session, [node], *DAYS)[node].sums.present == 1
    assert rebuild_figures(session).differed == 0
    kept = session.scalars(select(CorrectionRow).order_by(CorrectionRow.number)).all()
    assert [(one.kind, one.reason, one.by, one.revokes) for one in kept] == [
        ("added", "忘了带卡", evening.admin.id, 0),
        ("revoked", "写错了", evening.admin.id, 1),
    ]
    said = session.scalars(select(AuditEntry).where(AuditEntry.action.startswith("roll."))).all()
    assert [one.action for one in said] == ["roll.added", "roll.revoked"]


def test_minutes_taking_off_leaving_early_and_the_head_count(session: Session, evening: Evening) -> None:
    admin, key = evening.admin, evening.key
    correcting.add_member(session, key, "102", "来晚了", admin, LATER, minutes=(30, None))
    correcting.add_member(session, key, "103", "中间走了", admin, LATER, minutes=(0, 30))
    assert evening.roll() == {"101": ("number", 40), "102": ("hand", 0), "103": ("hand", 30)}
    correcting.left_early(session, key, evening.id(101), 10, "孩子病了", admin, LATER)
    assert evening.roll()["101"] == ("number", 0)
    correcting.take_back(session, key, evening.last(), "不是他", admin, LATER)
    assert evening.roll()["101"] == ("number", 40)
    correcting.take_off(session, key, evening.id(101), "别人用了他的卡", admin, LATER)
    assert set(evening.roll()) == {"102", "103"}
    correcting.count_heads(session, key, 1, "数错了", admin, LATER)
    assert (evening.row.head_count, evening.row.head_count_seen) == (1, 5)
    assert evening.row.doubts == "fewer_counted"
    correcting.count_heads(session, key, 2, "又数了一遍", admin, LATER)
    assert (evening.row.doubts, evening.row.guests) == ("", 0)


def test_a_guest_who_has_a_name_is_one_guest_less_and_one_more_who_came(session: Session, evening: Evening) -> None:
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != evening.station.id)
    visitor, county = add_member(session, other.id, "何大山", "777"), person(session, Role.COUNTY_STAFF)
    assert (evening.row.present, evening.row.guests) == (1, 4)
    correcting.name_guest(session, evening.key, str(visitor.id), "从邻村来", county, LATER)
    assert (evening.row.present, evening.row.guests, evening.row.head_count) == (2, 3, 5)
    with pytest.raises(Conflict):
        correcting.name_guest(session, evening.key, str(visitor.id), "又一次", county, LATER)
    with pytest.raises(NotFound):
        correcting.name_guest(session, evening.key, str(visitor.id), "不归他管", evening.admin, LATER)
    correcting.count_heads(session, evening.key, 2, "数错了", county, LATER)
    with pytest.raises(Conflict):
        correcting.name_guest(session, evening.key, evening.id(104), "没有人了", county, LATER)


def test_a_paper_roll_is_kept_whole_or_not_at_all(session: Session, evening: Evening) -> None:
    admin, key = evening.admin, evening.key
    before = evening.state()
    with pytest.raises(Rejected) as refused:
        correcting.keep_sheet(session, key, "102\n999\n103", "停电", admin, LATER)
    assert "999" in str(refused.value.sentence)
    assert evening.state() == before
    assert evening.last() == 0
    assert correcting.keep_sheet(session, key, "101 102\n103，103\n", "停电", admin, LATER) == 2
    assert evening.roll() == {"101": ("number", 40), "102": ("paper", 40), "103": ("paper", 40)}
    assert correcting.keep_sheet(session, key, "101 102", "停电", admin, LATER) == 0
    correcting.take_off(session, key, evening.id(103), "不是他的签名", admin, LATER)
    assert correcting.take_back(session, key, 1, "整张作废", admin, LATER) == 2
    assert set(evening.roll()) == {"101"}
    with pytest.raises(Conflict):
        correcting.take_back(session, key, 2, "又一次", admin, LATER)


def test_a_box_that_reports_late_finds_its_people_on_the_paper_roll(session: Session, evening: Evening) -> None:
    correcting.keep_sheet(session, evening.key, "102 103", "停电", evening.admin, LATER)
    evening.report(SignedIn(airing=AIRING, lesson=LESSON, member=evening.id(102), method=SignInMethod.CARD))
    assert evening.roll()["102"] == ("card", 40)
    assert (evening.row.present, evening.row.present_seen) == (3, 2)
    derived = evening.state()
    rebuild(session)
    assert evening.state() == derived


@pytest.mark.parametrize(
    ("refused", "act"),
    [
        (Rejected, lambda e: correcting.add_member(e.session, e.key, "102", "  ", e.admin, LATER)),
        (Rejected, lambda e: correcting.add_member(e.session, e.key, "999", "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.add_member(e.session, e.key, "１０２", "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.add_member(e.session, e.key, "102", "w", e.admin, LATER, minutes=(9, 9))),
        (Rejected, lambda e: correcting.add_member(e.session, e.key, "102", "w", e.admin, LATER, minutes=(0, 721))),
        (Conflict, lambda e: correcting.add_member(e.session, e.key, "101", "w", e.admin, LATER)),
        (NotFound, lambda e: correcting.take_off(e.session, e.key, e.id(102), "w", e.admin, LATER)),
        (NotFound, lambda e: correcting.left_early(e.session, e.key, e.id(102), 5, "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.left_early(e.session, e.key, e.id(101), 0, "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.left_early(e.session, e.key, e.id(101), None, "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.count_heads(e.session, e.key, None, "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.count_heads(e.session, e.key, 2001, "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.keep_sheet(e.session, e.key, " \n", "w", e.admin, LATER)),
        (Rejected, lambda e: correcting.keep_sheet(e.session, e.key, "102 " * 501, "w", e.admin, LATER)),
        (NotFound, lambda e: correcting.name_guest(e.session, e.key, "no id", "w", e.admin, LATER)),
        (NotFound, lambda e: correcting.take_back(e.session, e.key, 1, "w", e.admin, LATER)),
        (NotFound, lambda e: correcting.add_member(e.session, ("x", e.key[1]), "102", "w", e.admin, LATER)),
        (NotFound, lambda e: correcting.hold_without_box(e.session, ("x", e.key[1]), "w", e.admin, LATER)),
        (Conflict, lambda e: correcting.hold_without_box(e.session, e.key, "w", e.admin, LATER)),
    ],
)
def test_what_is_wrong_is_refused_and_changes_nothing(
    evening: Evening, refused: type[Refusal], act: Callable[[Evening], object]
) -> None:
    before, marks = evening.state(), evening.session.scalar(select(func.count()).select_from(StaleDay))
    with pytest.raises(refused):
        act(evening)
    assert evening.state() == before
    assert evening.last() == 0
    assert evening.session.scalar(select(func.count()).select_from(StaleDay)) == marks


def test_what_no_keyboard_types_is_left_out_of_a_reason(session: Session, evening: Evening) -> None:
    correcting.count_heads(session, evening.key, 6, " 又数\0了\n一遍\u202e ", evening.admin, LATER)
    with pytest.raises(Rejected):
        correcting.count_heads(session, evening.key, 7, "\0\n", evening.admin, LATER)
    kept = session.scalars(select(CorrectionRow.reason).execution_options(populate_existing=True)).all()
    assert kept == ["又数了一遍"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(st.sampled_from("0123456789 \n,，、\0１a'%") | st.characters(), max_size=40))
def test_whatever_is_typed_into_a_sheet_is_kept_whole_or_refused_without_a_trace(
    evening: Evening, session: Session, typed: str
) -> None:
    lines, before, last = correcting.read_sheet(session, evening.key, typed), evening.state(), evening.last()
    wrong = [one for one in lines if one.member is None]
    try:
        new = correcting.keep_sheet(session, evening.key, typed, "w", evening.admin, LATER)
    except Rejected:
        assert wrong or not lines
        assert (evening.state(), evening.last()) == (before, last)
    else:
        assert not wrong
        assert {one.member.number for one in lines if one.member} <= set(evening.roll())
        assert evening.last() == last + new


def test_who_does_not_reach_the_village_corrects_nothing(session: Session, evening: Evening) -> None:
    for region in ("640202", "640221203206"):
        with pytest.raises(Forbidden):
            correcting.add_member(session, evening.key, "102", "w", person(session, Role.STATION_ADMIN, region), LATER)
    assert evening.last() == 0


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_corrections_taken_back_one_by_one_leave_the_record_of_the_facts(
    evening: Evening, session: Session, data: st.DataObject
) -> None:
    """Examples go on with one evening; one that was broken off is cleared away first."""
    _take_all_back(session, evening)
    before = evening.state()
    assert evening.roll() == {"101": ("number", 40)}
    for _step in range(data.draw(st.integers(1, 7))):
        _any_correction(evening, data, LATER)
    middle = evening.state()
    rebuild(session)
    assert evening.state() == middle
    _take_all_back(session, evening)
    assert evening.state() == before
    assert evening.row.corrected == 0
    refresh(session)
    assert rebuild_figures(session).differed == 0


def _any_correction(evening: Evening, data: st.DataObject, at: datetime) -> None:
    session, key, admin = evening.session, evening.key, evening.admin
    number, minute = data.draw(st.integers(101, 104)), data.draw(st.integers(0, 50))
    act: Callable[[], object] = data.draw(
        st.sampled_from(
            [
                lambda: correcting.add_member(session, key, str(number), "w", admin, at),
                lambda: correcting.add_member(session, key, str(number), "w", admin, at, minutes=(minute, 60)),
                lambda: correcting.take_off(session, key, evening.id(number), "w", admin, at),
                lambda: correcting.left_early(session, key, evening.id(number), minute, "w", admin, at),
                lambda: correcting.count_heads(session, key, minute, "w", admin, at),
                lambda: correcting.keep_sheet(session, key, f"{number} 101 104", "w", admin, at),
                lambda: correcting.take_back(session, key, max(1, evening.last()), "w", admin, at),
            ]
        )
    )
    try:
        act()
    except Refusal:
        session.flush()


def _take_all_back(session: Session, evening: Evening) -> None:
    for one in in_force(corrections_of(session, str(AIRING), evening.station.id)):
        try:
            correcting.take_back(session, evening.key, one.number, "全部取消", evening.admin, LATER)
        except Conflict:
            continue  # went with its sheet


def test_two_who_correct_at_once_lose_nothing(database: Database) -> None:
    """One looks at the session, the other adds somebody and is quicker: the first one's correction comes on top."""
    if database.engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer begin after the other has ended")
    with database.unit_of_work() as session:
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203")
        evening = Evening(session, next(one for one in stations.stations_in(session, VILLAGE)))
        key, first = evening.key, evening.id(101)
    with database.unit_of_work() as slow:
        seen = slow.get_one(SessionRow, key)
        assert seen.present == 1
        with database.unit_of_work() as quick:
            correcting.add_member(quick, key, "102", "也来了", evening.admin, LATER)
        correcting.take_off(slow, key, first, "不是他", evening.admin, LATER)
    with database.reader() as looking:
        row = looking.get_one(SessionRow, key)
        on_roll = looking.scalars(select(SignInRow.member_id)).all()
        numbers = looking.scalars(select(CorrectionRow.number).order_by(CorrectionRow.number)).all()
        assert (row.present, len(on_roll), row.corrected, list(numbers)) == (1, 1, 2, [1, 2])


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_sessions_of_before_say_that_nothing_was_corrected(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/old.db"
    else:
        url = create_postgres_database(str(request.getfixturevalue("postgres")), f"m{uuid4().hex}")
    migrate(url, "0013")
    station, engine = uuid4(), create_engine(url)
    at, key = NOW.replace(tzinfo=None) if kind == "sqlite" else NOW, station.hex if kind == "sqlite" else station
    with engine.begin() as old:
        old.execute(text("INSERT INTO regions (code, level, name) VALUES ('64', 'province', '宁夏')"))
        old.execute(
            text(
                "INSERT INTO stations (id, name, kind, place, region_code, join_address, stars, quota_minutes) "
                "VALUES (:id, '马场村', 'village', '', '64', '', 0, 0)"
            ),
            {"id": key},
        )
        old.execute(
            text(
                "INSERT INTO sessions (airing_id, station_id, region_code, lesson_id, lesson_title, course_title, "
                "planned_start, planned_ms, shown_ms, damaged_ms, complete, missed_reason, expected, present, "
                "head_count) VALUES ('a', :id, '64', 'l', '课', '课', :at, 1, 0, 0, true, '', 9, 7, 8)"
            ),
            {"id": key, "at": at},
        )
    engine.dispose()
    migrate(url, "0014")
    found = Database(url)
    names = (SessionRow.present_seen, SessionRow.head_count_seen, SessionRow.corrected, SessionRow.present)
    with found.reader() as session:
        assert session.execute(select(*names)).all() == [(7, 8, 0, 7)]
    found.engine.dispose()


def test_the_tables_are_those_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    ours = ("corrections", "sessions", "sign_ins")
    assert [one for one in found if any(f"'{name}'" in str(one) for name in ours)] == []

"""The board over real tables, on both databases: each fact on its way from the box's word to the verdict."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.audit import AuditEntry
from contentserver.boxes import Box, note_presence
from contentserver.boxes.models import Presence
from contentserver.courses import Lesson
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.kernel.ids import new_id
from contentserver.readiness import notes, refreshing, service, words
from contentserver.readiness.reasons import Light, Remedy
from contentserver.readiness.service import Board
from contentserver.stations import Station
from schedules.wire.messages import (
    PackageReport,
    PackageState,
)
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.readiness.conftest import COUNTY, SHELF, START, TOMORROW, TOWNSHIP, board, codes, only
from tests.contentserver.readiness.furnishing import (
    DAY,
    HOUR,
    MB,
    MINUTE,
    STORED,
    WAITING,
    add_box,
    add_lesson,
    air,
    fetching,
    report,
)


def test_a_box_that_has_everything_is_ready(session: Session, box: Box, lesson: Lesson) -> None:
    shown = board(session)
    assert shown.occasion
    assert (shown.occasion.start, shown.occasion.titles) == (START, ("土地延包政策问答",))
    assert [(row.box.id, row.verdict.light) for row in shown.rows] == [(box.id, Light.READY)]
    assert shown.boxes == 1


def test_without_an_airing_or_a_box_the_board_is_empty(session: Session, village: Station, editor: Person) -> None:
    assert board(session) == Board(None, (), (), (), 0)
    add_box(session, village, NOW)
    assert board(session) == Board(None, (), (), (), 1)


def test_the_next_airing_comes_first_and_an_unknown_moment_gives_it(
    session: Session, box: Box, editor: Person, signer: Signer, lesson: Lesson
) -> None:
    air(session, signer, editor, TOWNSHIP, lesson, TOMORROW + timedelta(days=1), NOW)
    for asked in (None, START + MINUTE):
        shown = board(session, moment=asked)
        assert shown.occasion
        assert shown.occasion.start == START
    assert [one.start for one in shown.coming] == [START, START + DAY]
    later = board(session, START + 2 * HOUR, None)
    assert later.occasion == later.coming[0]
    assert [one.start for one in later.past] == [START]


Change = Callable[[Session, Box, Lesson], object]


def _says(package: PackageReport | None = STORED, **changes: object) -> Change:
    def change(session: Session, box: Box, lesson: Lesson) -> object:
        held = {lesson.package_name or "": package} if package else {}
        return report(session, box, NOW + MINUTE, held, **changes)  # type: ignore[arg-type]

    return change


def _gone(hours: float) -> Change:
    def change(session: Session, box: Box, lesson: Lesson) -> object:
        note_presence(session, box, False, NOW)
        box.seen_at = NOW + MINUTE - hours * HOUR
        return None

    return change


@pytest.mark.parametrize(
    ("change", "light", "first"),
    [
        (_says(), Light.READY, None),
        (_says(fetching(45 * MB)), Light.AT_RISK, "Fetching"),
        (_says(fetching(45 * MB), kbps=4), Light.WILL_NOT_PLAY, "TooSlow"),
        (_says(fetching(45 * MB), free_bytes=40 * MB), Light.AT_RISK, "DiskFull"),
        (_says(WAITING), Light.AT_RISK, "Fetching"),
        (_says(None), Light.AT_RISK, "Fetching"),
        (_says(PackageReport(state=PackageState.REFUSED)), Light.WILL_NOT_PLAY, "Refused"),
        (_says(layers={}), Light.AT_RISK, "LayerMissing"),
        (_says(uncertainty_ms=None), Light.AT_RISK, "ClockUnsure"),
        (_says(at=NOW + HOUR), Light.AT_RISK, "ClockAhead"),
        (_gone(1), Light.READY, None),
        (_gone(30), Light.AT_RISK, "Silent"),
        (_gone(80), Light.WILL_NOT_PLAY, "Silent"),
    ],
)
def test_what_a_box_says_of_itself_decides(
    session: Session, box: Box, lesson: Lesson, change: Change, light: Light, first: str | None
) -> None:
    change(session, box, lesson)
    row = only(session, NOW + MINUTE)
    assert (row.verdict.light, codes(row)[:1]) == (light, [first] if first else [])


def test_a_newer_revision_that_is_not_stored_yet_puts_it_at_risk(
    session: Session, box: Box, lesson: Lesson, editor: Person, signer: Signer
) -> None:
    air(session, signer, editor, COUNTY, lesson, TOMORROW + timedelta(days=2), NOW)
    (reason,) = only(session).verdict.reasons
    assert (type(reason).__name__, reason.owner, reason.has, reason.newest) == (  # type: ignore[union-attr]
        "LayerBehind",
        "平罗县",
        1,
        2,
    )
    report(session, box, NOW + MINUTE, {lesson.package_name or "": STORED})
    assert only(session).verdict.light is Light.READY


def test_earlier_lessons_share_the_line_and_hold_it_up(
    session: Session, box: Box, lesson: Lesson, editor: Person, signer: Signer
) -> None:
    earlier = add_lesson(session, editor, "滩羊冬季补饲")
    air(session, signer, editor, TOWNSHIP, earlier, TOMORROW - timedelta(hours=2), NOW)
    alone, both = fetching(45 * MB), {lesson.package_name or "": fetching(45 * MB)}
    report(session, box, NOW + MINUTE, {**both, earlier.package_name or "": STORED}, kbps=600)
    quick = only(session).verdict.ready_by
    report(session, box, NOW + 2 * MINUTE, {**both, earlier.package_name or "": alone}, kbps=600)
    slow = only(session).verdict.ready_by
    assert quick == NOW + 10 * MINUTE
    assert slow == NOW + 20 * MINUTE
    report(session, box, NOW + 3 * MINUTE, both, kbps=600)
    assert only(session).verdict.ready_by == NOW + 20 * MINUTE


def test_a_power_cut_in_a_region_above_reaches_the_village_until_it_is_taken_out(
    session: Session, box: Box, editor: Person
) -> None:
    cut = service.add_power_cut(session, TOWNSHIP, START - HOUR, START + HOUR, "检修", editor, NOW)
    row = only(session)
    assert (row.verdict.light, codes(row)) == (Light.WILL_NOT_PLAY, ["PowerCutAnnounced"])
    assert Remedy.MOVE in row.verdict.remedies
    assert [(one.id, region.name) for one, region in service.power_cuts(session, VILLAGE, NOW)] == [(cut.id, "通伏乡")]
    assert service.power_cuts(session, "640202", NOW) == []
    service.remove_power_cut(session, cut.id, editor, NOW)
    service.remove_power_cut(session, cut.id, editor, NOW)
    assert only(session).verdict.light is Light.READY
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("power_cut"))).all()
    assert sorted(actions) == ["power_cut.added", "power_cut.removed"]


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (START, START, "cut_backwards"),
        (NOW - 2 * HOUR, NOW, "cut_over"),
        (NOW, NOW + timedelta(days=7, minutes=1), "cut_long"),
    ],
)
def test_a_power_cut_that_cannot_be_is_refused(
    session: Session, editor: Person, begins: datetime, ends: datetime, code: str
) -> None:
    with pytest.raises(Rejected) as refused:
        service.add_power_cut(session, COUNTY, begins, ends, "", editor, NOW)
    assert refused.value.code == code
    assert service.power_cuts(session, "", NOW - DAY) == []


def test_power_cuts_are_for_those_who_plan_in_their_own_region(session: Session, editor: Person) -> None:
    with pytest.raises(Forbidden):
        service.add_power_cut(session, "640202", START, START + HOUR, "", editor, NOW)
    staff = person(session, Role.COUNTY_STAFF, COUNTY)
    with pytest.raises(Forbidden):
        service.add_power_cut(session, COUNTY, START, START + HOUR, "", staff, NOW)
    cut = service.add_power_cut(session, COUNTY, START, START + HOUR, "", editor, NOW)
    with pytest.raises(Forbidden):
        service.remove_power_cut(session, cut.id, person(session, Role.SCHEDULER, "640202"), NOW)
    with pytest.raises(NotFound):
        service.remove_power_cut(session, new_id(), editor, NOW)


def test_a_box_that_is_usually_off_at_this_hour_is_at_risk_and_weekly_is_a_habit_too(
    session: Session, village: Station, lesson: Lesson
) -> None:
    box = add_box(session, village, NOW, on_every_evening=False)
    for presence in session.scalars(select(Presence)):
        session.delete(presence)
    for days in range(8, 0, -1):
        morning = START - days * DAY - 8 * HOUR
        session.add(Presence(box_id=box.id, since=morning, until=morning + HOUR))
    session.flush()
    report(session, box, NOW, {lesson.package_name or "": STORED})
    row = only(session)
    assert codes(row) == ["UsuallyOff"]
    assert (row.verdict.reasons[0].on_days, row.verdict.reasons[0].known_days) == (0, 7)  # type: ignore[union-attr]
    for weeks in (1, 2):
        evening = START - 7 * weeks * DAY
        session.add(Presence(box_id=box.id, since=evening - MINUTE, until=evening + HOUR))
    session.flush()
    assert only(session).verdict.light is Light.READY


def test_two_boxes_at_one_station_one_that_is_ready_is_enough(
    session: Session, box: Box, lesson: Lesson, village: Station
) -> None:
    second = add_box(session, village, NOW)
    report(session, second, NOW, {lesson.package_name or "": PackageReport(state=PackageState.REFUSED)})
    bad, good = board(session).rows
    assert (bad.box.id, bad.boxes, bad.covered) == (second.id, 2, True)
    assert (good.box.id, good.covered) == (box.id, False)
    assert service.to_tell(board(session).rows) == []


def test_a_box_that_was_imaged_anew_starts_from_nothing_and_one_that_was_moved_follows_its_new_place(
    session: Session, box: Box, lesson: Lesson, editor: Person, signer: Signer
) -> None:
    report(session, box, NOW + MINUTE, {}, epoch="e2", kbps=None)
    assert codes(only(session, NOW + MINUTE)) == ["Fetching"]
    with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
    stations.add_village_stations(session, "640202")
    elsewhere = stations.stations_in(session, "640202")[0]
    box.station_id = elsewhere.id
    session.flush()
    assert board(session).rows == ()
    other = person(session, Role.SCHEDULER, "640202")
    lesson.course.region_code = "6402"  # the city's, so that both counties may air it
    session.flush()
    air(session, signer, other, "640202", lesson, TOMORROW, NOW)
    (row,) = board(session, root="640202").rows
    assert codes(row) == ["Fetching", "LayerMissing"]


def test_lessons_that_the_box_has_are_offered_where_they_would_be_shown(
    session: Session, box: Box, lesson: Lesson, editor: Person
) -> None:
    short, long = add_lesson(session, editor, "看懂化验单", 30), add_lesson(session, editor, "一整天的课", 300)
    held = {one.package_name or "": STORED for one in (short, long)}
    report(session, box, NOW + MINUTE, {lesson.package_name or "": fetching(45 * MB), **held}, kbps=4)
    row = only(session)
    assert [one.title for one in service.substitutes(session, [row])[box.id]] == ["看懂化验单"]


def test_the_administrator_of_a_station_is_known_by_its_region(session: Session, box: Box) -> None:
    assert service.administrators(session, board(session).rows) == {}
    person(session, Role.STATION_ADMIN, VILLAGE, "赵站长")
    assert service.administrators(session, board(session).rows) == {VILLAGE: "赵*长"}


def test_a_box_that_reports_nonsense_spoils_the_board_for_nobody_else(
    session: Session, box: Box, lesson: Lesson, village: Station
) -> None:
    name = lesson.package_name or ""
    for nonsense in (
        PackageReport(state=PackageState.FETCHING, stored_bytes=-45, missing_bytes=45, wanted_bytes=-1),
        PackageReport(state=PackageState.FETCHING, stored_bytes=10**30, missing_bytes=10**30, wanted_bytes=10**30),
        PackageReport(state=PackageState.FETCHING, missing_bytes=-(10**30)),
    ):
        other = add_box(session, village, NOW)
        far = datetime(9999, 12, 31, tzinfo=UTC)
        report(session, other, NOW, {name: nonsense}, kbps=-1, uncertainty_ms=10**30, free_bytes=-1, at=far)
    with pytest.raises(Rejected):
        report(session, box, NOW, {}, at=NOW.replace(tzinfo=None))
    rows = board(session).rows
    assert [row.verdict.light for row in rows] == [Light.WILL_NOT_PLAY] * 3 + [Light.READY]
    assert all(words.headline(row.verdict, NOW) and words.outlook(row.verdict, "", NOW) for row in rows[:3])
    refreshing.refresh(session, SHELF, notes.keep, NOW)

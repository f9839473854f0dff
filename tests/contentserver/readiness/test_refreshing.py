"""What happens by itself each minute, and what stations are told, on both databases."""

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.boxes import Box, note_presence, refresh_desired
from contentserver.courses import Lesson
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import NotFound
from contentserver.readiness import notes, refreshing, service
from contentserver.readiness.models import StationNote
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import (
    Desired,
    PackageReport,
    PackageState,
)
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.readiness.conftest import COUNTY, SHELF, START, board, only
from tests.contentserver.readiness.furnishing import (
    HOUR,
    MB,
    MINUTE,
    STORED,
    add_box,
    fetching,
    report,
)


def refresh(session: Session, now: datetime = NOW) -> int:
    return refreshing.refresh(session, SHELF, notes.keep, now)


def wanted(session: Session, box: Box, signer: Signer) -> dict[PackageName, str]:
    refresh_desired(session, box, signer)
    return Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired).renditions


def test_a_smaller_rendition_is_wanted_where_the_best_would_come_too_late_and_no_longer_when_it_is_over(
    session: Session, box: Box, lesson: Lesson, signer: Signer
) -> None:
    name = PackageName(lesson.package_name or "")
    hours = (START - NOW) / HOUR
    just_too_slow = int(300 * MB * 8 / 1000 / (hours * 3600)) - 1
    report(session, box, NOW + MINUTE, {name: fetching(45 * MB, wanted=345 * MB)}, kbps=just_too_slow)
    assert refresh(session) == 1
    assert refresh(session) == 0
    assert wanted(session, box, signer) == {name: "360p"}
    assert only(session).box.limits == {name: "360p"}
    report(session, box, NOW + 2 * MINUTE, {name: fetching(45 * MB, wanted=45 * MB)}, kbps=10 * just_too_slow)
    assert refresh(session) == 1
    assert wanted(session, box, signer) == {}
    report(session, box, NOW + 3 * MINUTE, {name: fetching(45 * MB, wanted=345 * MB)}, kbps=just_too_slow)
    refresh(session)
    assert refresh(session, START + HOUR) == 1
    assert wanted(session, box, signer) == {}


def test_a_wish_stands_while_the_box_is_away(session: Session, box: Box, lesson: Lesson, signer: Signer) -> None:
    name = PackageName(lesson.package_name or "")
    report(session, box, NOW + MINUTE, {name: fetching(45 * MB, wanted=345 * MB)}, kbps=5)
    refresh(session)
    note_presence(session, box, False, NOW + 2 * MINUTE)
    assert refresh(session, NOW + 3 * MINUTE) == 0
    assert wanted(session, box, signer) == {name: "360p"}


def test_a_station_is_told_once_of_each_reason_within_a_day_of_the_start(
    session: Session, box: Box, lesson: Lesson
) -> None:
    report(session, box, NOW + MINUTE, {lesson.package_name or "": PackageReport(state=PackageState.REFUSED)})
    refresh(session, START - 25 * HOUR)
    assert notes.open_notes(session, COUNTY, NOW) == []
    for minutes in (0, 1, 60):
        refresh(session, NOW + minutes * MINUTE)
    (note,) = notes.open_notes(session, VILLAGE, NOW)
    assert (note.lesson_title, note.airing_start, type(note.reason).__name__) == ("土地延包政策问答", START, "Refused")
    box.online, box.seen_at = False, NOW - 70 * HOUR
    session.flush()
    refresh(session, NOW + 2 * HOUR)
    assert [type(one.reason).__name__ for one in notes.open_notes(session, COUNTY, NOW)] == ["Refused", "Silent"]
    assert notes.open_notes(session, "640202", NOW) == []
    assert notes.open_notes(session, COUNTY, START) == []


def test_nobody_is_told_of_what_mends_itself_or_where_another_box_is_ready(
    session: Session, box: Box, lesson: Lesson, village: Station
) -> None:
    report(session, box, NOW + MINUTE, {lesson.package_name or "": fetching(45 * MB)})
    refresh(session)
    second = add_box(session, village, NOW)
    report(session, second, NOW, {lesson.package_name or "": PackageReport(state=PackageState.REFUSED)})
    report(session, box, NOW + 2 * MINUTE, {lesson.package_name or "": STORED})
    refresh(session)
    assert session.scalars(select(StationNote)).all() == []


def test_what_somebody_has_told_is_told_once_and_read_once(session: Session, box: Box, lesson: Lesson) -> None:
    report(session, box, NOW + MINUTE, {lesson.package_name or "": PackageReport(state=PackageState.REFUSED)})
    staff, keeper = person(session, Role.COUNTY_STAFF, COUNTY), person(session, Role.STATION_ADMIN, VILLAGE)
    assert service.may_tell(staff)
    assert not service.may_tell(keeper)
    tellings = service.to_tell(board(session).rows)
    assert notes.tell_all(session, tellings, notes.keep, staff, NOW) == (1, 0)
    assert notes.tell_all(session, tellings, notes.keep, staff, NOW) == (0, 1)
    (note,) = notes.open_notes(session, VILLAGE, NOW, box.station_id)
    told = only(session).told
    assert told
    assert told.id == note.id
    with pytest.raises(NotFound):
        notes.mark_read(session, note.id, person(session, Role.STATION_ADMIN, "640202"), NOW)
    notes.mark_read(session, note.id, keeper, NOW + MINUTE)
    notes.mark_read(session, note.id, staff, NOW + HOUR)
    assert notes.open_notes(session, VILLAGE, NOW) == []
    read = only(session).told
    assert read
    assert (read.delivered_at, read.delivered_by) == (NOW + MINUTE, keeper.display_name)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.account_id.in_([staff.id, keeper.id]))).all()
    assert sorted(actions) == ["note.read", "stations.told"]

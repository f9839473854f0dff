"""Recordings from the server's own disk: by command and from a watched folder, on both databases; none comes twice."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.courses import quotas, service
from contentserver.courses.importing import Intake, on_command_line
from contentserver.courses.models import Course, Lesson
from contentserver.courses.rules import LessonState
from contentserver.courses.uploads import Uploads
from contentserver.courses.watching import STILL_S, Watch
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from tests.contentserver.conftest import NOW, person

MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
COUNTY = "640221"


@pytest.fixture
def intake(database: Database, tmp_path: Path) -> Intake:
    (tmp_path / "uploads").mkdir()
    with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        who = person(session, Role.SCHEDULER)
        service.add_course(session, title="施肥", subject="", audience="", region_code=COUNTY, who=who, now=NOW)
        outside = person(session, Role.SCHEDULER, "640202")
        service.add_course(session, title="外县", subject="", audience="", region_code="640202", who=outside, now=NOW)
    uploads = Uploads(tmp_path / "uploads", 10**9, lambda: str(who.id))
    return Intake(database=database, uploads=uploads, max_bytes=10_000, usual_quota=10**9, who=who)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "课程"
    (made / "下").mkdir(parents=True)
    (made / "01 取土样.mp4").write_bytes(MP4 + b"1")
    (made / "01 取土样.en.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nSoil\n")
    (made / "下" / "02 化验单.mp4").write_bytes(MP4 + b"2")
    (made / "03 网页.mp4").write_bytes(b"<html>")
    (made / "04 太大.mp4").write_bytes(MP4 + bytes(20_000))
    (made / "说明.docx").write_bytes(b"PK")
    (made / "05 秘密.mp4").symlink_to("/etc/passwd")
    return made


def lessons(intake: Intake) -> list[tuple[int, str, list[str]]]:
    with intake.database.reader() as session:
        found = session.scalars(select(Lesson).order_by(Lesson.number))
        return [
            (one.number, one.title, [file.language for file in one.transcode.files] if one.transcode else [])
            for one in found
        ]


def test_a_folder_becomes_lessons_row_by_row_and_nothing_twice(intake: Intake, folder: Path) -> None:
    tried = on_command_line(intake, folder, "施肥", dry=True)
    assert "Nothing was changed" in tried
    assert lessons(intake) == []
    assert list(intake.uploads.folder.glob("kept-*")) == []
    told = on_command_line(intake, folder, "施肥", dry=False)
    assert "01 取土样.mp4: made: 1 取土样 with captions en" in told
    assert "03 网页.mp4: refused" in told
    assert "04 太大.mp4: refused" in told
    assert "说明.docx: no recording" in told
    assert "秘密" not in told
    assert told.endswith("2 made, 2 refused.")
    assert lessons(intake) == [(1, "取土样", ["en"]), (2, "化验单", [])]
    (folder / "01 取土样.mp4").rename(folder / "09 换了名字.mp4")
    again = on_command_line(intake, folder, "施肥", dry=False)
    assert "09 换了名字.mp4: is there already: 1 取土样" in again
    assert len(lessons(intake)) == 2
    with intake.database.reader() as session:
        row = session.scalars(select(Lesson).where(Lesson.number == 2)).one()
        assert (row.state, row.uploader_id) == (LessonState.TRANSCODING, intake.who.id)
        assert row.transcode is not None
        assert (intake.uploads.folder / row.transcode.source).read_bytes() == MP4 + b"2"


def test_an_import_that_broke_off_goes_on(intake: Intake, folder: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "01 取土样.mp4").write_bytes(MP4 + b"1")
    on_command_line(intake, first, "施肥", dry=False)
    for left in intake.uploads.folder.glob("kept-*"):
        left.with_name(f"{left.name}.part").write_bytes(b"half")
    assert "1 made, 1 is there already, 2 refused" in on_command_line(intake, folder, "施肥", dry=False)
    assert [number for number, _title, _files in lessons(intake)] == [1, 2]


def test_a_number_that_is_taken_is_refused_and_the_others_come(intake: Intake, tmp_path: Path) -> None:
    for name, mark in (("01 a", b"a"), ("01 b", b"b"), ("c", b"c")):
        (tmp_path / "heap").mkdir(exist_ok=True)
        (tmp_path / "heap" / f"{name}.mp4").write_bytes(MP4 + mark)
    assert on_command_line(intake, tmp_path / "heap", "施肥", dry=False).endswith("2 made, 1 refused.")
    assert lessons(intake) == [(1, "a", []), (2, "c", [])]


def test_what_is_wrong_is_said_before_anything_is_done(intake: Intake, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        on_command_line(intake, folder, "没有这门课", dry=False)
    with pytest.raises(Forbidden):
        on_command_line(intake, folder, "外县", dry=False)
    with pytest.raises(Rejected):
        on_command_line(intake, tmp_path / "nowhere", "施肥", dry=False)
    with pytest.raises(Rejected):
        on_command_line(intake, tmp_path / "uploads", "施肥", dry=False)
    assert lessons(intake) == []


def test_a_full_region_takes_nothing_more(intake: Intake, tmp_path: Path) -> None:
    with intake.database.unit_of_work() as session:
        quotas.set_limit(session, COUNTY[:4], 10**9, intake.who, NOW)
        course = session.scalars(select(Course).where(Course.title == "施肥")).one()
        session.add(
            Lesson(
                course_id=course.id,
                number=50,
                title="满",
                state=LessonState.APPROVED,
                uploader_id=intake.who.id,
                created_at=NOW,
                package_bytes=10**9 - 20,
            )
        )
    with intake.database.reader() as session:
        found = quotas.room(session, intake.uploads, COUNTY, 10**12)
        assert (found.region_code, found.left, found.own) == (COUNTY[:4], 20, True)
    (tmp_path / "heap").mkdir()
    (tmp_path / "heap" / "01 a.mp4").write_bytes(MP4)
    told = on_command_line(intake, tmp_path / "heap", "施肥", dry=False)
    assert told.endswith("1 refused.")
    assert "GB" in told


@contextmanager
def old(*files: Path) -> Iterator[None]:
    """As if they had been copied some minutes ago."""
    yield
    then = clock.now().timestamp() - 3 * STILL_S
    for file in files:
        os.utime(file, (then, then))


def test_a_watched_folder_takes_what_is_whole_and_says_why_it_refuses(intake: Intake, tmp_path: Path) -> None:
    root = tmp_path / "watched"
    course, unknown = root / "施肥", root / "没有这门课"
    course.mkdir(parents=True)
    unknown.mkdir()
    watch = Watch(root, lambda: intake)
    good, bad, note = course / "01 取土样.mp4", course / "02 网页.mp4", course / "说明.docx"
    stray = unknown / "01 a.mp4"
    with old(good, bad, note, stray):
        good.write_bytes(MP4 + b"1")
        bad.write_bytes(b"<html>")
        note.write_bytes(b"PK")
        stray.write_bytes(MP4 + b"3")
    assert watch.look() == 0, "seen for the first time: it may still grow"
    good.write_bytes(MP4 + b"12")
    assert watch.look() == 0, "it grew"
    assert watch.look() == 0, "it changed less than a minute ago"
    with old(good):
        pass
    assert watch.look() == 0
    assert watch.look() == 1
    assert lessons(intake) == [(1, "取土样", [])]
    assert {file.relative_to(course).as_posix() for file in course.rglob("*") if file.is_file()} == {
        "done/01 取土样.mp4",
        "refused/02 网页.mp4",
        "refused/02 网页.mp4.txt",
        "refused/说明.docx",
        "refused/说明.docx.txt",
    }
    assert (course / "refused/02 网页.mp4.txt").read_text().startswith("02 网页.mp4: ")
    assert (unknown / "no-course.txt").exists()
    assert stray.exists()
    with old(good):
        good.write_bytes(MP4 + b"12")
    watch.look()
    assert watch.look() == 0, "the same content is there already"
    assert (course / "done/01 取土样 (2).mp4").exists()

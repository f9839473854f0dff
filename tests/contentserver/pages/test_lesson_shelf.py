"""A lesson's page when its package or its recording is not what it should be, and where the package has come to."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update

from contentserver.boxes import Box, accept_report
from contentserver.courses import Lesson, LessonState
from contentserver.courses.models import Transcode
from contentserver.courses.rules import TranscodeState
from media_pipeline.transcode import Package
from schedules.airings import PackageName
from schedules.wire.messages import PackageReport, PackageState, Reported
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Office, Watched
from tests.contentserver.pages.looks import read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("pages")
GONE = "sha256-" + "9" * 64
RECORDING = "kept-of-the-lost-one"


@pytest.fixture
def recording(office: Office) -> Iterator[Path]:
    file = office.services.settings.uploads_dir / RECORDING
    file.write_bytes(b"a recording")
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture
def lesson(office: Office) -> Iterator[UUID]:
    """It waits for review; its package is not on the disk, its recording only where a test puts it."""
    with office.services.database.unit_of_work() as session:
        model = session.get_one(Lesson, UUID(office.waiting_lesson))
        taken = max(session.scalars(select(Lesson.number).where(Lesson.course_id == model.course_id)))
        made = Lesson(
            course_id=model.course_id,
            number=taken + 1,
            title="没有了的课",
            state=LessonState.IN_REVIEW,
            uploader_id=model.uploader_id,
            created_at=datetime.now(UTC),
            package_name=GONE,
            duration_ms=14_000,
            package_bytes=5,
        )
        made.transcode = Transcode(source=RECORDING, state=TranscodeState.DONE, created_at=datetime.now(UTC))
        session.add(made)
        session.flush()
    yield made.id
    rmtree(office.services.store.folder / GONE, ignore_errors=True)
    with office.services.database.unit_of_work() as session:
        session.execute(update(Lesson).where(Lesson.id == made.id).values(state=LessonState.WITHDRAWN))
        session.execute(update(Transcode).where(Transcode.lesson_id == made.id).values(state=TranscodeState.CANCELLED))


def state_of(office: Office, lesson: UUID) -> tuple[str, int, str | None]:
    with office.services.database.reader() as session:
        found = session.get_one(Lesson, lesson)
        return found.state, found.version, found.package_name


def approve(watched: Watched, lesson: UUID) -> int:
    """Post the decision as the signed-in person."""
    page = watched.page
    form: dict[str, str | float | bool] = {
        "csrf_token": page.get_attribute("meta[name=csrf-token]", "content") or "",
        "version": "1",
        "tick": "content",
    }
    return page.request.post(f"{watched.office.url}/lessons/{lesson}/approve", form=form).status


def test_a_lost_package_is_told_in_words_and_its_recording_is_prepared_again(
    watched: Watched, lesson: UUID, recording: Path
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    assert watched.go(f"/lessons/{lesson}") == 200
    read_in(page)
    told = page.locator("section.package-lost")
    expect(told).to_contain_text("missing on the server")
    expect(told).to_contain_text("backup")
    expect(told).to_contain_text(GONE)
    expect(told).to_contain_text("The recording is still on the server")
    assert page.locator("video").count() == 0
    assert serious(page) == []
    told.get_by_role("button", name="Prepare again").press("Enter")
    expect(page.locator(".chip")).to_have_text("Being prepared")
    assert state_of(office, lesson) == (LessonState.TRANSCODING, 1, None)
    assert recording.exists()


def test_a_lost_package_without_its_recording_asks_for_another_one(watched: Watched, lesson: UUID) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/lessons/{lesson}")
    read_in(page)
    told = page.locator("section.package-lost")
    expect(told).to_contain_text("it has to be brought again")
    assert told.get_by_role("button").count() == 0
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = page.request.post(f"{office.url}/lessons/{lesson}/retry", form={"csrf_token": token})
    assert answer.status == 409
    told.get_by_role("link", name="Bring the recording again").press("Enter")
    page.wait_for_url("**/recording")
    assert state_of(office, lesson) == (LessonState.IN_REVIEW, 1, GONE)


def test_nobody_approves_what_cannot_be_watched_until_it_is_back(
    watched: Watched, lesson: UUID, package: tuple[Path, Package]
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("ma")
    assert watched.go("/review") == 200
    assert watched.go(f"/lessons/{lesson}") == 200
    assert page.locator("form[action$='/approve']").count() == 0
    assert approve(watched, lesson) == 409
    assert state_of(office, lesson) == (LessonState.IN_REVIEW, 1, GONE)
    (office.services.store.folder / GONE).symlink_to(package[1].path)
    try:
        watched.go(f"/lessons/{lesson}")
        assert page.locator("section.package-lost").count() == 0
        expect(page.locator("form[action$='/approve']")).to_have_count(1)
    finally:
        (office.services.store.folder / GONE).unlink()


def test_of_an_approved_lesson_the_page_says_to_withdraw_it_first_and_a_damaged_package_is_told_as_such(
    watched: Watched, lesson: UUID, recording: Path
) -> None:
    page, office = watched.page, watched.office
    with office.services.database.unit_of_work() as session:
        session.execute(update(Lesson).where(Lesson.id == lesson).values(state=LessonState.APPROVED))
    folder = office.services.store.folder / GONE
    folder.mkdir()
    (folder / "manifest.json").write_text("{half")
    watched.sign_in("li")
    assert watched.go(f"/lessons/{lesson}") == 200
    read_in(page)
    expect(page.locator("section.package-lost")).to_contain_text("is damaged on the server")
    expect(page.locator("section.package-lost")).to_contain_text("has to withdraw the lesson first")
    assert page.locator("section.package-lost").get_by_role("button").count() == 0
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    assert page.request.post(f"{office.url}/lessons/{lesson}/retry", form={"csrf_token": token}).status == 409
    assert state_of(office, lesson) == (LessonState.APPROVED, 1, GONE)
    assert recording.exists()


def test_a_recording_that_is_not_what_was_sent_can_only_be_brought_again(watched: Watched, lesson: UUID) -> None:
    page, office = watched.page, watched.office
    with office.services.database.unit_of_work() as session:  # what the worker finds is tested elsewhere
        found = session.get_one(Lesson, lesson)
        assert found.transcode is not None
        found.state, found.package_name = LessonState.FAILED, None
        found.transcode.state, found.transcode.error_code = TranscodeState.FAILED, "checksum_wrong"
    watched.sign_in("li")
    watched.go(f"/lessons/{lesson}")
    read_in(page)
    expect(page.locator(".video-place")).to_contain_text("What arrived is not what was sent")
    assert page.locator("form[action$='/retry']").count() == 0
    page.get_by_role("link", name="Bring another recording").press("Enter")
    page.wait_for_url("**/recording")


def test_how_many_stations_have_which_rendition_is_told_for_the_viewers_region(
    watched: Watched, package: tuple[Path, Package]
) -> None:
    page, office = watched.page, watched.office
    best = package[1].manifest.renditions[0].name
    held = PackageReport(state=PackageState.STORED, playable=True, rendition=best)
    now = datetime.now(UTC)
    with office.services.database.unit_of_work() as session:
        box = session.scalars(select(Box).order_by(Box.id)).first()
        assert box is not None
        before = box.reported, box.reported_at
        packages = {PackageName(package[1].name): held}
        accept_report(session, box, Reported(box=BoxId(box.id), epoch="first", at=now, packages=packages), now)
    try:
        watched.sign_in("wang")
        watched.go(f"/lessons/{office.lesson}")
        read_in(page)
        rows = page.locator("table.holdings tbody tr")
        expect(rows.first).to_contain_text(re.compile(r"(?<!\d)1 of \d+ station"))  # other tests have left televisions
        coming = rows.filter(has_text="Not yet there")
        expect(coming).to_contain_text(re.compile(r"(?<!\d)0 of \d+ station"))
        assert rows.first.locator("meter").get_attribute("value") == "1"
        assert serious(page) == []
    finally:
        with office.services.database.unit_of_work() as session:
            restored = session.get_one(Box, box.id)
            restored.reported, restored.reported_at = before

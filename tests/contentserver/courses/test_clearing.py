"""Which recordings are cleared away, and when; half-made packages beside them."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.courses import service
from contentserver.courses.clearing import FORM_OPEN, clear_recordings
from contentserver.courses.jobs import TranscodeJobs
from contentserver.courses.models import ApprovalRecord, Lesson
from contentserver.courses.rules import FileKind, LessonState
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Database
from contentserver.kernel.jobs import make_queue
from media_pipeline.folder import KEPT_S
from schedules.wire.signing import Signer
from tests.contentserver.conftest import person

KEEP = timedelta(days=30)
NAMES = ("old", "old-captions", "young", "waiting", "withdrawn")


@pytest.fixture
def uploads(database: Database, tmp_path: Path, signer: Signer) -> Path:
    """Recordings of lessons approved long ago, just now, and not yet; one that nobody made a lesson of."""
    now = clock.now()
    approved = {"old": KEEP, "withdrawn": KEEP, "young": KEEP - timedelta(hours=1), "waiting": None}
    with database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        editor, reviewer = person(session, Role.SCHEDULER), person(session, Role.REVIEWER)
        course = service.add_course(
            session, title="试播", subject="", audience="", region_code="640221", who=editor, now=now
        )
        for name, ago in approved.items():
            files = [(FileKind.CAPTIONS, "kept-old-captions", "zh")] if name == "old" else []
            lesson = service.add_lesson(
                session,
                course=course,
                title=name,
                summary="",
                source=f"kept-{name}",
                who=editor,
                now=now,
                files=files,
            )
            if ago is not None:
                lesson.state, lesson.package_name = LessonState.IN_REVIEW, "x"
                service.approve(session, lesson=lesson, who=reviewer, signer=signer, now=now - ago)
        session.flush()
        session.scalars(select(Lesson).where(Lesson.title == "withdrawn")).one().state = LessonState.WITHDRAWN
        assert len(session.scalars(select(ApprovalRecord)).all()) == 3
    folder = tmp_path / "uploads"
    folder.mkdir()
    for name in ("kept-" + name for name in (*NAMES, "orphan")):
        (folder / name).write_bytes(b"x")
    (folder / "0123").write_bytes(b"an upload on its way")
    return folder


def test_recordings_go_when_their_lesson_has_long_been_approved(database: Database, uploads: Path) -> None:
    clear_recordings(database, uploads, KEEP, clock.now())
    assert left(uploads) == {"0123", "kept-young", "kept-waiting", "kept-orphan"}
    clear_recordings(database, uploads, KEEP, clock.now() + FORM_OPEN)
    assert left(uploads) == {"0123", "kept-waiting"}


@pytest.mark.parametrize("keep", [KEEP, None])
def test_the_periodic_job_clears_recordings_and_half_made_packages(
    database: Database, uploads: Path, tmp_path: Path, keep: timedelta | None
) -> None:
    packages = tmp_path / "packages"
    for name, age_s in (("old", KEPT_S + 60), ("young", 60)):
        half = packages / f".making-{name}"
        half.mkdir(parents=True)
        os.utime(half, (clock.now().timestamp() - age_s,) * 2)
    jobs = TranscodeJobs(make_queue("", tmp_path / "jobs.db"), database, uploads, packages, keep_recordings=keep)
    jobs.clear_away()
    assert left(packages) == {".making-young"}
    assert ("kept-old" in left(uploads)) == (keep is None)


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}

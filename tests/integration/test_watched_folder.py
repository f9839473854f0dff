"""A folder watched by a real worker: what is put there while it runs becomes a lesson with its package."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services
from contentserver.courses import Course, Lesson, LessonState, service
from contentserver.kernel.auth import Role
from media_pipeline.verify import verify_package
from tests import processes
from tests.contentserver.conftest import NOW, person
from tests.demo.stack import ROOT, wait_until
from tests.media_pipeline.conftest import film
from tests.serving import SECRET, services_in

pytestmark = [pytest.mark.long, pytest.mark.timeout(600), pytest.mark.xdist_group("workers")]
LOOKS_S = 420
"""A worker looks each minute, and twice before it takes anything; a busy machine takes its time."""
LONG_AGO = 1_700_000_000


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """A server with one course, and somebody who brings recordings for it."""
    found = services_in(tmp_path)
    with found.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        who = person(session, Role.SCHEDULER, name="li")
        service.add_course(
            session, title="测土配方施肥", subject="", audience="", region_code="640221", who=who, now=NOW
        )
    yield found
    found.database.engine.dispose()
    found.queue.storage.close()


def worker(services: Services, watched: Path) -> "subprocess.Popen[bytes]":
    """As an operator starts it."""
    settings = services.settings
    environment = {
        "YUANJIAO_SECRET_KEY": SECRET,
        "YUANJIAO_DATABASE_URL": settings.database_url,
        "YUANJIAO_DATA_DIR": str(settings.data_dir),
        "YUANJIAO_BROKER_PASSWORD": settings.broker_password,
        "YUANJIAO_SIGNING_KEY_FILE": str(settings.signing_key_file),
        "YUANJIAO_SECOND_FACTOR": "off",
        "YUANJIAO_WATCH_DIR": str(watched),
        "YUANJIAO_WATCH_BY": "li",
    }
    argv = [sys.executable, "-m", "contentserver", "worker", "--encoders", "1"]
    with (watched.parent / "worker.log").open("wb") as log:
        return subprocess.Popen(argv, cwd=ROOT, env={**os.environ, **environment}, stdout=log, stderr=log)


def test_what_is_put_there_while_the_worker_runs_becomes_a_lesson(services: Services, tmp_path: Path) -> None:
    watched, log = tmp_path / "watched", tmp_path / "worker.log"
    stray, course = watched / "没有这门课", watched / "测土配方施肥"
    with processes.ending(worker(services, watched)) as running:

        def looked() -> bool:
            assert running.poll() is None, log.read_text()[-2000:]
            return b"watch.missing" in log.read_bytes()

        wait_until(looked, f"the worker looks for the folder; its log is {log}", LOOKS_S, 0.5)
        for folder in (course, stray):
            folder.mkdir(parents=True)
        (stray / "01 谁的.mp4").write_bytes(b"whose")
        film(course / "03 看懂化验单.mp4", seconds=2, size="320x180")
        (course / "03 看懂化验单.srt").write_text("1\n00:00:00,000 --> 00:00:01,500\n缺哪样补哪样\n", encoding="utf-8")
        (course / "04 网页.mp4").write_text("<html>")
        for file in watched.rglob("*.*"):
            os.utime(file, (LONG_AGO, LONG_AGO))  # copied with their times kept

        def prepared() -> bool:
            assert running.poll() is None, log.read_text()[-2000:]
            with services.database.reader() as session:
                return session.scalars(select(Lesson.state)).all() == [LessonState.IN_REVIEW]

        wait_until(prepared, f"the lesson's package; the worker's log is {log}", LOOKS_S, 0.5)
    with services.database.reader() as session:
        lesson = session.scalars(select(Lesson).join(Course).where(Course.title == course.name)).one()
        assert (lesson.number, lesson.title) == (3, "看懂化验单")
        assert lesson.package_name is not None
        package = services.store.folder / lesson.package_name
        assert [track.language for track in services.store.manifest(lesson.package_name).captions] == ["zh"]
    assert verify_package(package) == ()
    left = {file.relative_to(watched).as_posix() for file in watched.rglob("*") if file.is_file()}
    assert left == {
        "测土配方施肥/done/03 看懂化验单.mp4",
        "测土配方施肥/done/03 看懂化验单.srt",
        "测土配方施肥/refused/04 网页.mp4",
        "测土配方施肥/refused/04 网页.mp4.txt",
        "没有这门课/01 谁的.mp4",
        "没有这门课/no-course.txt",
    }

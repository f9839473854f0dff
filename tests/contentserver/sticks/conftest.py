"""A county with two lessons whose packages are really there, and a village whose box has no line."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from contentserver.adapters.package_store import FolderStore
from contentserver.boxes import Box, BoxStation
from contentserver.courses import Lesson, LessonState
from contentserver.courses import service as courses
from contentserver.deploy.authority import new_journal_key
from contentserver.kernel.auth import Person, Role
from contentserver.stations import Station
from media_pipeline.manifest import encode_manifest, package_name
from schedules.airings import PackageName
from schedules.wire.signing import Signer, new_private_jwk
from tests.contentserver.conftest import NOW, person
from tests.contentserver.readiness.furnishing import add_lesson, air
from tests.tvclient.packing import pack

COUNTY = "640221"
TOMORROW = datetime(2026, 11, 24, 19, 30)  # noqa: DTZ001  # wall-clock time; NOW is Monday, 19:00 in Shanghai


@dataclass(frozen=True)
class Post:
    """Everything that a stick travels between."""

    session: Session
    signer: Signer
    store: FolderStore
    station: Station
    box: Box
    box_key: Signer
    journal_key: str
    lessons: tuple[Lesson, Lesson]

    @property
    def packages(self) -> tuple[PackageName, PackageName]:
        first, second = (PackageName(lesson.package_name or "") for lesson in self.lessons)
        return first, second

    def administrator(self, region: str = "640221203205") -> Person:
        return person(self.session, Role.STATION_ADMIN, region)


@pytest.fixture
def post(session: Session, village: Station, signer: Signer, tmp_path: Path) -> Post:
    """The second lesson airs a day after the first."""
    editor, reviewer = person(session, Role.SCHEDULER, COUNTY), person(session, Role.REVIEWER, COUNTY)
    store = FolderStore(tmp_path / "packages", "secret", "")
    lessons = []
    for number, title in enumerate(("看懂化验单", "滩羊冬季补饲")):
        lesson = add_lesson(session, editor, title)
        lesson.package_name, lesson.state = _package(store, title), LessonState.IN_REVIEW
        courses.approve(session, lesson=lesson, who=reviewer, signer=signer, now=NOW)
        air(session, signer, editor, COUNTY, lesson, TOMORROW + timedelta(days=number), NOW)
        lessons.append(lesson)
    key = Signer(new_private_jwk())
    box = Box(
        station_id=village.id, public_key=key.public_jwk["x"], http_token_hash="the hash of a token", enrolled_at=NOW
    )
    session.add(box)
    session.flush()
    session.add(BoxStation(box_id=box.id, since=NOW, station_id=village.id))
    session.flush()
    return Post(session, signer, store, village, box, key, new_journal_key(), (lessons[0], lessons[1]))


def _package(store: FolderStore, seed: str) -> str:
    files, manifest = pack(seed.encode(), 2400, 4000, muxed=False)
    data = encode_manifest(manifest)
    name = package_name(data)
    for path, content in {**files, "manifest.json": data}.items():
        at = store.folder / name / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_bytes(content)
    return name

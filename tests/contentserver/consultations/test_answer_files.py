"""Files of an answer on their way to the television: named by the station's paper, and given to its boxes alone."""

import hashlib
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.app import create_app
from contentserver.boxes import Box
from contentserver.consultations import answering, keeping, lay_out, laying_out
from contentserver.consultations.keeping import Brought, FileKind
from contentserver.consultations.models import Case
from contentserver.kernel.auth import Role
from contentserver.kernel.ids import token_hash
from contentserver.stations import Station
from schedules.wire.codec import decode
from schedules.wire.messages import AnswerFile, AnswerFileKind, Problem
from tests.contentserver.conftest import NOW, person
from tests.contentserver.consultations.conftest import Room, expert
from tests.contentserver.consultations.test_green_channel import paper_of
from tests.serving import services_in

PHOTO = Brought(FileKind.PHOTO, "d" * 64, 1000)
VOICE = Brought(FileKind.VOICE, "e" * 64, 900)
HOUR = timedelta(hours=1)
MOST_PIXELS = 2048
"""Of a side, as `AnswerFileKind.PHOTO` promises to boxes."""


def test_the_card_names_the_files_of_the_newest_answer_and_none_of_the_question(session: Session, room: Room) -> None:
    who, case = expert(session), room.asks()
    answering.add_files(session, case, [Brought(FileKind.PHOTO, "a" * 64, 1)], NOW)
    assert paper_of(session, room.station).cases[0].files == ()
    answering.answer(session, case.id, "先看化验单。", "", [PHOTO], who, NOW + HOUR)
    before = paper_of(session, room.station)
    photo = AnswerFile(kind=AnswerFileKind.PHOTO, sha256=PHOTO.digest, bytes=1000)
    assert before.cases[0].files == (photo,)
    answering.answer(session, case.id, "再说一遍。", "", [VOICE, PHOTO], who, NOW + 2 * HOUR)
    after = paper_of(session, room.station)
    assert after.cases[0].files == (AnswerFile(kind=AnswerFileKind.VOICE, sha256=VOICE.digest, bytes=900), photo)
    assert after.version != before.version


def test_only_what_the_stations_own_paper_names_is_released(session: Session, room: Room) -> None:
    who, case = expert(session), room.asks()
    other = Station(name="别的站点", region_code=room.station.region_code, place="另一间屋")
    session.add(other)
    session.flush()
    answering.answer(session, case.id, "答", "", [PHOTO], who, NOW + HOUR)
    assert laying_out.released(session, room.station.id, PHOTO.digest) is None
    lay_out(session, NOW + HOUR)
    named = laying_out.released(session, room.station.id, PHOTO.digest)
    assert named == AnswerFile(kind=AnswerFileKind.PHOTO, sha256=PHOTO.digest, bytes=1000)
    assert laying_out.released(session, other.id, PHOTO.digest) is None
    assert laying_out.released(session, room.station.id, VOICE.digest) is None


def test_a_photograph_is_never_larger_than_a_box_decodes(tmp_path: Path) -> None:
    made = io.BytesIO()
    Image.new("RGB", (4000, 3000), "green").save(made, "JPEG")
    (kept,) = keeping.keep(tmp_path, [made.getvalue()])
    with Image.open(keeping.file_of(tmp_path, kept.kind, kept.digest)) as opened:
        assert opened.format == "JPEG"
        assert max(opened.size) == MOST_PIXELS


class Villages:
    """A server with two stations, each with a box; the first one's question was answered with a photograph."""

    def __init__(self, folder: Path) -> None:
        services = services_in(folder)
        made = io.BytesIO()
        Image.new("RGB", (64, 48), "green").save(made, "JPEG")
        with services.database.unit_of_work() as session:
            with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
                regions.import_csv(session, lines)
            stations.add_village_stations(session, "640221203")
            places = list(stations.stations_in(session, "640221203"))[:2]
            boxes = [
                Box(station_id=one.id, public_key=f"k{n}", http_token_hash=token_hash(f"token-{n}"), enrolled_at=NOW)
                for n, one in enumerate(places)
            ]
            session.add_all(boxes)
            session.flush()
            room = Room(session, places[0], boxes[0])
            case, who = room.asks(), person(session, Role.EXPERT)
            (brought,) = keeping.keep(keeping.folder_of(services.settings.data_dir), [made.getvalue()])
            answering.answer(session, case.id, "答", "", [brought], who, NOW + HOUR)
            lay_out(session, NOW + HOUR)
            self.case, self.digest = case.id, brought.digest
        self.services = services
        self.client: FlaskClient = create_app(services.settings, services).test_client()

    def asks(self, box: int, digest: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer token-{box}"}
        answer = self.client.get(f"/api/v1/box/answer-files/{digest}", headers=headers)
        status, data = answer.status_code, answer.data
        answer.close()
        return status, data

    def withdraw_file(self) -> None:
        path = keeping.file_of(keeping.folder_of(self.services.settings.data_dir), "photo", self.digest)
        path.unlink()

    def case_of(self, found: UUID) -> str:
        with self.services.database.reader() as session:
            return session.scalars(select(Case.state).where(Case.id == found)).one()


@pytest.fixture
def villages(tmp_path: Path) -> Iterator[Villages]:
    made = Villages(tmp_path)
    yield made
    made.services.database.engine.dispose()


def test_a_box_fetches_the_file_that_its_station_reads_and_no_other_box_does(villages: Villages) -> None:
    status, data = villages.asks(0, villages.digest)
    assert (status, hashlib.sha256(data).hexdigest()) == (200, villages.digest)
    assert b"exif" not in data[:64].lower()
    for box, digest in ((1, villages.digest), (0, "f" * 64), (0, "..%2f..%2fsecret")):
        status, data = villages.asks(box, digest)
        assert status == 404
        assert decode(data, Problem).code in {"file_unknown", "http_404"}
    assert villages.client.get(f"/api/v1/box/answer-files/{villages.digest}").status_code == 401


def test_a_file_that_lies_there_no_more_is_refused_in_order(villages: Villages) -> None:
    villages.withdraw_file()
    status, data = villages.asks(0, villages.digest)
    assert (status, decode(data, Problem).code) == (404, "file_unknown")
    assert villages.case_of(villages.case) == "answered"

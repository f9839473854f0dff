"""What a box may ask and send over HTTP: its own commands, replies, pictures that are pictures, logs that are text."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from PIL import Image

from contentserver import regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services, create_app
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.ids import token_hash
from contentserver.support import keeping, service
from contentserver.support.models import CommandRow
from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    Command,
    CommandBody,
    Commands,
    Problem,
    Reply,
    ReplyState,
    SendLogs,
    TakeScreenshot,
)
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import person
from tests.serving import services_in

TOKEN = "the box's token"


@dataclass
class Desk:
    """A server with two boxes of which the first speaks."""

    services: Services
    client: FlaskClient
    who: Person

    def ask(self, body: CommandBody, box: int = 1) -> str:
        with self.services.database.unit_of_work() as session:
            found = session.get_one(Box, box)
            return str(service.ask(session, found, body, self.who, self.services.signer, clock.now()).id)

    def offer(self) -> str:
        with self.services.database.unit_of_work() as session:
            found, now = session.get_one(Box, 1), clock.now()
            return str(service.offer_help(session, found, "看不清", 15, self.who, self.services.signer, now).id)

    def say(self, command: str, state: ReplyState, detail: str = "", box: int = 1) -> int:
        reply = Reply(box=BoxId(box), command=command, state=state, at=clock.now(), detail=detail)
        return self.post("replies", encode(reply))[0]

    def post(self, path: str, data: bytes) -> tuple[int, str]:
        answer = self.client.post(f"/api/v1/box/{path}", data=data, headers={"Authorization": f"Bearer {TOKEN}"})
        return answer.status_code, decode(answer.data, Problem).code if answer.data else ""

    def state(self, command: str) -> str:
        with self.services.database.reader() as session:
            return session.get_one(CommandRow, UUID(command)).state

    def file(self, command: str, name: str) -> Path:
        return keeping.folder_of(self.services.settings.data_dir) / command / name


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    services = services_in(tmp_path)
    with services.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203")
        station = stations.stations_in(session, "640221203205")[0]
        for token in (TOKEN, "another"):
            session.add(
                Box(
                    station_id=station.id,
                    public_key=f"key of {token}",
                    http_token_hash=token_hash(token),
                    enrolled_at=clock.now(),
                )
            )
            session.flush()
        who = person(session, Role.COUNTY_STAFF)
    yield Desk(services, create_app(services.settings, services).test_client(), who)
    services.database.engine.dispose()


def jpeg(width: int = 64, height: int = 36, kind: str = "JPEG") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), (200, 60, 20)).save(written, kind)
    return written.getvalue()


def test_a_box_gets_its_own_unanswered_commands_signed(desk: Desk) -> None:
    first, second = desk.ask(TakeScreenshot()), desk.ask(SendLogs(lines=10))
    desk.ask(TakeScreenshot(), box=2)
    verifier = Verifier(jwk_set([desk.services.signer.public_jwk]))

    def waiting() -> list[str]:
        answer = desk.client.get("/api/v1/box/commands", headers={"Authorization": f"Bearer {TOKEN}"})
        tokens = decode(answer.data, Commands).commands
        return [verifier.read(token.encode(), Command).id for token in tokens]

    assert waiting() == [first, second]
    assert desk.say(first, ReplyState.DONE) == 204
    assert waiting() == [second]
    assert desk.client.get("/api/v1/box/commands").status_code == 401


def test_a_reply_counts_for_its_own_box_alone(desk: Desk) -> None:
    mine, others = desk.ask(TakeScreenshot()), desk.ask(TakeScreenshot(), box=2)
    assert desk.say(others, ReplyState.DONE) == 404
    assert desk.say(mine, ReplyState.DONE, box=2) == 422
    assert desk.post("replies", b"{}") == (422, "body_unreadable")
    assert (desk.state(mine), desk.state(others)) == ("asked", "asked")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_kept_written_anew(desk: Desk, kind: str) -> None:
    command = desk.ask(TakeScreenshot())
    assert desk.post(f"commands/{command}/picture", jpeg(kind=kind) + b"<script>") == (204, "")
    kept = desk.file(command, keeping.PICTURE).read_bytes()
    assert b"<script>" not in kept
    assert Image.open(io.BytesIO(kept)).format == "JPEG"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GIF89a", "picture_unreadable"),
        (jpeg()[:-300], "picture_unreadable"),
        (jpeg(kind="GIF"), "picture_unreadable"),
        (jpeg(5000, 5000), "picture_too_large"),
        (b"\xff\xd8" + bytes(2_000_001), "too_large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "picture",
)
def test_what_is_no_picture_is_refused_and_nothing_kept(desk: Desk, data: bytes, code: str) -> None:
    command = desk.ask(TakeScreenshot())
    assert desk.post(f"commands/{command}/picture", data) == (422, code)
    assert not desk.file(command, keeping.PICTURE).exists()


def test_a_picture_for_nothing_is_refused(desk: Desk) -> None:
    other, logs, asked = desk.ask(TakeScreenshot(), box=2), desk.ask(SendLogs()), desk.offer()
    assert desk.post(f"commands/{other}/picture", jpeg())[0] == 404
    assert desk.post(f"commands/{logs}/picture", jpeg())[0] == 404
    assert desk.post(f"commands/{asked}/picture", jpeg()) == (409, "help_not_agreed")
    done = desk.ask(TakeScreenshot())
    desk.say(done, ReplyState.DONE)
    assert desk.post(f"commands/{done}/picture", jpeg()) == (409, "command_done")


def test_the_screen_of_a_help_comes_while_it_lasts(desk: Desk) -> None:
    command = desk.offer()
    for state in (ReplyState.WAITING, ReplyState.DONE):
        assert desk.say(command, state) == 204
    assert desk.post(f"commands/{command}/picture", jpeg()) == (204, "")
    assert desk.post(f"commands/{command}/picture", b"") == (204, "")
    assert desk.say(command, ReplyState.DONE, "ended_here") == 204
    assert desk.post(f"commands/{command}/picture", jpeg()) == (409, "help_over")


def test_a_log_is_kept_as_text(desk: Desk) -> None:
    command = desk.ask(SendLogs(lines=10))
    assert desk.post(f"commands/{command}/log", "盒子\x1b[31m启动\n".encode() + b"\xff\n") == (204, "")
    assert desk.file(command, keeping.LOG).read_text() == "盒子\ufffd[31m启动\n\ufffd\n"
    assert desk.post(f"commands/{command}/log", b"x" * 1_000_001) == (422, "too_large")


def test_what_is_old_is_removed(desk: Desk) -> None:
    command = desk.ask(TakeScreenshot())
    desk.post(f"commands/{command}/picture", jpeg())
    old, now = keeping.old_files(desk.services.settings.data_dir), clock.now()
    with desk.services.database.reader() as session:
        assert old.take(session, now - timedelta(days=1), 10).things == 0
        assert desk.file(command, keeping.PICTURE).exists()
        looked = old.look(session, now + timedelta(days=1))
        assert looked.things == 1
        assert old.take(session, now + timedelta(days=1), 10) == looked
    assert list(old.folder.iterdir()) == []

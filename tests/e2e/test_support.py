"""The real television in a real window: its screen reaches the office, by one picture and by a help with a yes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from contentserver.boxes import Box
from contentserver.boxes.models import Enrolment
from contentserver.kernel import clock
from contentserver.support import keeping, service
from contentserver.support.models import CommandRow
from contentserver.support.rules import HelpPhase
from schedules.wire.messages import CommandBody, SendLogs, SetVolume, TakeScreenshot
from tests.demo.stack import ROOT, free_port
from tests.integration.conftest import RunningBroker, broker
from tests.integration.office import SecureOffice
from tests.tvclient.awaiting import eventually

__all__ = ["broker"]
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("television-window")]


@dataclass
class Village:
    """The office, and the television's mirror by which its remote is pressed."""

    office: SecureOffice
    mirror: str
    data: Path

    def press(self, key: str) -> None:
        page = httpx.get(self.mirror, trust_env=False).text
        token = re.findall(r"[A-Za-z0-9_-]{32}", page)[0]
        answer = httpx.post(f"{self.mirror}key/{key}", headers={"X-Mirror-Token": token}, trust_env=False)
        assert answer.status_code == 204

    def ask(self, body: CommandBody) -> UUID:
        with self.office.services.database.unit_of_work() as session:
            box, signer = session.scalars(select(Box)).one(), self.office.services.signer
            return service.ask(session, box, body, self.office.who, signer, clock.now()).id

    def row(self, command: UUID) -> CommandRow:
        with self.office.services.database.reader() as session:
            return session.get_one(CommandRow, command)

    def done(self, command: UUID) -> str:
        eventually(lambda: self.row(command).state == "done", self.row(command).state)
        return self.row(command).detail

    def file(self, command: UUID, name: str) -> Path:
        folder = keeping.folder_of(self.office.services.settings.data_dir)
        found = eventually(lambda: keeping.kept(folder, command, name), name)
        assert found
        return found


@pytest.fixture
def village(tmp_path: Path, broker: RunningBroker) -> Iterator[Village]:
    office, port = SecureOffice(tmp_path / "office", broker), free_port()
    argv = [sys.executable, "-m", "tvclient", "--server", office.url, "--data", str(tmp_path / "tv"), "--no-remote"]
    argv += ["--windowed", "1280x720", "--mirror", str(port), "--ca", str(broker.authority_file)]
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen", "YJ_TV_STICKS": "", "YJ_TV_NEIGHBOURS": "0"}
    with (tmp_path / "tv.log").open("w") as log:
        television = subprocess.Popen(argv, cwd=ROOT, env=environment, stderr=log)
    try:
        office.let_in(eventually(lambda: _code(office), "the television's code", 90))
        eventually(lambda: _online(office), "online")
        yield Village(office, f"http://127.0.0.1:{port}/", tmp_path / "tv")
    finally:
        television.terminate()
        television.wait(30)
        office.close()


def _online(office: SecureOffice) -> bool:
    with office.services.database.reader() as session:
        return session.scalars(select(Box.online)).one()


def _code(office: SecureOffice) -> str:
    with office.services.database.reader() as session:
        return session.scalars(select(Enrolment.claim_code)).first() or ""


def test_the_real_screen_reaches_the_office_and_only_with_a_yes(village: Village) -> None:
    shot = village.ask(TakeScreenshot())
    village.done(shot)
    with Image.open(village.file(shot, keeping.PICTURE)) as picture:
        assert picture.size == (960, 540)
        assert len(picture.convert("RGB").getcolors(960 * 540) or []) > 50
    assert village.done(village.ask(SetVolume(percent=30))) == "30"
    assert (village.data / "volume").read_text() == "30"
    logs = village.ask(SendLogs(lines=50))
    village.done(logs)
    assert "link.up" in village.file(logs, keeping.LOG).read_text()

    services, who = village.office.services, village.office.who
    with services.database.unit_of_work() as session:
        box = session.scalars(select(Box)).one()
        help_id = service.offer_help(session, box, "看看屏幕", 15, who, services.signer, clock.now()).id
    eventually(lambda: village.row(help_id).state == "waiting", "asked")

    def agreed() -> bool:
        village.press("ok")
        return service.phase_of(village.row(help_id), clock.now()) is HelpPhase.LASTS

    eventually(agreed, "agreed to")
    first = village.file(help_id, keeping.PICTURE).stat().st_mtime_ns
    with services.database.unit_of_work() as session:
        row = session.get_one(CommandRow, help_id)
        pressed = service.press_key(session, row, "right", who, services.signer, clock.now()).id
    village.done(pressed)
    picture_file = village.file(help_id, keeping.PICTURE)
    eventually(lambda: picture_file.stat().st_mtime_ns != first, "the next picture")
    with Image.open(picture_file) as picture:
        red, green, blue = picture.convert("RGB").getpixel((480, 2))  # type: ignore[misc]
        assert green > red > blue, "the frame of a help that lasts"
    village.press("red")
    eventually(lambda: service.phase_of(village.row(help_id), clock.now()) is HelpPhase.ENDED, "ended there")

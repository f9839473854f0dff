"""From the office to a box and back, by TLS and a real broker: each command, and help only with a yes."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import structlog
from PIL import Image
from sqlalchemy import select

from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.errors import Conflict
from contentserver.support import keeping, service
from contentserver.support.models import CommandRow
from contentserver.support.rules import HelpPhase
from schedules.wire.messages import (
    CollectNow,
    CommandBody,
    Restart,
    SendLogs,
    SetVolume,
    TakeScreenshot,
)
from tests.integration.conftest import RunningBroker
from tests.integration.office import SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.adapters.dark_player import DarkPlayer
from tvclient.adapters.means import Means
from tvclient.adapters.mirror import Frames
from tvclient.adapters.recent_log import RecentLog
from tvclient.core.events import Event, Key, KeyPressed
from tvclient.core.helping import question_shown
from tvclient.core.screens import current_screen
from tvclient.core.state import EnrolmentPhase, Screen, State
from tvclient.settings import Settings
from tvclient.shell import Shell


class WatchedBox:
    """A whole box whose screen is one colour for each of its screens, redrawn at every change of its state."""

    def __init__(self, server: str, data: Path) -> None:
        means = Means()
        self.frames, self.recent, self.left = Frames(), RecentLog(), threading.Event()
        means.frames, means.recent = self.frames, self.recent
        self.player = DarkPlayer(self._post)
        settings = Settings(server=server, data=data, serial="seen", remote=False)
        self.shell = Shell(settings, self.player, self._show, leave=self.left.set, means=means)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.shell.run_until, args=(self._stop,))
        self._thread.start()

    def press(self, *keys: Key) -> None:
        for key in keys:
            self.shell.post(KeyPressed(key))

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self.shell.close()
        self.player.close()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    def _show(self, state: State) -> None:
        if self.frames.wanted:
            shade = 40 * list(Screen).index(current_screen(state)) % 256
            self.frames.put(Image.new("RGB", (1280, 720), (shade, 90, 40)))


class Desk:
    """Somebody in the office, and the box that they ask."""

    def __init__(self, office: SecureOffice, box: WatchedBox) -> None:
        self.office, self.box = office, box

    def ask(self, body: CommandBody) -> UUID:
        with self.office.services.database.unit_of_work() as session:
            found = session.scalars(select(Box)).one()
            return service.ask(session, found, body, self.office.who, self.office.services.signer, clock.now()).id

    def offer(self, minutes: int = 15) -> UUID:
        with self.office.services.database.unit_of_work() as session:
            found = session.scalars(select(Box)).one()
            signer, now = self.office.services.signer, clock.now()
            return service.offer_help(session, found, "屏幕不亮", minutes, self.office.who, signer, now).id

    def press(self, help_id: UUID, key: str) -> UUID:
        with self.office.services.database.unit_of_work() as session:
            row, signer = session.get_one(CommandRow, help_id), self.office.services.signer
            return service.press_key(session, row, key, self.office.who, signer, clock.now()).id

    def end(self, help_id: UUID) -> None:
        with self.office.services.database.unit_of_work() as session:
            row, signer = session.get_one(CommandRow, help_id), self.office.services.signer
            service.end_help(session, row, self.office.who, signer, clock.now())

    def row(self, command: UUID) -> CommandRow:
        with self.office.services.database.reader() as session:
            return session.get_one(CommandRow, command)

    def becomes(self, command: UUID, state: str) -> str:
        """Wait for the answer; gives its detail."""
        eventually(lambda: self.row(command).state == state, f"{state}, not {self.row(command).state}")
        return self.row(command).detail

    def phase(self, help_id: UUID) -> HelpPhase:
        return service.phase_of(self.row(help_id), clock.now())

    def file(self, command: UUID, name: str) -> Path | None:
        return keeping.kept(keeping.folder_of(self.office.services.settings.data_dir), command, name)

    def agreed(self) -> UUID:
        """A help to which somebody at the television has said yes."""
        help_id = self.offer()
        eventually(lambda: question_shown(self.box.shell.state), "the question")
        since = self.box.shell.state.now
        eventually(lambda: self.box.shell.state.now - since > timedelta(seconds=1.2), "read")
        self.box.press(Key.OK)
        eventually(lambda: self.phase(help_id) is HelpPhase.LASTS, "agreed to")
        return help_id


@pytest.fixture
def desk(tmp_path: Path, broker: RunningBroker) -> Iterator[Desk]:
    office = SecureOffice(tmp_path / "office", broker)
    box = WatchedBox(office.url, tmp_path / "box")
    try:
        eventually(lambda: box.shell.state.enrolment.phase is EnrolmentPhase.OFFERED, "the box shows a code")
        office.let_in(box.shell.state.enrolment.claim_code)
        eventually(lambda: box.shell.state.online and box.shell.state.station, "the box is at the broker")
        yield Desk(office, box)
    finally:
        box.close()
        office.close()


def test_each_command_reaches_the_box_and_is_answered(desk: Desk) -> None:
    assert desk.becomes(desk.ask(SetVolume(percent=35)), "done") == "35"
    eventually(lambda: desk.box.player.volume == 35, "the volume")
    desk.becomes(desk.ask(CollectNow()), "done")
    shot = desk.ask(TakeScreenshot())
    desk.becomes(shot, "done")
    assert desk.file(shot, keeping.PICTURE)
    desk.box.recent(structlog.get_logger(), "info", {"event": "box.began"})
    logs = desk.ask(SendLogs(lines=5))
    desk.becomes(logs, "done")
    log = desk.file(logs, keeping.LOG)
    assert log
    assert "box.began" in log.read_text()
    desk.becomes(desk.ask(Restart()), "done")
    eventually(desk.box.left.is_set, "the program leaves")


def test_nobody_sees_the_screen_without_a_yes(desk: Desk) -> None:
    help_id = desk.offer()
    eventually(lambda: desk.row(help_id).state == "waiting", "asked")
    with pytest.raises(Conflict):
        desk.press(help_id, "menu")
    eventually(lambda: question_shown(desk.box.shell.state), "the question")
    desk.box.press(Key.BACK)
    assert desk.becomes(help_id, "declined") == ""
    assert desk.phase(help_id) is HelpPhase.DECLINED
    assert desk.file(help_id, keeping.PICTURE) is None


def test_with_a_yes_the_screen_comes_keys_arrive_and_the_people_there_end_it(desk: Desk) -> None:
    help_id = desk.agreed()
    eventually(lambda: desk.file(help_id, keeping.PICTURE), "the first picture")
    before = desk.box.shell.state.focus
    desk.becomes(desk.press(help_id, "right"), "done")
    eventually(lambda: desk.box.shell.state.last_key_at, "the key")
    assert desk.box.shell.state.blocked or desk.box.shell.state.focus != before
    desk.box.press(Key.RED)
    eventually(lambda: desk.phase(help_id) is HelpPhase.ENDED, "ended at the television")
    row = desk.row(help_id)
    assert row.help
    assert row.help.ended_by == "television"
    with pytest.raises(Conflict):
        desk.press(help_id, "right")


def test_the_helper_ends_it(desk: Desk) -> None:
    help_id = desk.agreed()
    desk.end(help_id)
    eventually(lambda: desk.box.shell.state.help is None, "the television knows")
    row = desk.row(help_id)
    assert row.help
    assert row.help.ended_by == "helper"


def test_without_the_broker_all_of_it_goes_by_http(desk: Desk) -> None:
    desk.office.broker.kill()
    eventually(lambda: not desk.box.shell.state.online, "no line")
    assert desk.becomes(desk.ask(SetVolume(percent=20)), "done") == "20"
    help_id = desk.agreed()
    eventually(lambda: desk.file(help_id, keeping.PICTURE), "the first picture")
    desk.becomes(desk.press(help_id, "down"), "done")
    desk.box.press(Key.BACK, Key.BACK)
    eventually(lambda: desk.phase(help_id) is HelpPhase.ENDED, "ended at the television")
    assert desk.row(help_id).detail == "ended_here"

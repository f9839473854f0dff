"""A notice over the real link: to a television, opened with its remote, counted in the office, gone when withdrawn."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from contentserver import ingest
from contentserver.kernel import clock
from contentserver.notices import reading, service
from contentserver.notices.rules import NoticeWords
from tests.integration.conftest import RunningBroker
from tests.integration.office import VILLAGE, SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.core.events import Key, KeyPressed
from tvclient.core.pages import notices
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen
from tvclient.fleet import DarkBox


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecureOffice]:
    """A server whose upkeep comes every second."""
    monkeypatch.setattr(ingest, "UPKEEP_S", 1.0)
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


def published(office: SecureOffice) -> UUID:
    words = NoticeWords(regions=(VILLAGE[:6],), title="冬小麦保险开始登记", text="带身份证来。", issuer="县农业农村局")
    with office.services.database.unit_of_work() as session:
        row = service.draft(session, words, office.who, clock.now())
        service.publish(session, row, office.who, clock.now())
        return row.id


def read_in(office: SecureOffice, notice_id: UUID) -> list[str]:
    """The stations that have read it, as the office sees it."""
    with office.services.database.reader() as session:
        found = reading.readers(session, service.notice_with(session, notice_id), office.who)
        return [one.station.name for one in found if one.read_at]


def test_a_notice_is_read_counted_remembered_and_withdrawn(office: SecureOffice, tmp_path: Path) -> None:
    notice_id = published(office)
    with closing(DarkBox(office.url, tmp_path / "tv", "YJ-1")) as box:
        box.start()
        office.welcome(box)
        eventually(lambda: bool(notices.not_opened(box.shell.state)), "the notice is on the television", within_s=30)
        assert read_in(office, notice_id) == []
        for key in (Key.UP, Key.OK, Key.OK):
            box.shell.post(KeyPressed(key))
        eventually(lambda: current_screen(box.shell.state) is Screen.NOTICE, "it is open")
        eventually(lambda: read_in(office, notice_id) == [office.station().name], "the office knows", within_s=30)
    with closing(DarkBox(office.url, tmp_path / "tv", "YJ-1")) as again:
        again.start()
        eventually(lambda: bool(notices.holding(again.shell.state)), "it is still there, from the box's own disk")
        eventually(lambda: not notices.not_opened(again.shell.state), "and was read")
        with office.services.database.unit_of_work() as session:
            service.withdraw(session, service.notice_with(session, notice_id), "登记结束", office.who, clock.now())
        eventually(lambda: not notices.holding(again.shell.state), "it is gone", within_s=30)
    assert read_in(office, notice_id) == [office.station().name]

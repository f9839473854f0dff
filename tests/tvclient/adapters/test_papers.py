"""What the station reads is fetched once for each version, kept without a line, and dropped when nobody wants it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schedules.wire.messages import NoticeCard, Notices, PaperKind, Quizzes
from tests.tvclient.counterpart import TOKEN, Counterpart
from tvclient.adapters.api import Api
from tvclient.adapters.errors import ServerUnreachable
from tvclient.adapters.papers import Papers
from tvclient.core import events

AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
CARD = NoticeCard(id="n", version=1, title="停水", text="明天", issuer="村", published_at=AT, valid_from=AT)
NOTICES = Notices(version="1a", notices=(CARD,))


@pytest.fixture
def api(http_server: Counterpart) -> Iterator[Api]:
    with Api(http_server.url, TOKEN) as opened:
        yield opened


def test_a_paper_is_fetched_once_told_and_found_again(tmp_path: Path, api: Api, http_server: Counterpart) -> None:
    told: list[events.Event] = []
    papers = Papers(tmp_path, api, told.append)
    http_server.papers["notices"] = NOTICES
    wanted = {"notices": "1a"}
    assert papers.lacking(wanted) == (PaperKind.NOTICES,)
    papers.fetch(wanted)
    assert told == [events.PaperChanged(NOTICES)]
    assert papers.lacking(wanted) == ()
    again = Papers(tmp_path, api, told.append)
    again.tell()
    assert told == [events.PaperChanged(NOTICES)] * 2
    assert http_server.requests.count("/api/v1/box/papers/notices") == 1


def test_what_is_wanted_no_more_goes_from_the_screen_and_from_the_disk(
    tmp_path: Path, api: Api, http_server: Counterpart
) -> None:
    told: list[events.Event] = []
    papers = Papers(tmp_path, api, told.append)
    http_server.papers["notices"] = NOTICES
    papers.fetch({"notices": "1a"})
    papers.fetch({})
    assert told[-1] == events.PaperChanged(Notices(version=""))
    assert papers.lacking({}) == ()
    assert Papers(tmp_path, api, told.append).lacking({}) == ()


def test_a_paper_that_the_server_does_not_give_is_not_asked_for_again(
    tmp_path: Path, api: Api, http_server: Counterpart
) -> None:
    papers = Papers(tmp_path, api, lambda _event: None)
    papers.fetch({"quizzes": "2b"})
    assert papers.lacking({"quizzes": "2b"}) == ()
    http_server.papers["quizzes"] = Quizzes(version="3c")
    papers.fetch({"quizzes": "3c"})
    assert papers.lacking({"quizzes": "3c"}) == ()


def test_without_a_line_what_is_here_stays(tmp_path: Path, api: Api, http_server: Counterpart) -> None:
    papers = Papers(tmp_path, api, lambda _event: None)
    http_server.papers["notices"] = NOTICES
    papers.fetch({"notices": "1a"})
    with Api("http://127.0.0.1:9", TOKEN) as nowhere:
        alone = Papers(tmp_path, nowhere, lambda _event: None)
        with pytest.raises(ServerUnreachable):
            alone.fetch({"notices": "9z"})
        assert alone.lacking({"notices": "1a"}) == ()


def test_a_damaged_file_and_a_kind_of_a_newer_server_are_no_error(tmp_path: Path, api: Api) -> None:
    (tmp_path / "notices.json").write_bytes(b"\xff{")
    papers = Papers(tmp_path, api, lambda _event: None)
    assert papers.lacking({"notices": "1a", "weather": "1"}) == (PaperKind.NOTICES,)

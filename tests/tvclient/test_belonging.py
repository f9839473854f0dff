"""Whose box it is: its credential is counted up, its server has lost it, its enrolment ends, it is let in again."""

from datetime import timedelta
from pathlib import Path

import pytest

from schedules.wire.messages import StationCard
from tests.tvclient.awaiting import eventually
from tests.tvclient.broker import Broker
from tests.tvclient.counterpart import LAYER, Counterpart, now
from tests.tvclient.evening import WANG, airing
from tests.tvclient.test_shell import SECOND, Television, enrolled, television
from tvclient.adapters import standing
from tvclient.adapters.identity import Vault
from tvclient.core.state import EnrolmentPhase, PlayPhase, Screen

REASON = "23 号机顶盒接替了它。"
HOUR = timedelta(hours=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "tv"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "ASK_AGAIN_S", 0.2)
    monkeypatch.setattr(standing, "STRANGER_ASKS_S", 0.5)


def _shown(tv: Television) -> bool:
    return bool(tv.state.playback and tv.state.playback.phase is PlayPhase.PLAYING)


def test_a_new_credential_is_fetched_stored_and_used(server: Counterpart, data: Path) -> None:
    server.want()
    server.plan(1, airing(start=now() + HOUR))
    enrolled(data, server)
    with television(server.url, data) as tv:
        eventually(lambda: server.reported and server.reported.credential_no == 1, "the first report")
        server.token, server.credential_no = "second", 2
        server.want(version=2, credential_no=2)
        eventually(lambda: server.reported and server.reported.credential_no == 2, "it uses the new one")
        server.want(version=3, credential_no=2, roster_version="2")
        eventually(lambda: tv.state.roster.members, "the roster, by the new token")
        assert tv.state.enrolment.phase is EnrolmentPhase.ENROLLED
    kept = Vault(data / "secret").credentials()
    assert kept is not None
    assert (kept.credential_no, kept.http_token) == (2, "second")


def test_an_old_token_that_is_refused_is_changed_without_a_word_from_the_server(
    http_server: Counterpart, data: Path
) -> None:
    enrolled(data, http_server)
    http_server.token, http_server.credential_no = "second", 2
    http_server.want(credential_no=2)
    with television(http_server.url, data) as tv:
        eventually(lambda: tv.state.station, "what only the new token opens")
        assert tv.state.enrolment.phase is EnrolmentPhase.ENROLLED


def test_a_server_that_has_lost_the_box_stops_no_lesson(server: Counterpart, broker: Broker, data: Path) -> None:
    one = airing(start=now() + 2 * SECOND, seconds=600, package=server.add_package())
    server.want(version=9)
    server.plan(9, one)
    enrolled(data, server)
    with television(server.url, data, 600_000) as tv:
        eventually(lambda: _shown(tv), "the lesson")
        server.unknown = True
        broker.kill()
        tv.press(*WANG.number, "ok")
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.AGAIN, "it notices")
        assert tv.state.enrolment.claim_code == server.claim_code
        assert any(tv.state.signed_in.values())
        assert _shown(tv)
        server.want(version=1)
        server.plan(1, one)
        server.claimed = True
        tv.press("ok")
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.ENROLLED, "it is let in again")
        eventually(lambda: server.reported and server.reported.desired_version == 1, "it counts from one again")
        eventually(lambda: any(body["kind"] == "signed_in" for body in server.bodies()), "the evidence")
        assert len(tv.player.opened) == 1


def test_a_server_that_remembers_takes_the_box_back(server: Counterpart, data: Path) -> None:
    server.want()
    server.plan(1, airing(start=now() + HOUR))
    enrolled(data, server)
    server.unknown = True
    with television(server.url, data) as tv:
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.AGAIN, "it notices")
        tv.shows(Screen.ENROLMENT)
        server.unknown = False
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.ENROLLED, "it is known again")
        tv.shows(Screen.TODAY)


def _ends(tv: Television) -> None:
    tv.shows(Screen.ENDED)
    assert tv.state.enrolment.reason == REASON
    assert tv.state.timetable == ()
    eventually(lambda: tv.state.playback is None, "nothing plays")


@pytest.mark.parametrize("way", ["mqtt", "http"])
def test_an_ended_box_says_why_stops_and_keeps_its_journal(
    server: Counterpart, broker: Broker, data: Path, way: str
) -> None:
    one = airing(start=now() + 2 * SECOND, seconds=600, package=server.add_package())
    server.want()
    server.plan(1, one)
    enrolled(data, server)
    with television(server.url, data, 600_000) as tv:
        eventually(lambda: _shown(tv), "the lesson")
        tv.press(*WANG.number, "ok")
        eventually(lambda: any(body["kind"] == "signed_in" for body in server.bodies()), "the evidence")
        if way == "mqtt":
            server.want(version=2, ended=REASON)
        else:
            broker.kill()
            server.ended = REASON
        _ends(tv)
        tv.press("green", "back", "home", "menu", "4")
        _ends(tv)
    before = len(server.rows)
    with television("http://127.0.0.1:9", data) as tv:
        _ends(tv)
    if way == "http":
        return
    server.ended = ""
    with television(server.url, data) as tv:
        _ends(tv)
        tv.press("ok")
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.OFFERED, "a new code")
        server.want(version=1)
        server.claimed = True
        tv.press("ok")
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.ENROLLED, "it is let in again")
        eventually(lambda: len(server.rows) > before, "what the journal kept is sent")
    assert Vault(data / "secret").ended() is None


def test_a_moved_box_stays_and_follows(server: Counterpart, data: Path) -> None:
    server.want()
    server.plan(1, airing(start=now() + HOUR))
    enrolled(data, server)
    with television(server.url, data) as tv:
        eventually(lambda: tv.state.timetable, "the timetable")
        server.want(version=2, layers=(), station=StationCard(id="other", name="别处"))
        eventually(lambda: tv.state.station and tv.state.station.id == "other", "the other station")
        eventually(lambda: not tv.state.timetable, "its layers")
        assert server.layer_tokens[LAYER]

"""The whole television without a screen, against a real broker and a real server of the contract."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from schedules.wire.codec import encode
from schedules.wire.messages import Online, Roster, RosterMember
from tests.tvclient.awaiting import eventually
from tests.tvclient.broker import Broker
from tests.tvclient.clockwork import ClockworkPlayer
from tests.tvclient.counterpart import BOX, LAYER, Counterpart, now
from tests.tvclient.evening import LI, WANG, airing
from tvclient.adapters import writing
from tvclient.adapters.identity import Vault
from tvclient.core.events import Enrolled, Event, Key, KeyPressed, RosterChanged, TimetableChanged
from tvclient.core.screens import Picture, current_screen, picture
from tvclient.core.state import EnrolmentPhase, NumberVerdict, PlayPhase, Screen, State
from tvclient.settings import Settings
from tvclient.shell import Shell

SECOND = timedelta(seconds=1)


class Television:
    """A shell in a thread of its own, with the last state shown."""

    def __init__(self, server: str, data: Path, duration_ms: int = 4000) -> None:
        self.player = ClockworkPlayer(self._post, duration_ms)
        self.shown: list[State] = []
        self.shell = Shell(Settings(server=server, data=data, remote=False), self.player, self.shown.append)
        self._stop = Flag()
        self._thread = Thread(target=self.shell.run_until, args=(self._stop,), daemon=True)
        self._thread.start()

    def _post(self, event: Event) -> None:
        self.shell.post(event)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.shell.post(KeyPressed(Key(key)))

    @property
    def state(self) -> State:
        return self.shell.state

    def shows(self, screen: Screen) -> None:
        eventually(lambda: current_screen(self.state) is screen, f"the screen {screen}")

    def close(self) -> None:
        self._stop.set()
        self._thread.join(10)
        self.shell.close()
        self.player.close()


@contextmanager
def television(server: str, data: Path, duration_ms: int = 4000) -> Iterator[Television]:
    tv = Television(server, data, duration_ms)
    try:
        yield tv
    finally:
        tv.close()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "tv"


def enrolled(data: Path, server: Counterpart) -> None:
    Vault(data / "secret").keep(server.credentials())


def test_from_the_first_boot_to_the_evidence(server: Counterpart, data: Path) -> None:
    with television(server.url, data) as tv:
        eventually(lambda: tv.state.enrolment.phase is EnrolmentPhase.OFFERED, "the claim code")
        assert tv.state.enrolment.claim_code == server.claim_code
        assert tv.state.enrolment.claim_url == f"{server.url}/claim?code={server.claim_code.replace('-', '')}"
        package = server.add_package()
        one = airing(start=now() + 6 * SECOND, seconds=4, package=package)
        server.want()
        server.plan(1, one)
        server.claimed = True
        tv.press("ok")
        tv.shows(Screen.COUNTDOWN)
        eventually(lambda: tv.state.online, "the line")
        eventually(lambda: tv.state.roster.members, "the roster")
        eventually(lambda: tv.state.playback and tv.state.playback.phase is PlayPhase.CUED, "the first frame")
        tv.press(*WANG.number)
        eventually(lambda: tv.state.number.verdict is NumberVerdict.FOUND, "the name")
        tv.press("ok", "back")
        tv.shows(Screen.BROADCAST)
        tv.press(*LI.number, "ok", "back")
        eventually(lambda: any(body["kind"] == "airing_ended" for body in server.bodies()), "the evidence")
    kinds = [body["kind"] for body in server.bodies()]
    assert kinds.count("signed_in") == 2
    assert kinds.count("airing_started") == 1
    (started,) = (body for body in server.bodies() if body["kind"] == "airing_started")
    assert abs(started["late_ms"]) < 400
    shown = sum(body["to_ms"] - body["from_ms"] for body in server.bodies() if body["kind"] == "playback_span")
    assert 3500 <= shown <= 4000
    assert tv.player.opened[0][0].sounds[0].label == "普通话"
    assert tv.player.opened[0][0].playlist.parent.name in {"low", "720p"}
    assert server.reported
    assert server.reported.layers[LAYER].applied
    assert server.reported.packages[package].state == "stored"
    eventually(lambda: server.online == encode(Online(online=False)), "its last word")


def test_without_a_broker_everything_goes_over_http(http_server: Counterpart, data: Path) -> None:
    server = http_server
    one = airing(start=now() + 3 * SECOND, seconds=4, package=server.add_package())
    server.want()
    server.plan(1, one)
    enrolled(data, server)
    with television(server.url, data) as tv:
        eventually(lambda: any(body["kind"] == "airing_started" for body in server.bodies()), "the evidence")
        assert not tv.state.online
        eventually(lambda: server.reported and LAYER in server.reported.layers, "the proof")


def test_a_restart_without_any_line_plays_what_is_stored(server: Counterpart, broker: Broker, data: Path) -> None:
    package = server.add_package()
    one = airing(start=now() + 4 * SECOND, seconds=30, package=package)
    server.want()
    server.plan(1, one)
    enrolled(data, server)
    with television(server.url, data, 30_000) as tv:
        tv.shows(Screen.BROADCAST)
        tv.press(*WANG.number, "ok")
        eventually(lambda: any(tv.state.signed_in.values()), "the tick")
        eventually(lambda: tv.state.playback and tv.state.playback.span_from_ms is not None, "a moving picture")
    broker.kill()
    before = len(server.rows)
    with television("http://127.0.0.1:9", data, 30_000) as tv:
        eventually(lambda: tv.shown, "a picture")
        assert tv.shown[0].enrolment.phase is EnrolmentPhase.ENROLLED
        assert current_screen(tv.shown[0]) is Screen.BROADCAST
        assert picture(tv.shown[0]) is Picture.OPENING
        assert tv.state.signed_in == {one.id: frozenset({WANG.id})}
        eventually(lambda: tv.state.playback and tv.state.playback.phase is PlayPhase.PLAYING, "the rest")
        assert tv.player.opened[0][1] > 0
    rows = sqlite3.connect(data / "journal.db")
    assert rows.execute("SELECT count(*) FROM event WHERE CAST(body AS TEXT) LIKE '%airing_started%'").fetchone() == (
        1,
    )
    rows.close()
    assert len(server.rows) == before


def test_a_broker_that_is_killed_with_its_data_loses_nothing(server: Counterpart, broker: Broker, data: Path) -> None:
    one = airing(start=now() - 1 * SECOND, seconds=60, package=server.add_package(seconds=60))
    server.want()
    server.plan(1, one)
    enrolled(data, server)
    with television(server.url, data, 60_000) as tv:
        tv.shows(Screen.BROADCAST)
        eventually(lambda: tv.state.online and tv.state.roster.members, "the line and the roster")
        broker.kill()
        eventually(lambda: not tv.state.online, "no line")
        tv.press(*WANG.number, "ok")
        eventually(lambda: any(tv.state.signed_in.values()), "the tick")
        broker.start()
        eventually(lambda: tv.state.online, "the line again")
        eventually(lambda: any(body["kind"] == "signed_in" for body in server.bodies()), "the sign-in")
        server.plan(2)
        eventually(lambda: not tv.state.timetable, "the new timetable")


def test_what_is_not_signed_by_the_server_changes_nothing(server: Counterpart, data: Path) -> None:
    one = airing(start=now() + 3600 * SECOND, package=server.add_package())
    server.want()
    good = server.plan(3, one)
    enrolled(data, server)
    with television(server.url, data) as tv:
        eventually(lambda: tv.state.timetable, "the timetable")
        eventually(lambda: tv.state.online, "the line")
        stranger = Counterpart(data / "stranger", 9)
        stranger.start()
        forged = stranger.signer.sign(stranger.layer_message(9))
        stranger.stop()
        altered = good[:-8] + b"AAAAAAAA"
        older = server.signer.sign(server.layer_message(2))
        unsigned = encode(server.layer_message(9))
        for token in (forged, altered, older, unsigned, b"", b"\xff\xfe"):
            server.publish(f"yj/v1/layers/{LAYER}", token)
        server.publish(f"yj/v1/boxes/{BOX}/desired", forged)
        server.plan(4, one, airing(start=now() + 7200 * SECOND, slot="later", package=one.package))
        eventually(lambda: len(tv.state.timetable) == 2, "the next true revision")
        assert one in tv.state.timetable
        assert tv.state.station
        assert tv.state.station.name == "马场村站点"


def test_an_altered_or_unapproved_package_never_plays(server: Counterpart, data: Path) -> None:
    altered, unapproved = server.add_package(b"x"), server.add_package(b"y")
    (server.packages / altered / "manifest.json").write_bytes(b"{}")
    server.approve(unapproved, as_name=altered)
    first = airing(start=now() + 2 * SECOND, seconds=1, package=altered, slot="a")
    second = airing(start=now() + 3 * SECOND, seconds=1, package=unapproved, slot="b")
    server.want()
    server.plan(1, first, second)
    enrolled(data, server)
    with television(server.url, data) as tv:
        eventually(lambda: len([b for b in server.bodies() if b["kind"] == "airing_missed"]) == 2, "both missed")
        assert not tv.player.opened
    assert server.bodies()[0] == {"kind": "station_entered", "station": "s"}
    assert {body["reason"] for body in server.bodies()[1:]} == {"refused"}


def test_a_full_disk_stops_no_lesson_and_loses_no_fact(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "AGAIN_S", 0.0)
    player = ClockworkPlayer(lambda _event: None, 1000)
    shell = Shell(Settings(server="http://127.0.0.1:9", data=data, remote=False), player, lambda _state: None)
    try:
        pages = shell._journal._db.execute("PRAGMA page_count").fetchone()[0]
        shell._journal._db.execute(f"PRAGMA max_page_count = {pages}")
        many = Roster(
            version="1", members=tuple(RosterMember(id=f"m{n}", name="某", number=f"{n}") for n in range(100, 160))
        )
        for event in (Enrolled(), RosterChanged(many), TimetableChanged((airing(start=now(), seconds=600),))):
            shell.post(event)
        for member in many.members:
            for key in ("green", *member.number, "ok"):
                shell.post(KeyPressed(Key(key)))
        shell.run_due()
        assert [len(present) for present in shell.state.signed_in.values()] == [60]
        written = shell._journal.through()
        assert written < 60
        shell._journal._db.execute("PRAGMA max_page_count = 100000")

        def all_written() -> bool:
            shell.run_due()
            return shell._journal.through() == 60

        eventually(all_written, "all written")
        assert [row.sequence for row in shell._journal.unacknowledged(100)] == list(range(1, 61))
    finally:
        shell.close()
        player.close()

"""A television whose server signs by other keys: it learns them, drops what only the old one said, and plays on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from schedules.airings import Airing, PackageName
from schedules.wire.messages import Alert, AlertsMessage, Desired, PackageState, StationCard
from schedules.wire.signing import Purpose, Signer, jwk_set, new_private_jwk, trusted_for
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import BOX, LAYER, Counterpart, now
from tests.tvclient.evening import airing
from tests.tvclient.test_shell import Television, television
from tvclient.adapters import trusting
from tvclient.adapters.household import Household
from tvclient.adapters.identity import Vault
from tvclient.core.screens import current_screen
from tvclient.core.state import PlayPhase, Screen

MINUTES = timedelta(minutes=1)


@pytest.fixture
def data(server: Counterpart, tmp_path: Path) -> Path:
    Vault(tmp_path / "tv" / "secret").keep(server.credentials())
    return tmp_path / "tv"


@pytest.fixture
def watched(server: Counterpart, data: Path) -> Iterator[tuple[Television, Airing]]:
    """A lesson that plays."""
    one = airing(start=now() - MINUTES, seconds=3600, package=server.add_package(seconds=3600))
    server.want()
    server.plan(1, one)
    with television(server.url, data, duration_ms=3_600_000) as tv:
        tv.shows(Screen.BROADCAST)
        eventually(lambda: tv.state.playback and tv.state.playback.phase is PlayPhase.PLAYING, "it plays")
        eventually(lambda: tv.state.online, "the line")
        yield tv, one


def household(tv: Television) -> Household:
    found = tv.shell._line.household
    assert found is not None
    return found


def _whole(home: Household, package: PackageName) -> bool:
    report = home.store.report(package)
    return report.state is PackageState.STORED and report.stored_bytes == report.wanted_bytes


def _leak(server: Counterpart) -> Signer:
    """The server revokes its key and signs everything anew; gives the key that leaked."""
    leaked, server.signer = server.signer, Signer(new_private_jwk())
    server.keys, server.keys_no = jwk_set([server.signer.public_jwk]), 1
    return leaked


def _sign_anew(server: Counterpart, one: Airing) -> None:
    server.approve(one.package)
    server.plan(2, one)
    server.want(2, keys_no=1)


def test_a_new_key_is_known_before_it_signs(server: Counterpart, data: Path) -> None:
    coming = Signer(new_private_jwk())
    server.want()
    with television(server.url, data) as tv:
        eventually(lambda: tv.state.online, "the line")
        server.keys, server.keys_no = jwk_set([server.signer.public_jwk, coming.public_jwk]), 1
        server.want(2, keys_no=1)
        eventually(lambda: server.reported and server.reported.keys_no == 1, "the box says that it has the set")
        kept = Vault(data / "secret").credentials()
        assert kept is not None
        assert (kept.keys_no, bytes(kept.signing_keys)) == (1, server.keys)
        server.signer = coming
        server.want(3, keys_no=1)
        eventually(lambda: server.reported and server.reported.desired_version == 3, "it believes the new key")
    assert server.requests.count("/api/v1/box/keys") == 1


def test_a_lesson_goes_on_while_a_leaked_key_is_revoked(
    server: Counterpart, watched: tuple[Television, Airing]
) -> None:
    tv, one = watched
    package, opened = one.package, len(tv.player.opened)
    leaked = _leak(server)
    _sign_anew(server, one)
    eventually(lambda: server.reported and server.reported.keys_no == 1, "the box has the new set")
    eventually(lambda: household(tv).store.report(package).state is PackageState.STORED, "the lesson is approved again")
    eventually(lambda: server.reported and server.reported.layers[LAYER].revision == 2, "the layer is the new one")
    assert len(tv.player.opened) == opened
    assert current_screen(tv.state) is Screen.BROADCAST
    assert all(current_screen(one) is Screen.BROADCAST for one in tv.shown[-20:])
    forged = server.add_package(b"forged")
    server.approve(forged, signer=leaked)
    manifest = (server.packages / forged / "manifest.json").read_bytes()
    assert household(tv).store.take_manifest(forged, manifest, server.approvals[forged]) is None


def test_what_was_forged_before_the_key_was_revoked_does_not_outlast_it(
    server: Counterpart, watched: tuple[Television, Airing]
) -> None:
    tv, one = watched
    leaked = server.signer
    wanted = Desired(box=BOX, version=999_999, station=StationCard(id="x", name="假站点"), layers=(LAYER,))
    server.publish(f"yj/v1/boxes/{BOX}/desired", leaked.sign(wanted))
    eventually(lambda: household(tv).documents.desired == wanted, "the forged word is believed as long as the key is")
    instant = now()
    alert = Alert(
        id="f", sent=instant, effective=instant, expires=instant + 60 * MINUTES, headline="假预警", sender="无人"
    )
    forged = AlertsMessage(layer=LAYER, revision=999_999, published_at=instant, alerts=(alert,))
    server.publish(f"yj/v1/alerts/{LAYER}", leaked.sign(forged))
    eventually(lambda: household(tv).alerts.revisions() == {LAYER: 999_999}, "so is the forged alert")
    _leak(server)
    _sign_anew(server, one)
    eventually(lambda: server.reported and server.reported.desired_version == 2, "the server's own word counts again")
    eventually(lambda: household(tv).alerts.revisions() == {}, "the forged alert is gone")
    eventually(lambda: tv.state.station and tv.state.station.name == "马场村站点", "the station is its own")


def test_a_box_that_was_away_asks_about_the_key_that_it_does_not_know(server: Counterpart, data: Path) -> None:
    package = server.add_package()
    server.want()
    one = airing(start=now() + 60 * MINUTES, package=package)
    server.plan(1, one)
    with television(server.url, data) as tv:
        eventually(lambda: _whole(household(tv), package), "the lesson is here, all of it")
    fetched = len(server.ranges)
    _leak(server)
    _sign_anew(server, one)
    with television(server.url, data) as tv:
        eventually(lambda: server.reported and server.reported.keys_no == 1, "it has learnt the new set")
        eventually(lambda: household(tv).store.report(package).state is PackageState.STORED, "and the new approval")
    assert len(server.ranges) - fetched <= 1, "no file but the manifest was fetched again"


def test_strangers_make_a_box_ask_once_and_not_again(server: Counterpart, data: Path) -> None:
    server.want()
    with television(server.url, data) as tv:
        eventually(lambda: server.reported and server.reported.desired_version == 1, "the box is at work")
        for version in range(2, 8):
            stranger = Signer(new_private_jwk())
            wanted = Desired(box=BOX, version=version, station=StationCard(id="x", name="x"), layers=())
            server.publish(f"yj/v1/boxes/{BOX}/desired", stranger.sign(wanted))
        eventually(lambda: "/api/v1/box/keys" in server.requests, "it asks")
        server.want(9)
        eventually(lambda: server.reported and server.reported.desired_version == 9, "the server's word comes through")
        assert household(tv).documents.desired is not None
    assert server.requests.count("/api/v1/box/keys") == 1
    assert trusting.PUZZLED_S >= 120


def test_a_key_for_timetables_approves_nothing(server: Counterpart, data: Path) -> None:
    approvals = Signer(new_private_jwk())
    package, own = server.add_package(b"a"), server.add_package(b"b")
    server.approve(own, signer=approvals)
    server.keys = jwk_set(
        [
            trusted_for(server.signer.public_jwk, [Purpose.TIMETABLES]),
            trusted_for(approvals.public_jwk, [Purpose.APPROVALS]),
        ]
    )
    Vault(data / "secret").keep(server.credentials())
    server.want()
    start = now() + 60 * MINUTES
    server.plan(1, airing(start=start, package=package), airing(start=start + 60 * MINUTES, package=own, slot="b"))
    with television(server.url, data) as tv:
        store = household(tv).store
        eventually(lambda: store.report(own).state is PackageState.STORED, "what the right key approved is fetched")
        eventually(lambda: store.report(package).state is PackageState.REFUSED, "what the other one approved is not")

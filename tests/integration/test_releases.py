"""A release from the packer to a box's disk: the real command line, server and television's code, over TLS."""

import argparse
import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import msgspec
import pytest

from contentserver import admin, boxes
from contentserver.boxes import Box
from contentserver.kernel import clock
from schedules.wire.messages import Desired, Release
from schedules.wire.signing import Verifier
from tests.integration.conftest import RunningBroker
from tests.integration.office import VILLAGE, SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.adapters.api import Api
from tvclient.adapters.errors import Refused, Revoked, Unknown
from tvclient.adapters.identity import Vault
from tvclient.adapters.trust import trusting
from tvclient.fleet import DarkBox
from tvclient.kiosk import launch, pack
from tvclient.kiosk.releases import Releases, name_of

ROOT = Path(pack.__file__).parents[2]


@pytest.fixture
def office(tmp_path: Path, broker: RunningBroker) -> Iterator[SecureOffice]:
    found = SecureOffice(tmp_path / "office", broker)
    yield found
    found.close()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    pack.pack("0.3.1", tmp_path / "tv.zip", ROOT)
    return tmp_path / "tv.zip"


def _admin(office: SecureOffice, *words: str) -> int:
    parser = argparse.ArgumentParser()
    admin.add_arguments(parser)
    return admin.run(office.services.settings, parser.parse_args(words))


def _enrolled(office: SecureOffice, data: Path) -> Api:
    """A box that was let in, as it speaks over HTTP."""
    with closing(DarkBox(office.url, data, "YJ-1")) as box:
        box.start()
        office.welcome(box)
    kept = Vault(data / "secret").credentials()
    assert kept is not None
    return Api(office.url, kept.http_token, authority=kept.authority)


def _wanted(office: SecureOffice, api: Api) -> Release | None:
    keys = bytes(office.services.introduction.signing_keys)
    return Verifier(keys).read(api.desired(), Desired).release


def test_a_release_comes_to_the_boxes_of_one_village_whole_and_by_parts(
    office: SecureOffice, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _enrolled(office, tmp_path / "tv") as api:
        assert _admin(office, "add-release", str(archive)) == 0
        assert _wanted(office, api) is None
        assert _admin(office, "want-release", "0.3.1", "--region", VILLAGE) == 0
        wanted = _wanted(office, api)
        assert wanted is not None
        data = archive.read_bytes()
        assert (wanted.sha256, wanted.bytes) == (hashlib.sha256(data).hexdigest(), len(data))

        releases = Releases(tmp_path / "releases", "", wanted.needs)
        assert releases.due(wanted)
        half = tmp_path / "releases" / f".{name_of(wanted)}.zip"
        half.write_bytes(data[: len(data) // 2])
        asked: list[int] = []

        def opened(from_byte: int) -> object:
            asked.append(from_byte)
            return api.release(wanted, from_byte)

        releases.take(wanted, opened)  # type: ignore[arg-type]  # it notes where the fetching went on, nothing else
        assert asked == [len(data) // 2]
        assert launch.read(tmp_path / "releases")["trial"] == name_of(wanted)
        assert (tmp_path / "releases" / name_of(wanted) / "tvclient" / "__main__.py").is_file()

        _report(office, running=name_of(wanted))
        assert _admin(office, "want-release", "none") == 0
        assert _wanted(office, api) is None
    capsys.readouterr()
    assert _admin(office, "releases") == 0
    printed = capsys.readouterr().out
    assert "0.3.1" in printed
    assert "1 boxes keep the program that they have" in printed


def _report(office: SecureOffice, running: str) -> None:
    """What the box will say once it runs the release."""
    with office.services.database.unit_of_work() as session:
        box = session.get_one(Box, 1)
        said = msgspec.json.decode(box.reported)
        box.reported = msgspec.json.encode({**said, "release": running}).decode()


def test_ranges_are_served_and_strangers_get_nothing(office: SecureOffice, archive: Path, tmp_path: Path) -> None:
    _admin(office, "add-release", str(archive))
    data = archive.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    address = f"{office.url}/api/v1/box/release/{digest}"
    context = trusting(office.broker.authority_file.read_text())
    with _enrolled(office, tmp_path / "tv") as api, httpx.Client(verify=context) as anybody:
        kept = Vault(tmp_path / "tv" / "secret").credentials()
        assert kept is not None
        token = {"Authorization": f"Bearer {kept.http_token}"}
        whole = anybody.get(address, headers=token)
        assert (whole.status_code, whole.content) == (200, data)
        part = anybody.get(address, headers={**token, "Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, data[100:200])
        for headers in ({}, {"Authorization": "Bearer guess"}):
            assert anybody.get(address, headers=headers).status_code == 401
        for other in (digest[:-1] + ("0" if digest[-1] != "0" else "1"), "..%2F..%2Fkey.jwk", "x"):
            assert anybody.get(f"{office.url}/api/v1/box/release/{other}", headers=token).status_code == 404
        unknown = Release(version="9", sha256="0" * 64, bytes=1, needs="")
        with pytest.raises((Refused, Unknown)), api.release(unknown):
            pass
        office.change(boxes.end_enrolment, "丢失", office.who, office.services.signer, clock.now(), box=1)
        with pytest.raises(Revoked), api.release(Release(version="0.3.1", sha256=digest, bytes=1, needs="")):
            pass


def test_the_link_tells_a_connected_box(office: SecureOffice, archive: Path, tmp_path: Path) -> None:
    _admin(office, "add-release", str(archive))
    with closing(DarkBox(office.url, tmp_path / "tv", "YJ-1")) as box:
        box.start()
        office.welcome(box)
        before = _version(office)
        assert _admin(office, "want-release", "0.3.1") == 0
        eventually(lambda: _version(office) > before and _heard(office) >= _version(office), "the box has heard it")


def _take(office: SecureOffice, archive: Path, data: Path) -> None:
    """A new box is let in, takes the release, and ends itself to begin anew."""
    assert _admin(office, "add-release", str(archive)) == 0
    with closing(DarkBox(office.url, data, "YJ-1", release="")) as box:
        box.start()
        office.welcome(box)
        assert _admin(office, "want-release", "0.3.1") == 0
        eventually(lambda: box.left, "the program has ended itself")


def test_a_box_takes_the_wanted_release_leaves_when_nobody_watches_and_says_what_it_runs(
    office: SecureOffice, archive: Path, tmp_path: Path
) -> None:
    data = tmp_path / "tv"
    _take(office, archive, data)
    name = launch.choose(data / "releases")
    assert name.startswith("0.3.1-")
    with closing(DarkBox(office.url, data, "YJ-1", release=name)) as box:
        box.start()
        eventually(lambda: _running(office) == name, "the server knows which release runs")
        assert not box.left


def test_a_box_says_that_it_gave_a_release_up_and_does_not_take_it_again(
    office: SecureOffice, archive: Path, tmp_path: Path
) -> None:
    data = tmp_path / "tv"
    _take(office, archive, data)
    tried = [launch.choose(data / "releases") for _ in range(launch.TRIALS + 1)]
    assert tried[-1] == ""
    with closing(DarkBox(office.url, data, "YJ-1", release="")) as box:
        box.start()
        eventually(lambda: _report_of(office).get("release_given_up") == tried[0], "the server knows that it failed")
        assert not box.left


def _running(office: SecureOffice) -> str:
    return str(_report_of(office).get("release", ""))


def _report_of(office: SecureOffice) -> dict[str, object]:
    with office.services.database.reader() as session:
        said = session.get_one(Box, 1).reported
    return msgspec.json.decode(said, type=dict[str, object]) if said else {}


def _version(office: SecureOffice) -> int:
    with office.services.database.reader() as session:
        return session.get_one(Box, 1).desired_version


def _heard(office: SecureOffice) -> int:
    with office.services.database.reader() as session:
        said = session.get_one(Box, 1).reported
        return int(msgspec.json.decode(said)["desired_version"]) if said else 0


def test_commands_that_cannot_be_done_say_why_and_change_nothing(
    office: SecureOffice, archive: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "no.zip").write_bytes(b"no archive")
    for words in (
        ("add-release", str(tmp_path / "no.zip")),
        ("add-release", str(tmp_path / "missing.zip")),
        ("want-release", "0.3.1"),
        ("want-release", "0.3.1", "--region", "999999"),
        ("expect-boxes", str(tmp_path / "missing.csv")),
        ("expect-boxes", str(tmp_path / "no.zip"), "--by", "nobody"),
    ):
        assert _admin(office, *words) == 1, words
        assert capsys.readouterr().err.strip(), words
    assert _admin(office, "releases") == 0


def test_boxes_are_announced_from_a_sheet_all_or_none(
    office: SecureOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet = tmp_path / "boxes.csv"
    sheet.write_text("序列号,站点,备注\nYJ-7,马场村,第一批\nYJ-8,没有这个村,\n", encoding="utf-8-sig")
    assert _admin(office, "expect-boxes", str(sheet)) == 1
    assert "row 3: YJ-8" in capsys.readouterr().err
    sheet.write_text("序列号,站点,备注\nYJ-7,马场村,第一批\n", encoding="gb18030")
    assert _admin(office, "expect-boxes", str(sheet), "--by", "quan") == 0
    with closing(DarkBox(office.url, tmp_path / "tv", "yj-7")) as box:
        box.start()
        eventually(lambda: box.shell.state.online, "the box is at the broker")
        assert box.shell.state.enrolment.claim_code == ""

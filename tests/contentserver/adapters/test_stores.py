"""One interface, two stores: a folder, and a real S3 server; and what becomes of packages while the server is away."""

import argparse
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from flask import Flask

from contentserver import admin
from contentserver.adapters import object_store
from contentserver.adapters.object_store import S3Store, place_of
from contentserver.adapters.package_store import FolderStore, Store
from contentserver.courses import StoreAway
from contentserver.settings import SettingsInvalid, from_environment
from media_pipeline.manifest import (
    MANIFEST_FILE,
    MadeWith,
    Manifest,
    PackageFile,
    SourceFacts,
    encode_manifest,
    package_name,
)
from tests.object_store import BUCKET, ObjectStore, running
from tests.serving import services_in

pytestmark = [pytest.mark.xdist_group("object-store"), pytest.mark.timeout(180)]
ACCEL = "/internal/packages/"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    with running(ObjectStore(tmp_path_factory.mktemp("s3"))) as found:
        yield found


@dataclass
class Shop:
    """A store, the folder in which packages are made, and a way to another program's view of the same."""

    store: Store
    make: Callable[[Path], Store]
    folder: Path
    made: int = field(default=0)

    def another(self) -> Store:
        return self.make(self.folder)

    def package(self, *, files: int = 3) -> str:
        """A new package where packages are made."""
        self.made += 1
        bodies = {f"360p/{number}.m4s": f"{self.folder} {self.made} {number}".encode() * 200 for number in range(files)}
        bodies["master.m3u8"] = b"#EXTM3U8\n"
        listed = [PackageFile(path, len(body), hashlib.sha256(body).hexdigest()) for path, body in bodies.items()]
        written = encode_manifest(_manifest(listed))
        name = package_name(written)
        for path, body in {**bodies, MANIFEST_FILE: written}.items():
            place = self.folder / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)
        return name


def _manifest(files: list[PackageFile]) -> Manifest:
    return Manifest(1000, (), tuple(files), MadeWith("ffmpeg n9", "1"), SourceFacts(1000, 9, "h264"))


def _s3(server: ObjectStore, folder: Path, *, fronted: bool = False) -> S3Store:
    return S3Store(folder, "s" * 40, place_of(server.url), fronted=fronted)


@pytest.fixture(params=["folder", "s3"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    if request.param == "folder":
        return Shop(FolderStore(tmp_path, "s" * 40, ""), lambda folder: FolderStore(folder, "s" * 40, ""), tmp_path)
    server: ObjectStore = request.getfixturevalue("server")
    return Shop(_s3(server, tmp_path), lambda folder: _s3(server, folder), tmp_path)


def _files(store: Store, name: str) -> dict[str, bytes]:
    manifest: Manifest = store.manifest(name)
    return {file.path: b"".join(store.pieces(name, file.path)) for file in manifest.files}


def test_what_was_kept_is_found_by_every_program_as_it_was(shop: Shop) -> None:
    name = shop.package()
    before = {
        path: (shop.folder / name / path).read_bytes()
        for path in ("360p/0.m4s", "360p/1.m4s", "360p/2.m4s", "master.m3u8")
    }
    shop.store.keep(name)
    shop.store.forget_local(name)
    shop.store.forget_local(name)
    found = shop.another()
    assert _files(found, name) == before
    assert found.size(name) == sum(map(len, before.values()))
    assert package_name(b"".join(found.pieces(name, MANIFEST_FILE))) == name
    assert found.has(name, "360p/1.m4s")
    assert found.has(name, MANIFEST_FILE)
    assert not found.has(name, "360p/9.m4s")


def test_keeping_again_changes_nothing(shop: Shop) -> None:
    name = shop.package()
    shop.store.keep(name)
    shop.store.keep(name)
    shop.store.forget_local(name)
    shop.another().keep(name)
    assert len(_files(shop.another(), name)) == 4


def test_what_is_not_there_is_not_there(shop: Shop) -> None:
    unknown = package_name(b"nothing of the kind")
    with pytest.raises(FileNotFoundError):
        shop.store.manifest(unknown)
    with pytest.raises(OSError, match=r"."):
        list(shop.store.pieces(unknown, "360p/0.m4s"))
    assert not shop.store.has(unknown, MANIFEST_FILE)
    for name in ("..", "../secrets", "sha256-xyz", "", f"{unknown}/../x"):
        assert not shop.store.has(name, MANIFEST_FILE)


def test_a_file_is_sent_whole_and_in_parts(shop: Shop) -> None:
    name = shop.package()
    body = (shop.folder / name / "360p" / "1.m4s").read_bytes()
    shop.store.keep(name)
    app = Flask(__name__)
    app.add_url_rule("/whole", view_func=lambda: shop.store.send(name, "360p/1.m4s"))
    client = app.test_client()
    with client.get("/whole") as whole, client.get("/whole", headers={"Range": "bytes=10-19"}) as part:
        assert (whole.status_code, whole.data) == (200, body)
        assert (part.status_code, part.data) == (206, body[10:20])


def test_releases_lie_beside_packages(shop: Shop) -> None:
    digest = hashlib.sha256(b"archive").hexdigest()
    for _ in range(2):
        shop.store.keep_release(digest, b"archive")
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: shop.another().send_release(digest))
    with app.test_client().get("/") as answer:
        assert answer.data == b"archive"


def test_nobody_finds_half_a_package(server: ObjectStore, tmp_path: Path) -> None:
    """What stops the keeping may come at any file: the manifest is not there, and beginning anew finishes it."""
    shop = Shop(_s3(server, tmp_path), lambda folder: _s3(server, folder), tmp_path)
    name, asked = shop.package(files=12), 0

    def stop_at_the_third() -> None:
        nonlocal asked
        asked += 1
        if asked >= 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        shop.store.keep(name, stop_at_the_third)
    assert not shop.another().has(name, MANIFEST_FILE)
    assert f"{name}/{MANIFEST_FILE}" not in server.names()
    shop.store.keep(name)
    assert len(_files(shop.another(), name)) == 13


def test_a_package_that_was_altered_where_it_was_made_is_not_kept(server: ObjectStore, tmp_path: Path) -> None:
    shop = Shop(_s3(server, tmp_path), lambda folder: _s3(server, folder), tmp_path)
    name = shop.package()
    (tmp_path / name / "360p" / "1.m4s").write_bytes(b"something else")
    with pytest.raises(OSError, match="not what its manifest says"):
        shop.store.keep(name)
    assert not shop.another().has(name, MANIFEST_FILE)


def test_another_maker_of_the_same_package_may_be_done_first(server: ObjectStore, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    shop = Shop(_s3(server, first), lambda folder: _s3(server, folder), first)
    name = shop.package()
    shutil.copytree(first, second)
    shop.store.keep(name)
    shutil.rmtree(second)
    shop.make(second).keep(name)


def test_nginx_is_told_a_presigned_address_below_the_path_that_it_knows(server: ObjectStore, tmp_path: Path) -> None:
    store = _s3(server, tmp_path, fronted=True)
    name, front = package_name(b"{}"), store.front("1g")
    address = store.send(name, "360p/0.m4s").headers["X-Accel-Redirect"]
    assert address.startswith(f"/internal/s3{front.path}/{name}/360p/0.m4s?X-Amz-")
    assert (front.secure, front.host, front.path) == (False, f"127.0.0.1:{server.port}", f"/{BUCKET}")


def test_while_the_store_is_away_it_is_asked_once_and_known_manifests_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "LEFT_ALONE_S", 0.0)
    server = ObjectStore(tmp_path / "s3")
    shop = Shop(_s3(server, tmp_path / "made"), lambda folder: _s3(server, folder), tmp_path / "made")
    known, new = shop.package(), shop.package()
    with running(server):
        shop.store.keep(known)
        shop.store.manifest(known)
    assert shop.store.has(known, "360p/1.m4s")
    with pytest.raises(StoreAway):
        shop.store.keep(new)
    with pytest.raises(StoreAway):
        shop.another().has(known, MANIFEST_FILE)
    monkeypatch.setattr(object_store, "LEFT_ALONE_S", 60.0)
    with pytest.raises(StoreAway):
        shop.store.keep(new)
    with running(server):
        with pytest.raises(StoreAway, match="a moment ago"):
            shop.store.keep(new)
        shop.another().keep(new)
        assert len(_files(shop.another(), known)) == len(_files(shop.another(), new)) == 4


def test_a_store_that_refuses_the_key_is_away(server: ObjectStore, tmp_path: Path) -> None:
    wrong = place_of(server.url.replace("the-store-s-secret", "another-secret"))
    with pytest.raises(StoreAway):
        S3Store(tmp_path, "s" * 40, wrong, fronted=False).manifest(package_name(b"{}"))


def test_an_address_of_a_store_is_read_or_refused() -> None:
    place = place_of("s3+https://key:s%2Fcret@oss.example:9000/lessons/county/a?region=cn-west")
    assert (place.secure, place.host, place.secret) == (True, "oss.example:9000", "s/cret")
    assert (place.bucket, place.folder, place.region) == ("lessons", "county/a", "cn-west")
    for wrong in ("https://key:secret@host/bucket", "s3+https://host/bucket", "s3+https://key:secret@host/"):
        with pytest.raises(ValueError, match=r"s3\+https"):
            place_of(wrong)
        with pytest.raises(SettingsInvalid, match="PACKAGES_URL"):
            from_environment({"YUANJIAO_PACKAGES_URL": wrong})


@pytest.mark.parametrize(
    "wrong", ["127.0.0.1:1883", "mqtt://name@host:1883", "mqtt://name:word@host", "http://a:b@c:1"]
)
def test_brokers_that_are_none_are_refused(wrong: str) -> None:
    with pytest.raises(SettingsInvalid, match="BOX_BROKERS"):
        from_environment({"YUANJIAO_BOX_BROKERS": wrong})


def test_a_command_puts_what_lies_in_the_folder_into_the_store(
    server: ObjectStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    services = services_in(tmp_path, packages_url=server.url)
    settings = services.settings
    shop = Shop(services.store, lambda folder: _s3(server, folder), settings.packages_dir)
    names = [shop.package(), shop.package()]
    (settings.packages_dir / "releases").mkdir()
    (settings.packages_dir / "releases" / f"{'ab' * 32}.zip").write_bytes(b"archive")
    parser = argparse.ArgumentParser()
    admin.add_arguments(parser)
    given = parser.parse_args(["put-packages"])
    assert admin.run(settings, given) == 0
    assert "2 packages and 1 releases" in capsys.readouterr().out
    assert all(len(_files(shop.make(tmp_path / "elsewhere"), name)) == 4 for name in names)
    assert f"releases/{'ab' * 32}.zip" in server.names()
    assert all((settings.packages_dir / name).is_dir() for name in names)
    assert admin.run(msgspec.structs.replace(settings, packages_url=""), given) == 1
    services.database.engine.dispose()

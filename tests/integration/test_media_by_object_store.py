"""Pieces of lessons from an S3 store through the real nginx: fetched once, in parts, and while others are down."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from contentserver.app import Services
from contentserver.kernel import clock
from media_pipeline.manifest import (
    MANIFEST_FILE,
    MadeWith,
    Manifest,
    PackageFile,
    SourceFacts,
    encode_manifest,
    package_name,
)
from tests.demo.stack import free_port
from tests.fronted import fronted
from tests.object_store import ObjectStore, running
from tests.serving import services_in

pytestmark = [pytest.mark.xdist_group("object-store"), pytest.mark.timeout(240)]
PIECE = bytes(range(256)) * 4000
PATHS = ("v/0001.m4s", "v/0002.m4s", "master.m3u8")


@pytest.fixture
def server(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "s3")


@pytest.fixture
def services(tmp_path: Path, server: ObjectStore) -> Iterator[Services]:
    tmp_path.chmod(0o755)
    for above in tmp_path.parents[:2]:
        above.chmod(0o755)  # nginx' own processes may not be root
    found = services_in(tmp_path, accel_prefix="/internal/packages/", packages_url=server.url)
    yield found
    found.database.engine.dispose()


def _keep_package(services: Services) -> str:
    """A package in the store alone."""
    listed = tuple(PackageFile(path, len(PIECE), hashlib.sha256(PIECE).hexdigest()) for path in PATHS)
    raw = encode_manifest(Manifest(1000, (), listed, MadeWith("ffmpeg n9", "1"), SourceFacts(1000, 9, "h264")))
    name = package_name(raw)
    folder = services.settings.packages_dir / name
    (folder / "v").mkdir(parents=True)
    for path in PATHS:
        (folder / path).write_bytes(PIECE)
    (folder / MANIFEST_FILE).write_bytes(raw)
    services.store.keep(name)
    services.store.forget_local(name)
    assert not folder.exists()
    return name


def _kept_by_nginx(folder: Path) -> int:
    return sum(file.is_file() for file in (folder / "web" / "pieces").rglob("*"))


def test_nginx_gives_pieces_of_a_store_at_signed_addresses_alone_and_fetches_each_once(
    services: Services, server: ObjectStore, tmp_path: Path
) -> None:
    with running(server):
        name, port = _keep_package(services), free_port()
        base, query, _expires = services.store.access(name, clock.now())
        _base, later, _expires = services.store.access(name, clock.now() + timedelta(seconds=5))
        _base, old, _expired = services.store.access(name, clock.now() - timedelta(days=2))
        with fronted(tmp_path, services, port), httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            part = client.get(f"{base}v/0001.m4s{query}", headers={"Range": "bytes=100-299"})
            assert (part.status_code, part.content) == (206, PIECE[100:300])
            with ThreadPoolExecutor(8) as hands:
                answers = list(hands.map(lambda _: client.get(f"{base}v/0001.m4s{query}"), range(16)))
            assert [answer.status_code for answer in answers] == [200] * 16
            assert {answer.content for answer in answers} == {PIECE}
            assert "immutable" in answers[0].headers["Cache-Control"]
            assert answers[0].headers["Content-Type"] == "video/iso.segment"
            assert not {one for one in answers[0].headers if "amz" in one or "seaweed" in one}
            assert _kept_by_nginx(tmp_path) == 1
            assert client.get(f"{base}v/0001.m4s{later}").content == PIECE
            part = client.get(f"{base}v/0001.m4s{later}", headers={"Range": "bytes=-5"})
            assert (part.status_code, part.content) == (206, PIECE[-5:])
            assert _kept_by_nginx(tmp_path) == 1
            manifest = client.get(f"{base}{MANIFEST_FILE}{query}")
            assert package_name(manifest.content) == name
            for address in (f"{base}v/0001.m4s", f"{base}v/0001.m4s{query[:-1]}", f"{base}v/0001.m4s{old}"):
                assert client.get(address).status_code == 403, address
            assert client.get(f"{base}v/0009.m4s{query}").status_code == 404
            for address in (f"/internal/s3/packages/{name}/v/0001.m4s", "/internal/s3/"):
                assert client.get(address).status_code == 404, address


def test_while_the_store_is_away_what_was_fetched_is_given_and_the_rest_is_to_be_asked_again(
    services: Services, server: ObjectStore, tmp_path: Path
) -> None:
    port = free_port()
    with fronted(tmp_path, services, port) as web, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        with running(server):
            name = _keep_package(services)
            base, query, _expires = services.store.access(name, clock.now())
            assert client.get(f"{base}v/0001.m4s{query}", timeout=30).content == PIECE
        with ThreadPoolExecutor(8) as hands:  # of the two processes one has read the manifest and one has not
            away = list(hands.map(lambda _: client.get(f"{base}v/0002.m4s{query}", timeout=60), range(16)))
        assert {(gone.status_code, gone.headers.get("Retry-After")) for gone in away} == {(503, "15")}
        assert client.get(f"{base}v/0001.m4s{query}").content == PIECE
        assert client.get("/sign-in").status_code == 200
        with running(server):
            assert client.get(f"{base}v/0002.m4s{query}", timeout=60).content == PIECE
        web.terminate()
        web.wait(60)
        assert client.get("/sign-in").status_code == 502
        assert client.get(f"{base}v/0001.m4s{query}").content == PIECE
        assert client.get(f"{base}v/0002.m4s{query}").content == PIECE

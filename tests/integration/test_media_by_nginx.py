"""Pieces of lessons through the real nginx: signed addresses alone, parts of files, and while the pages are down."""

import hashlib
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from contentserver.app import Services
from contentserver.kernel import clock
from media_pipeline.manifest import MANIFEST_FILE, package_name
from tests.demo.stack import free_port
from tests.fronted import fronted
from tests.serving import services_in

PIECE = bytes(range(256)) * 40


@pytest.fixture
def services(tmp_path: Path) -> Services:
    tmp_path.chmod(0o755)
    for above in tmp_path.parents[:2]:
        above.chmod(0o755)  # nginx' own processes may not be root
    return services_in(tmp_path, accel_prefix="/internal/packages/")


def _package(services: Services) -> str:
    name = package_name(b"{}")
    folder = services.settings.packages_dir / name
    (folder / "v").mkdir(parents=True)
    (folder / "v" / "0001.m4s").write_bytes(PIECE)
    (folder / MANIFEST_FILE).write_bytes(b"{}")
    return name


def _changed(text: str) -> str:
    return text[:-1] + ("0" if text[-1] != "0" else "1")


def test_only_a_signed_address_gives_a_piece_and_any_part_of_it(services: Services, tmp_path: Path) -> None:
    name, port = _package(services), free_port()
    base, query, _expires = services.store.access(name, clock.now())
    _base, old, _expired = services.store.access(name, clock.now() - timedelta(days=2))
    other = package_name(b"[]")
    with fronted(tmp_path, services, port), httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        whole = client.get(f"{base}v/0001.m4s{query}")
        assert (whole.status_code, hashlib.sha256(whole.content).digest()) == (200, hashlib.sha256(PIECE).digest())
        assert "immutable" in whole.headers["Cache-Control"]
        part = client.get(f"{base}v/0001.m4s{query}", headers={"Range": "bytes=100-299"})
        assert (part.status_code, part.content) == (206, PIECE[100:300])
        for address in (
            f"{base}v/0001.m4s",
            f"{base}v/0001.m4s{_changed(query)}",
            f"{base}v/0001.m4s{old}",
            f"/media/{other}/v/0001.m4s{query}",
        ):
            assert client.get(address).status_code == 403, address
        for address in (f"{base}v/0002.m4s{query}", f"{base}v/{query}", f"{base}..%2f..%2fkey.jwk{query}"):
            assert client.get(address).status_code in (403, 404), address
        assert client.get(f"/internal/admission{query}").status_code == 404
        assert client.get(f"/internal/packages/{name}/v/0001.m4s").status_code == 404


def test_lessons_go_on_arriving_while_the_pages_are_down(services: Services, tmp_path: Path) -> None:
    name, port = _package(services), free_port()
    base, query, _expires = services.store.access(name, clock.now())
    with fronted(tmp_path, services, port) as web, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        assert client.get(f"{base}v/0001.m4s{query}").status_code == 200
        web.terminate()
        web.wait(60)
        assert client.get("/sign-in").status_code == 502
        assert client.get(f"{base}v/0001.m4s{query}").content == PIECE

"""Signed addresses: what was not made here, was altered or is too old opens nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contentserver.adapters.package_store import LIFETIME, FolderStore

NOW = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
STORE = FolderStore(Path("packages"), "s" * 40, "/internal/packages/")
PACKAGE = "sha256-" + "ab" * 32


def _parts(query: str) -> tuple[str, str]:
    expiry, signature = query.removeprefix("?e=").split("&s=")
    return expiry, signature


def test_an_address_holds_for_its_package_until_it_expires() -> None:
    base, query, expires = STORE.access(PACKAGE, NOW)
    assert base == f"/media/{PACKAGE}/"
    assert expires == NOW + LIFETIME
    assert STORE.address_valid(PACKAGE, *_parts(query), NOW)
    assert STORE.address_valid(PACKAGE, *_parts(query), expires - timedelta(seconds=1))
    assert not STORE.address_valid(PACKAGE, *_parts(query), expires)
    assert not STORE.address_valid(PACKAGE.replace("a", "c"), *_parts(query), NOW)


@given(st.text(max_size=20), st.text(max_size=40))
@example(str(int(NOW.timestamp()) + 60), "é")
def test_invented_addresses_open_nothing(expiry: str, signature: str) -> None:
    assert not STORE.address_valid(PACKAGE, expiry, signature, NOW)


def test_a_later_expiry_needs_a_new_signature() -> None:
    expiry, signature = _parts(STORE.access(PACKAGE, NOW)[1])
    assert not STORE.address_valid(PACKAGE, str(int(expiry) + 1), signature, NOW)


@pytest.mark.parametrize("package", ["..", "../secrets", "sha256-xyz", "", PACKAGE + "/../x"])
def test_names_that_are_no_packages_are_never_opened(package: str) -> None:
    assert not STORE.has(package, "manifest.json")


def test_nginx_is_told_where_the_bytes_are() -> None:
    response = STORE.send(PACKAGE, "360p/seg-00000.m4s")
    assert response.headers["X-Accel-Redirect"] == f"/internal/packages/{PACKAGE}/360p/seg-00000.m4s"


def test_a_release_lies_beside_the_packages_and_leaves_the_same_way(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "packages", "s" * 40, "/internal/packages/")
    for _ in range(2):
        store.keep_release("ab" * 32, b"archive")
    kept = [file for file in (tmp_path / "packages").rglob("*") if file.is_file()]
    assert kept == [tmp_path / "packages" / "releases" / f"{'ab' * 32}.zip"]
    assert kept[0].read_bytes() == b"archive"
    address = store.send_release("ab" * 32).headers["X-Accel-Redirect"]
    assert address == f"/internal/packages/releases/{'ab' * 32}.zip"
    assert not store.has("releases", f"{'ab' * 32}.zip")

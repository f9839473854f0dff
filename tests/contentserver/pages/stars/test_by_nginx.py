"""Photographs of a telephone come through nginx; other pages take no such large bodies."""

import io
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from contentserver import deploy
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.stars.models import Photograph
from tests.contentserver.pages.conftest import Office
from tests.demo.stack import free_port, listens, wait_until
from tests.serving import PASSWORD
from tvclient.adapters.trust import trusting

pytestmark = pytest.mark.xdist_group("pages")


def _large_photograph() -> bytes:
    """Between five and twelve megabytes: nothing but noise."""
    made = io.BytesIO()
    Image.frombytes("RGB", (3200, 2400), os.urandom(3200 * 2400 * 3)).save(made, "JPEG", quality=90)
    assert 5_000_000 < len(made.getvalue()) < 12_000_000
    return made.getvalue()


@pytest.fixture
def browsing(office: Office, tmp_path: Path) -> Iterator[httpx.Client]:
    """The station's administrator, signed in, behind nginx as write-config makes it."""
    secure, plain = free_port(), free_port()
    packages, authority_file = tmp_path / "packages", tmp_path / "authority.pem"
    packages.mkdir()
    authority.make_authority(authority_file, clock.now())
    config = deploy.write_web(
        tmp_path / "web",
        secure=deploy.Listener("127.0.0.1", secure),
        plain=deploy.Listener("127.0.0.1", plain),
        certificate=authority.issue(authority_file, tmp_path / "server.pem", ("127.0.0.1",), clock.now()).file,
        app_address=office.url.removeprefix("http://"),
        packages=packages,
        static=packages,
    )
    process = subprocess.Popen(["nginx", "-p", str(config.parent), "-c", str(config), "-e", "stderr"])
    try:
        wait_until(lambda: listens(secure), "nginx", 240)
        address = f"https://127.0.0.1:{secure}"
        with httpx.Client(
            base_url=address, verify=trusting(authority_file.read_text()), timeout=120, headers={"Referer": address}
        ) as client:
            form = {"username": "zhao", "password": PASSWORD, "csrf_token": _token(client, "/sign-in")}
            assert client.post("/sign-in", data=form).status_code == 302
            yield client
    finally:
        process.terminate()
        process.wait(10)


def _token(client: httpx.Client, path: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found
    return found[1]


def test_a_telephones_photograph_comes_through_and_no_larger_body_does(browsing: httpx.Client, office: Office) -> None:
    path = f"/stars/stations/{office.station}/ones/place"
    form = {"csrf_token": _token(browsing, path), "do": "photographs"}
    answer = browsing.post(path, data=form, files={"photographs": ("a.jpg", _large_photograph())})
    assert answer.status_code == 200
    with office.services.database.reader() as session:
        row = session.scalars(select(Photograph)).one()
        assert (row.width, row.height) == (2048, 1536)
    for address, size in ((path, 18_000_000), ("/stars/rules/edit", 5_000_000)):
        answer = browsing.post(address, data=form, files={"photographs": ("a.jpg", b"\0" * size)})
        assert answer.status_code == 413, address

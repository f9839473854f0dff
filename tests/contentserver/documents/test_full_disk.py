"""The disk is full under pages: whoever saves is told so, nothing is half done, and it goes on when there is room."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from contentserver.app import Services, create_app
from contentserver.documents import service
from contentserver.documents.models import Document
from contentserver.kernel.auth import Role
from tests.contentserver.documents.samples import COUNTY, PDF, words
from tests.contentserver.security.house import STAFF, entered, token_in
from tests.serving import hire, import_regions, services_in
from tests.small_disk import fill, small_disk

NOW = datetime(2026, 11, 28, 2, tzinfo=UTC)
FULL = "磁盘已满"


@contextmanager
def office(folder: Path, **settings: object) -> Iterator[tuple[Services, FlaskClient, Document]]:
    """A county's clerk at a draft."""
    services = services_in(folder, **settings)
    with services.database.unit_of_work() as session:
        import_regions(session)
        who = hire(session, {STAFF: ("李", Role.COUNTY_STAFF, COUNTY)}, NOW)[STAFF]
        row = service.draft(session, words(), who, NOW)
    try:
        yield services, entered(create_app(services.settings, services)), row
    finally:
        services.database.engine.dispose()


def attach(client: FlaskClient, row: Document, size: int) -> TestResponse:
    page = client.get(f"/documents/{row.id}").get_data(as_text=True)
    file = (io.BytesIO(PDF + bytes(size)), "a.pdf")
    return client.post(f"/documents/{row.id}/files", data={"csrf_token": token_in(page), "files": file})


def test_the_disk_of_attachments_is_full(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 4 << 20) as disk,
        office(tmp_path, data_dir=disk / "data") as (_services, client, row),
    ):
        filler = fill(disk, leave=200_000)
        before = {one for one in disk.rglob("*") if one.is_file()}
        answer = attach(client, row, 400_000)
        assert (answer.status_code, FULL in answer.text) == (507, True)
        assert {one for one in disk.rglob("*") if one.is_file()} == before, "half a file stays"
        filler.unlink()
        assert attach(client, row, 400_000).status_code == 302
        assert "a.pdf" in client.get(f"/documents/{row.id}").text


def test_the_disk_of_the_database_is_full(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "disk", 32 << 20) as disk,
        office(disk, data_dir=tmp_path / "data") as (services, client, row),
    ):
        page = client.get("/documents/new").get_data(as_text=True)
        form = {
            "csrf_token": token_in(page),
            "title": "关于秋冬种的通知",
            "text": "请按期上报。" * 300,
            "regions": "640221203",
            "to_offices": "1",
            "read_days": "3",
            "reply": "none",
        }
        filler = fill(disk)
        answer = client.post("/documents/new", data=form)
        assert (answer.status_code, FULL in answer.text) == (507, True)
        assert client.get(f"/documents/{row.id}").status_code == 200, "reading goes on"
        filler.unlink()
        with services.database.reader() as session:
            assert session.scalar(select(func.count(Document.id))) == 1
        assert client.post("/documents/new", data=form).status_code == 302

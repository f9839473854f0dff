"""A furnished installation of one test's own: every kind of row, a lesson's package, files of data, keys."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from contentserver.boxes.models import ReleaseRow
from contentserver.courses import Lesson
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Refusal
from contentserver.settings import Settings
from media_pipeline.manifest import (
    MANIFEST_FILE,
    MadeWith,
    Manifest,
    PackageFile,
    SourceFacts,
    encode_manifest,
    package_name,
)
from tests.contentserver.conftest import VILLAGE
from tests.contentserver.scope.furnish import furnish
from tests.serving import import_regions, services_in

PASSPHRASE = "a passphrase for tests"


@dataclass
class House:
    """An installation, and its folder."""

    folder: Path
    settings: Settings

    def put(self, path: str, data: bytes) -> Path:
        """A file of data."""
        file = self.settings.data_dir / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        return file

    def database(self) -> Database:
        return Database(self.settings.database_url)

    def contents(self) -> dict[str, bytes]:
        """Every file of data by its path."""
        root = self.settings.data_dir
        files = [one for one in sorted(root.rglob("*")) if one.is_file() and one.name != "jobs.db"]
        return {str(one.relative_to(root)): one.read_bytes() for one in files}


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a furnished installation, to be copied."""
    folder = tmp_path_factory.mktemp("built") / "house"
    folder.mkdir()
    services = services_in(folder)
    with services.database.unit_of_work() as session:
        import_regions(session)
        furnish(session, services, "QXHOME", VILLAGE, clock.now())
    house = House(folder, services.settings)
    with services.database.unit_of_work() as session:
        lesson = session.scalars(select(Lesson)).first()
        assert lesson is not None
        lesson.package_name = package(house)
        for release in session.scalars(select(ReleaseRow)):
            house.put(f"packages/releases/{release.sha256}.zip", b"a program")
    pictures = (f"ledger/ee/{'e' * 64}.jpg", f"photographs/dd/{'d' * 64}.jpg", f"case_files/ee/{'e' * 64}.jpg")
    for path in (f"document_files/ee/{'e' * 64}", *pictures):
        house.put(path, path.encode())
    services.database.engine.dispose()
    return folder


@pytest.fixture
def house(built: Path, tmp_path: Path) -> House:
    folder = Path(shutil.copytree(built, tmp_path / "house"))
    settings = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{folder}/server.db",
        data_dir=folder / "data",
        broker_password="b" * 20,
        signing_key_file=folder / "keys" / "key.jwk",
        second_factor="off",
    )
    settings.keys_dir.mkdir()
    (folder / "key.jwk").rename(settings.signing_key_file)
    authority.make_authority(settings.authority_file, clock.now())
    authority.write_secret(settings.journal_key_file, authority.new_journal_key().encode())
    return House(folder, settings)


@contextmanager
def refused(kind: type[Refusal], said: str) -> Iterator[None]:
    """The block is refused with a sentence that says something."""
    with pytest.raises(kind) as caught:
        yield
    assert said in str(caught.value.sentence)


def empty_machine(house: House, folder: Path, **differences: object) -> House:
    """Another machine with the same settings, and nothing else."""
    folder.mkdir()
    settings = msgspec.structs.replace(
        house.settings,
        database_url=f"sqlite:///{folder}/server.db",
        data_dir=folder / "data",
        signing_key_file=folder / "keys" / "key.jwk",
        **differences,
    )
    return House(folder, settings)


def package(house: House) -> str:
    """A package of two small files; gives its name."""
    files = {"master.m3u8": b"#EXTM3U\n", "v/1.m4s": b"moving pictures" * 50_000}
    listed = tuple(PackageFile(path, len(data), hashlib.sha256(data).hexdigest()) for path, data in files.items())
    raw = encode_manifest(Manifest(1000, (), listed, MadeWith("ffmpeg n9", "1"), SourceFacts(1000, 9, "h264")))
    name = package_name(raw)
    for path, data in {**files, MANIFEST_FILE: raw}.items():
        house.put(f"packages/{name}/{path}", data)
    return name

"""A backup is whole or none, copies only what is new, and comes back into an empty machine."""

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import func, select

from contentserver import attendance
from contentserver.boxes import Box
from contentserver.courses import Uploads
from contentserver.kernel.db import Base
from contentserver.kernel.errors import Conflict, NotFound, Refusal, Rejected
from contentserver.operation import backup, moving, restoring, sealed, snapshot, store, verifying
from contentserver.operation.backup import Asked
from contentserver.settings import from_environment
from contentserver.timetable import LayerRecord
from tests.contentserver.conftest import create_postgres_database
from tests.contentserver.operation.conftest import PASSPHRASE, House, empty_machine, refused
from tests.small_disk import fill, small_disk

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
ASKED, PLAIN = Asked(passphrase=PASSPHRASE), Asked()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request: pytest.FixtureRequest, house: House) -> House:
    """On both databases, with the same rows."""
    if request.param == "sqlite":
        return house
    url = create_postgres_database(str(request.getfixturevalue("postgres")), f"b{uuid4().hex}")
    moving.move(house.settings.database_url, url)
    return House(house.folder, msgspec.structs.replace(house.settings, database_url=url))


def rows_of(house: House) -> dict[str, int]:
    database = house.database()
    with database.reader() as session:
        found = {name: session.scalar(select(func.count()).select_from(table)) or 0
                 for name, table in Base.metadata.tables.items()}  # fmt: skip
    database.engine.dispose()
    return found


def another(house: House, folder: Path, request: pytest.FixtureRequest) -> House:
    if house.settings.database_url.startswith("sqlite"):
        return empty_machine(house, folder)
    made = empty_machine(house, folder)
    url = create_postgres_database(str(request.getfixturevalue("postgres")), f"r{uuid4().hex}")
    return House(folder, msgspec.structs.replace(made.settings, database_url=url))


def test_everything_comes_back(installation: House, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    made = backup.make(installation.settings, tmp_path / "backups", ASKED, NOW)
    assert verifying.faults_of(tmp_path / "backups", store.generation(tmp_path / "backups")) == []
    target = another(installation, tmp_path / "other", request)
    done = restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    assert (done.name, done.files) == (made.name, made.files)
    assert target.contents() == installation.contents()
    before, after = rows_of(installation), rows_of(target)
    grown = {name for name in before if before[name] != after[name]}
    assert grown <= {"boxes", "audit_entries", "layer_revisions", "alert_revisions"}
    names = {one.name for one in installation.settings.keys_dir.iterdir()}
    assert {one.name for one in target.settings.keys_dir.iterdir()} == names
    assert {stat.S_IMODE(one.stat().st_mode) for one in target.settings.keys_dir.iterdir()} == {0o600}


def test_boxes_are_told_anew_and_no_number_is_given_twice(house: House, tmp_path: Path) -> None:
    backup.make(house.settings, tmp_path / "backups", ASKED, NOW)
    target = empty_machine(house, tmp_path / "other")
    restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    old, new = house.database(), target.database()
    with old.reader() as before, new.reader() as after:
        assert attendance.acknowledging.generation(before) != attendance.acknowledging.generation(after)
        last = max(before.scalars(select(Box.id)))
        assert max(after.scalars(select(Box.id))) == last + restoring.STEPS_AHEAD
        assert after.get_one(Box, last).desired_version > before.get_one(Box, last).desired_version + 900
        for layer in before.scalars(select(LayerRecord).where(LayerRecord.revision > 0)):
            again = after.get_one(LayerRecord, layer.id)
            assert again.revision == layer.revision + restoring.STEPS_AHEAD + 1
            assert again.plan == layer.plan
    old.engine.dispose()
    new.engine.dispose()


def test_the_second_copies_only_what_is_new(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    first = backup.make(house.settings, folder, PLAIN, NOW)
    house.put("photographs/aa/aa.jpg", b"a new picture")
    second = backup.make(house.settings, folder, PLAIN, NOW + timedelta(days=1))
    database = store.manifest_of(store.generation(folder)).database.bytes
    assert second.files == first.files + 1
    assert second.new_bytes == database + len(b"a new picture")
    third = backup.make(house.settings, folder, Asked(keep=1), NOW + timedelta(days=2))
    assert third.removed == (first.name, second.name)
    assert verifying.faults_of(folder, store.generation(folder)) == []


def test_contents_that_no_backup_names_are_cleared_away(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    file = house.put("photographs/aa/aa.jpg", b"soon gone")
    backup.make(house.settings, folder, PLAIN, NOW)
    file.unlink()
    backup.make(house.settings, folder, Asked(keep=1), NOW + timedelta(days=1))
    assert not any(one.read_bytes() == b"soon gone" for one in (folder / store.CONTENTS).glob("*/*"))
    assert verifying.faults_of(folder, store.generation(folder)) == []


def test_what_is_in_the_making_stays_out(house: House, tmp_path: Path) -> None:
    for path in ("packages/.making-x/1.m4s", "uploads/0123abc", "uploads/uploads.db", "jobs.db", "pulses/link"):
        house.put(path, b"passing")
    house.put("uploads/kept-0123abc", b"a recording that a lesson needs")
    backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    kept = {one.path for one in store.manifest_of(store.generation(tmp_path / "backups")).files}
    assert "uploads/kept-0123abc" in kept
    assert not any("passing" in one or one.startswith((".", "jobs", "pulses")) for one in kept)
    assert {one for one in kept if one.startswith("uploads/")} == {"uploads/kept-0123abc"}


def test_an_upload_goes_on_through_a_backup(house: House, tmp_path: Path) -> None:
    """Its half is in no backup: after a restore the browser is told that there is no such upload, and begins anew."""
    uploads = Uploads(house.settings.uploads_dir, 10_000, lambda: "somebody")
    begun = uploads.handle("POST", "", {"Upload-Length": "1000", "Tus-Resumable": "1.0.0"}, b"")
    name = begun.headers["Location"].rsplit("/", 1)[1]
    piece = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
    assert uploads.handle("PATCH", name, {**piece, "Upload-Offset": "0"}, b"x" * 400).status == 204
    backup.make(house.settings, tmp_path / "backups", ASKED, NOW)
    assert uploads.handle("PATCH", name, {**piece, "Upload-Offset": "400"}, b"x" * 600).status == 204
    assert (house.settings.uploads_dir / uploads.keep(name)).read_bytes() == b"x" * 1000
    target = empty_machine(house, tmp_path / "other")
    restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    target.settings.uploads_dir.mkdir(exist_ok=True)
    again = Uploads(target.settings.uploads_dir, 10_000, lambda: "somebody")
    with pytest.raises(NotFound):
        again.handle("HEAD", name, {"Tus-Resumable": "1.0.0"}, b"")


def test_keys_beside_the_data_are_never_copied_open(house: House, tmp_path: Path) -> None:
    beside = house.settings.data_dir / "key.jwk"
    shutil.copy(house.settings.signing_key_file, beside)
    settings = msgspec.structs.replace(
        house.settings, signing_key_file=beside, database_url=f"sqlite:///{house.settings.data_dir}/server.db"
    )
    shutil.copy(house.folder / "server.db", house.settings.data_dir / "server.db")
    backup.make(settings, tmp_path / "backups", ASKED, NOW)
    kept = {one.path for one in store.manifest_of(store.generation(tmp_path / "backups")).files}
    assert not {"key.jwk", "server.db"} & kept
    secret, key = settings.secret_key.encode(), beside.read_bytes()
    for file in (tmp_path / "backups").rglob("*"):
        assert not file.is_file() or (secret not in (data := file.read_bytes()) and key not in data), file
        assert not stat.S_IMODE(file.stat().st_mode) & 0o077 or file.name == store.LOCK, file


def test_settings_come_from_the_backup_alone(house: House, tmp_path: Path) -> None:
    backup.make(house.settings, tmp_path / "backups", ASKED, NOW)
    lines = restoring.saved_settings(tmp_path / "backups", "", PASSPHRASE)
    assert from_environment(restoring.environment_of(lines)) == house.settings
    with refused(Rejected, "passphrase"):
        restoring.saved_settings(tmp_path / "backups", "", PASSPHRASE + "!")


def test_the_brokers_state_comes_along(house: House, tmp_path: Path) -> None:
    broker = tmp_path / "broker"
    broker.mkdir()
    (broker / "dynamic-security.json").write_text("{}")
    (broker / "mosquitto.db").write_bytes(b"state")
    backup.make(house.settings, tmp_path / "backups", Asked(passphrase=PASSPHRASE, broker=broker), NOW)
    target = empty_machine(house, tmp_path / "other")
    restoring.restore(
        target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE, broker=tmp_path / "other" / "broker"
    )
    assert (tmp_path / "other" / "broker" / "mosquitto.db").read_bytes() == b"state"
    with refused(Rejected, "no folder of Mosquitto"):
        backup.make(house.settings, tmp_path / "backups", Asked(broker=tmp_path), NOW)


def test_rows_and_files_that_come_and_go_meanwhile(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lesson's file is taken away, and another comes, between the files and the database."""
    doomed, taken = house.put("photographs/aa/aa.jpg", b"taken away"), snapshot.take

    def meanwhile(url: str, generation: Path) -> Path:
        doomed.unlink()
        house.put("photographs/bb/bb.jpg", b"came meanwhile")
        return taken(url, generation)

    monkeypatch.setattr(snapshot, "take", meanwhile)
    backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    kept = {one.path for one in store.manifest_of(store.generation(tmp_path / "backups")).files}
    assert {"photographs/aa/aa.jpg", "photographs/bb/bb.jpg"} <= kept


def test_somebody_writes_all_the_time(house: House, tmp_path: Path) -> None:
    """Pairs of rows are written together; the backup has none without the other."""
    file, stop = house.folder / "server.db", threading.Event()
    with closing(sqlite3.connect(file)) as db:
        db.executescript("PRAGMA journal_mode=WAL; CREATE TABLE pairs (n INTEGER, half TEXT);")

    def write() -> None:
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as db:
            number = 0
            while not stop.is_set():
                number += 1
                db.execute("BEGIN IMMEDIATE")
                db.execute("INSERT INTO pairs VALUES (?, 'left')", (number,))
                db.execute("INSERT INTO pairs VALUES (?, 'right')", (number,))
                db.execute("COMMIT")

    writing = threading.Thread(target=write)
    writing.start()
    try:
        backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    finally:
        stop.set()
        writing.join()
    generation = store.generation(tmp_path / "backups")
    assert verifying.faults_of(tmp_path / "backups", generation) == []
    with closing(sqlite3.connect(generation / snapshot.SQLITE_NAME)) as db:
        odd = db.execute("SELECT n FROM pairs GROUP BY n HAVING count(*) <> 2").fetchall()
    assert odd == []


Damage = Callable[[Path, Path], object]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder, _made: next((folder / "contents").glob("*/*")).write_bytes(b"other"), "altered"),
        (lambda folder, _made: next((folder / "contents").glob("*/*")).unlink(), "missing"),
        (lambda _folder, made: (made / "database.db").write_bytes(b"SQLite format 3\0"), "altered"),
        (lambda _folder, made: (made / "keys.age").unlink(), "missing"),
    ],
)
def test_damage_is_found_and_nothing_is_restored(house: House, tmp_path: Path, damage: Damage, said: str) -> None:
    folder = tmp_path / "backups"
    backup.make(house.settings, folder, ASKED, NOW)
    damage(folder, store.generation(folder))
    assert any(said in one for one in verifying.faults_of(folder, store.generation(folder)))
    target = empty_machine(house, tmp_path / "other")
    if said != "missing" or (store.generation(folder) / "keys.age").exists():
        with refused(Rejected, "relied on"):
            restoring.restore(target.settings, folder, NOW, passphrase=PASSPHRASE)
    assert list(target.folder.iterdir()) == []


def test_a_file_that_a_row_names_is_missed(house: House, tmp_path: Path) -> None:
    package = next((house.settings.packages_dir).glob("sha256-*"))
    (package / "v" / "1.m4s").unlink()
    (house.settings.data_dir / "document_files" / "ee" / ("e" * 64)).unlink()
    backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    faults = verifying.faults_of(tmp_path / "backups", store.generation(tmp_path / "backups"))
    assert sum("v/1.m4s" in one for one in faults) == 1
    assert sum("document_files/ee" in one for one in faults) == 2


def test_packages_in_an_object_store_are_not_missed(house: House, tmp_path: Path) -> None:
    shutil.rmtree(house.settings.packages_dir)
    backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    made = store.generation(tmp_path / "backups")
    assert verifying.faults_of(tmp_path / "backups", made, packages_elsewhere=True) == []
    assert all("packages/" in one for one in verifying.faults_of(tmp_path / "backups", made))


def test_every_table_that_names_a_file_by_its_digest_is_looked_at() -> None:
    named = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name in {"digest", "file_digest"}
    }
    assert named <= {(table, columns[0]) for table, columns, _path in verifying.NAMED}


def test_an_interrupted_backup_counts_for_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"

    def cut(*_anything: object) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(snapshot, "take", cut)
        with pytest.raises(KeyboardInterrupt):
            backup.make(house.settings, folder, PLAIN, NOW)
    with refused(NotFound, "Not whole"):
        store.generation(folder)
    for one in (folder / store.CONTENTS).glob("*/*"):
        one.write_bytes(b"")  # as a power cut leaves what was not on the disk yet
    backup.make(house.settings, folder, Asked(keep=5), NOW + timedelta(days=1))
    assert verifying.faults_of(folder, store.generation(folder)) == []
    assert len(list(folder.glob("*Z"))) == 1


def test_a_manifest_that_was_altered_is_no_backup(house: House, tmp_path: Path) -> None:
    backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    made = store.generation(tmp_path / "backups")
    manifest = made / store.MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(b'"sqlite"', b'"SQLITE"'))
    with pytest.raises(NotFound):
        store.generation(tmp_path / "backups")


def test_two_at_once_and_a_folder_among_the_data_are_refused(house: House, tmp_path: Path) -> None:
    with store.locked(tmp_path / "backups"), refused(Conflict, "at work"):
        backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    with refused(Rejected, "another disk"):
        backup.make(house.settings, house.settings.data_dir / "backups", PLAIN, NOW)


def test_a_full_disk_leaves_the_backups_before_it(house: House, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 96 << 20) as disk:
        first = backup.make(house.settings, disk / "backups", PLAIN, NOW)
        fill(disk, leave=4 << 20)
        with refused(Rejected, "free"):
            backup.make(house.settings, disk / "backups", PLAIN, NOW + timedelta(days=1))
        assert store.generation(disk / "backups").name == first.name


def test_a_disk_that_fills_up_meanwhile(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "needed", lambda *_facts: None)
    house.put("photographs/aa/aa.jpg", os.urandom(3 << 20))
    with small_disk(tmp_path / "disk", 96 << 20) as disk:
        house.put("photographs/bb/bb.jpg", b"")
        (disk / "backups").mkdir()
        fill(disk, leave=1 << 20)
        with refused(Rejected, "not whole"):
            backup.make(house.settings, disk / "backups", PLAIN, NOW)
        assert store.generations(disk / "backups") == []


def test_a_disk_that_fills_up_during_a_restore(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "needed", lambda *_facts: None)
    house.put("photographs/aa/aa.jpg", os.urandom(3 << 20))
    backup.make(house.settings, tmp_path / "backups", ASKED, NOW)
    with small_disk(tmp_path / "disk", 2 << 20) as disk:
        target = empty_machine(house, disk / "other")
        with refused(Rejected, "Nothing was restored"):
            restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
        assert not (disk / "other" / "server.db").exists()
        with refused(Conflict, "did not finish"):
            restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("short\n")
    file.chmod(0o600)
    with refused(Refusal, "passphrase"):
        sealed.passphrase_in(file)


def test_reading_is_held_to_a_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    pace = store.Pace(1_000_000)
    for _block in range(5):
        pace.take(500_000)
    assert waited == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.5], abs=0.3)

"""Refused: machines in use, other settings, backups of a newer program. An older one is brought up to date."""

import argparse
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from contentserver.admin import migrate
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.operation import backup, commands, restoring, store
from contentserver.operation.backup import Asked
from contentserver.operation.schema import head as schema_head
from tests.contentserver.operation.conftest import PASSPHRASE, House, empty_machine, refused

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
ASKED, PLAIN = Asked(passphrase=PASSPHRASE), Asked()


def _occupied(target: House) -> None:
    target.put("photographs/aa/aa.jpg", b"mine")


def _has_database(target: House) -> None:
    (target.folder / "server.db").write_bytes(b"")


def _has_keys(target: House) -> None:
    target.settings.keys_dir.mkdir()
    target.settings.signing_key_file.write_text("mine")


def _broke_off(target: House) -> None:
    target.put(restoring.UNFINISHED, b"")


@pytest.mark.parametrize("occupy", [_occupied, _has_database, _has_keys, _broke_off])
def test_a_machine_that_is_not_empty_is_left_alone(
    house: House, tmp_path: Path, occupy: Callable[[House], None]
) -> None:
    backup.make(house.settings, tmp_path / "backups", ASKED, NOW)
    target = empty_machine(house, tmp_path / "other")
    occupy(target)
    before = {str(one): one.read_bytes() for one in target.folder.rglob("*") if one.is_file()}
    with pytest.raises(Conflict):
        restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    assert {str(one): one.read_bytes() for one in target.folder.rglob("*") if one.is_file()} == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"secret_key": "t" * 40}, "saved-settings"),
        ({"database_url": "postgresql+psycopg://x@127.0.0.1:1/x"}, "engine"),
    ],
)
def test_other_settings_are_noticed_first(house: House, tmp_path: Path, changes: dict[str, str], said: str) -> None:
    backup.make(house.settings, tmp_path / "backups", ASKED, NOW)
    target = empty_machine(house, tmp_path / "other")
    settings = msgspec.structs.replace(target.settings, **changes)
    with pytest.raises(Rejected) as refused:
        restoring.restore(settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    assert said in str(refused.value.sentence)
    assert list(target.folder.iterdir()) == []


def _rewritten(folder: Path, **changes: object) -> None:
    made = store.generation(folder)
    manifest = msgspec.structs.replace(store.manifest_of(made), **changes)
    (made / store.WHOLE).unlink()
    store.finish(made, manifest)


@pytest.mark.parametrize("changes", [{"revision": "9999"}, {"format": store.FORMAT + 1}])
def test_a_backup_of_a_newer_program_is_refused(house: House, tmp_path: Path, changes: dict[str, object]) -> None:
    backup.make(house.settings, tmp_path / "backups", PLAIN, NOW)
    _rewritten(tmp_path / "backups", **changes)
    target = empty_machine(house, tmp_path / "other")
    with pytest.raises(Rejected) as refused:
        restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    assert refused.value.code == "backup_newer"
    assert "Install" in str(refused.value.sentence)
    assert list(target.folder.iterdir()) == []


def test_a_backup_of_an_older_program_is_brought_up_to_date(house: House, tmp_path: Path) -> None:
    old = msgspec.structs.replace(house.settings, database_url=f"sqlite:///{house.folder}/old.db")
    migrate(old.database_url, "0020")
    backup.make(old, tmp_path / "backups", ASKED, NOW)
    target = empty_machine(house, tmp_path / "other")
    done = restoring.restore(target.settings, tmp_path / "backups", NOW, passphrase=PASSPHRASE)
    assert done.revision == "0020"
    assert done.now_at > "0020"
    assert schema_head() == done.now_at


def _given(**changes: object) -> argparse.Namespace:
    given = {"passphrase_file": None, "without_keys": False, "broker": None, "keep": 0, "rate": 0.0, "generation": ""}
    return argparse.Namespace(**{**given, **changes})


def test_the_commands(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "be_modest", lambda: None)
    with refused(Rejected, "onto paper"):
        commands.make_backup(house.settings, _given(folder=tmp_path / "backups"))
    words = house.settings.keys_dir / commands.PASSPHRASE_NAME
    words.write_text(PASSPHRASE)
    words.chmod(0o600)
    assert "is whole" in commands.make_backup(house.settings, _given(folder=tmp_path / "backups"))
    assert "with keys" in commands.verify_backup(house.settings, _given(folder=tmp_path / "backups"))
    elsewhere = tmp_path / "words"
    shutil.copy(words, elsewhere)
    assert "SECRET_KEY" in commands.saved_settings(_given(folder=tmp_path / "backups", passphrase_file=elsewhere))
    target = empty_machine(house, tmp_path / "other")
    said = commands.restore(target.settings, _given(folder=tmp_path / "backups", passphrase_file=elsewhere))
    assert "is back" in said
    assert not (target.settings.keys_dir / commands.PASSPHRASE_NAME).exists()
    assert "begins" in commands.restored(target.settings, _given())
    next((tmp_path / "backups" / store.CONTENTS).glob("*/*")).unlink()
    with refused(Conflict, "relied on"):
        commands.verify_backup(house.settings, _given(folder=tmp_path / "backups"))

"""Key files: nobody else may reach them, and whoever starts a program is told which one, why, and what to do."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from contentserver import key_commands, trust
from contentserver.adapters.key_files import KeyUnusable, make_key, read_key
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Refusal
from contentserver.settings import Settings
from schedules.wire.messages import Online
from schedules.wire.signing import Purpose, Verifier, jwk_set
from tests.demo.stack import ROOT
from tests.migrated import make_tables


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/server.db",
        data_dir=tmp_path / "data",
        broker_password="b" * 20,
        signing_key_file=tmp_path / "keys" / "signing-key.jwk",
    )
    make_tables(found.database_url)
    return found


def test_a_new_key_is_its_owners_alone_and_signs(tmp_path: Path) -> None:
    made = make_key(tmp_path / "deep" / "key.jwk")
    assert stat.S_IMODE((tmp_path / "deep" / "key.jwk").stat().st_mode) == 0o600
    assert read_key(tmp_path / "deep" / "key.jwk").key_id == made.key_id
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "deep" / "key.jwk")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o601, 0o602])
def test_a_key_that_others_can_reach_is_refused_with_the_command_that_mends_it(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "key.jwk"
    make_key(file)
    file.chmod(mode)
    with pytest.raises(KeyUnusable, match=f"chmod 600 {file}"):
        read_key(file)
    file.chmod(0o400)
    read_key(file)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_key_of_another_user_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.jwk"
    make_key(file)
    os.chown(file, 12345, 12345)
    with pytest.raises(KeyUnusable, match="belongs to another user"):
        read_key(file)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"kty":"OKP","crv":"Ed25519","x":"AA"}'])
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "key.jwk"
    file.touch(0o600)
    file.write_bytes(content)
    with pytest.raises(KeyUnusable, match="no Ed25519 key"):
        read_key(file)
    with pytest.raises(KeyUnusable, match="missing"):
        read_key(tmp_path / "other.jwk")
    with pytest.raises(KeyUnusable, match="no file"):
        read_key(tmp_path)


def test_a_new_installation_has_two_keys_and_entering_them_again_changes_nothing(settings: Settings) -> None:
    assert key_commands.enter_first(settings) == ""
    assert {file.name for file in settings.keys_dir.iterdir()} == {"signing-key.jwk", "approval-key.jwk"}
    database = Database(settings.database_url)
    ring = Keyring(database, KeySafe(settings))
    before = {purpose: ring.key_for(purpose).key_id for purpose in Purpose}
    assert before[Purpose.APPROVALS] == read_key(settings.approvals_file).key_id
    assert key_commands.enter_first(settings) == ""
    assert {purpose: ring.key_for(purpose).key_id for purpose in Purpose} == before
    database.engine.dispose()


def test_without_any_entered_the_one_key_signs_everything(settings: Settings) -> None:
    made = make_key(settings.signing_key_file)
    database = Database(settings.database_url)
    ring = Keyring(database, KeySafe(settings))
    assert ring.key_for(Purpose.APPROVALS).key_id == ring.key_id == made.key_id
    number, trusted = ring.trusted()
    assert (number, trusted) == (0, jwk_set([made.public_jwk]))
    assert Verifier(trusted).read(ring.sign(Online(online=True)), Online) == Online(online=True)
    database.engine.dispose()


def test_a_key_put_in_the_place_of_the_trusted_one_is_refused(settings: Settings) -> None:
    key_commands.enter_first(settings)
    settings.approvals_file.unlink()
    with pytest.raises(KeyUnusable, match="missing"):
        Keyring(Database(settings.database_url), KeySafe(settings))
    make_key(settings.approvals_file)
    with pytest.raises(KeyUnusable, match="which boxes trust"):
        Keyring(Database(settings.database_url), KeySafe(settings))


@pytest.mark.parametrize("program", ["serve", "worker", "ingest"])
def test_no_program_starts_with_a_key_that_others_can_read(settings: Settings, program: str) -> None:
    key_commands.enter_first(settings)
    settings.approvals_file.chmod(0o644)
    environment = {
        f"YUANJIAO_{name.upper()}": str(value)
        for name in ("secret_key", "database_url", "data_dir", "broker_password", "signing_key_file")
        if (value := msgspec.structs.asdict(settings)[name])
    }
    command = [sys.executable, "-m", "contentserver", program]
    environment["PATH"] = os.environ["PATH"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 2
    assert f"chmod 600 {settings.approvals_file}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_key_that_is_entered_twice_or_not_at_all_changes_nothing(settings: Settings) -> None:
    key_commands.enter_first(settings)
    office = key_commands.KeyOffice(settings, Database(settings.database_url))
    office.prepare(Purpose.APPROVALS, "")
    steps: tuple[Callable[[], str], ...] = (
        lambda: office.prepare(Purpose.APPROVALS, ""),
        lambda: office.use(Purpose.TIMETABLES, "", anyway=True),
        lambda: office.retire(Purpose.APPROVALS, ""),
        lambda: office.revoke("", ""),
        lambda: office.revoke("nobody", ""),
    )
    for refused in steps:
        with office.database.reader() as session:
            before = [(row.kid, row.purpose, row.state) for row in trust.rows(session)], trust.keys_no(session)
        files = sorted(settings.keys_dir.iterdir())
        with pytest.raises(Refusal) as caught:
            refused()
        assert caught.value.sentence
        with office.database.reader() as session:
            after = [(row.kid, row.purpose, row.state) for row in trust.rows(session)], trust.keys_no(session)
        assert (after, sorted(settings.keys_dir.iterdir())) == (before, files)
    office.database.engine.dispose()

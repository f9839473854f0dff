"""The certificate is renewed by a timer: for its own hosts, in time, and programs are told; one that ended too."""

import argparse
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from contentserver.deploy import authority
from contentserver.deploy_commands import renew_certificates
from contentserver.kernel import clock
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.settings import Settings
from tests.contentserver.operation.conftest import refused

HOSTS = ("county.example", "192.0.2.7")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        secret_key="s" * 40,
        database_url="sqlite://",
        data_dir=tmp_path,
        broker_password="b",
        signing_key_file=tmp_path / "key.jwk",
    )
    authority.make_authority(made.authority_file, clock.now())
    return made


def _issued(settings: Settings, days_left: int) -> bytes:
    made = clock.now() - authority.LIFE + timedelta(days=days_left, hours=1)
    authority.issue(settings.authority_file, settings.certificate_file, HOSTS, made)
    return settings.certificate_file.read_bytes()


def _asked(days: int = 30, reload: str = "") -> argparse.Namespace:
    return argparse.Namespace(days=days, reload=reload)


@pytest.mark.parametrize(
    ("left", "days", "renewed"), [(31, 30, False), (29, 30, True), (-5, 30, True), (400, 500, True)]
)
def test_when(settings: Settings, left: int, days: int, renewed: bool) -> None:
    before = _issued(settings, left)
    said = renew_certificates(settings, _asked(days))
    assert ("was renewed" in said) is renewed
    assert (settings.certificate_file.read_bytes() != before) is renewed
    found = authority.look_at(settings.certificate_file)
    assert found is not None
    assert set(found.hosts) == set(HOSTS)
    assert authority.signed_by(settings.certificate_file, settings.authority_file)


def test_programs_are_told_only_when_it_was_renewed(settings: Settings, tmp_path: Path) -> None:
    told = tmp_path / "told"
    _issued(settings, 100)
    renew_certificates(settings, _asked(reload=f"touch {told}"))
    assert not told.exists()
    _issued(settings, 100)
    assert "Reloaded" in renew_certificates(settings, _asked(120, f"touch {told}"))
    assert told.exists()


def test_a_reload_that_fails_is_said(settings: Settings) -> None:
    before = _issued(settings, 3)
    with refused(Conflict, "failed"):
        renew_certificates(settings, _asked(reload="ls /nowhere/at/all"))
    assert settings.certificate_file.read_bytes() != before


def test_there_is_none_or_it_cannot_be_read(settings: Settings) -> None:
    with refused(Rejected, "--hosts"):
        renew_certificates(settings, _asked())
    settings.certificate_file.write_text("?")
    with refused(Rejected, "--hosts"):
        renew_certificates(settings, _asked())


def test_without_the_authority_nothing_changes(settings: Settings) -> None:
    before = _issued(settings, 3)
    settings.authority_file.with_suffix(".key").unlink()
    with pytest.raises(authority.AuthorityMissing):
        renew_certificates(msgspec.structs.replace(settings), _asked())
    assert settings.certificate_file.read_bytes() == before

"""The server's own authority: made once, kept, its certificate renewed in time, its keys readable by nobody else."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from contentserver.deploy import authority
from contentserver.deploy.authority import AuthorityMissing, HostInvalid, Issued, Outcome

NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
HOSTS = ("county.example", "192.0.2.7", "2001:db8::7")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    assert authority.make_authority(tmp_path / "authority.pem", NOW)
    return tmp_path / "authority.pem"


def _issue(file: Path, hosts: tuple[str, ...] = HOSTS, now: datetime = NOW) -> Issued:
    return authority.issue(file, file.with_name("server.pem"), hosts, now)


def test_it_is_made_once_and_its_key_is_nobodys_to_read(file: Path) -> None:
    pem = file.read_bytes()
    assert not authority.make_authority(file, NOW + timedelta(days=1))
    assert file.read_bytes() == pem
    assert stat.S_IMODE(file.with_suffix(".key").stat().st_mode) == 0o600
    found = x509.load_pem_x509_certificate(pem)
    assert found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert timedelta(days=19 * 365) < found.not_valid_after_utc - NOW < timedelta(days=21 * 365)


def test_without_its_key_nothing_is_made_in_its_place(file: Path) -> None:
    file.with_suffix(".key").unlink()
    pem = file.read_bytes()
    for attempt in (lambda: authority.make_authority(file, NOW), lambda: _issue(file)):
        with pytest.raises(AuthorityMissing, match=r"authority\.key"):
            attempt()
    assert file.read_bytes() == pem
    assert not file.with_name("server.pem").exists()


def test_a_certificate_that_was_lost_is_made_again_and_vouches_for_the_old_ones(file: Path) -> None:
    issued = _issue(file)
    lost = x509.load_pem_x509_certificate(file.read_bytes())
    file.unlink()
    assert authority.make_authority(file, NOW + timedelta(days=100))
    again = x509.load_pem_x509_certificate(file.read_bytes())
    leaf = x509.load_pem_x509_certificate(issued.file.read_bytes())
    for one in (lost, again):
        leaf.verify_directly_issued_by(one)
    assert _issue(file).outcome is Outcome.KEPT


def test_a_certificate_names_its_hosts_and_holds_as_long_as_browsers_allow(file: Path) -> None:
    issued = _issue(file)
    assert issued.outcome is Outcome.FIRST
    assert stat.S_IMODE(issued.file.stat().st_mode) == 0o600
    found = x509.load_pem_x509_certificate(issued.file.read_bytes())
    names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["county.example"]
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["192.0.2.7", "2001:db8::7"]
    assert found.not_valid_after_utc - found.not_valid_before_utc <= timedelta(days=825)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.file)


@pytest.mark.parametrize(
    ("hosts", "later", "outcome"),
    [
        (HOSTS, timedelta(days=1), Outcome.KEPT),
        (tuple(reversed(HOSTS)), timedelta(days=540), Outcome.KEPT),
        (HOSTS, timedelta(days=550), Outcome.OLD),
        (HOSTS, timedelta(days=2000), Outcome.OLD),
        ((*HOSTS, "localhost"), timedelta(days=1), Outcome.OTHER_HOSTS),
        (HOSTS[:1], timedelta(days=1), Outcome.OTHER_HOSTS),
    ],
)
def test_it_is_renewed_only_when_it_no_longer_serves(
    file: Path, hosts: tuple[str, ...], later: timedelta, outcome: Outcome
) -> None:
    before = _issue(file).file.read_bytes()
    issued = _issue(file, hosts, NOW + later)
    assert issued.outcome is outcome
    assert (issued.file.read_bytes() == before) == (outcome is Outcome.KEPT)
    assert _issue(file, hosts, NOW + later).outcome is Outcome.KEPT


@pytest.mark.parametrize(
    "damage", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\xff\x00"]
)
def test_what_cannot_be_read_or_is_anothers_is_made_anew(file: Path, damage: bytes, tmp_path: Path) -> None:
    target = _issue(file).file
    target.write_bytes(damage)
    assert _issue(file).outcome is Outcome.OTHER_AUTHORITY
    other = tmp_path / "other" / "authority.pem"
    authority.make_authority(other, NOW)
    authority.issue(other, target, HOSTS, NOW)
    assert _issue(file).outcome is Outcome.OTHER_AUTHORITY
    assert _issue(file).outcome is Outcome.KEPT


@pytest.mark.parametrize("host", ["", "a b", "http://county", "-county", "county..example", "x" * 64, "county:8443"])
def test_what_is_no_host_is_refused_and_changes_nothing(file: Path, host: str) -> None:
    with pytest.raises(HostInvalid):
        _issue(file, (host,))
    with pytest.raises(HostInvalid):
        _issue(file, ())
    assert not file.with_name("server.pem").exists()


def test_a_chinese_name_is_written_as_dns_writes_it(file: Path) -> None:
    found = x509.load_pem_x509_certificate(_issue(file, ("平罗.中国",)).file.read_bytes())
    (name,) = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
        x509.DNSName
    )
    assert name.startswith("xn--")


def test_a_journal_key_has_two_halves() -> None:
    private = authority.new_journal_key()
    public = authority.journal_public_key(private)
    assert len(public) == len(private) == 43
    assert public != private
    assert authority.journal_public_key(f"{private}\n") == public


def test_a_secret_is_never_written_over(tmp_path: Path) -> None:
    authority.write_secret(tmp_path / "secret", b"first")
    with pytest.raises(FileExistsError):
        authority.write_secret(tmp_path / "secret", b"second")
    assert (tmp_path / "secret").read_bytes() == b"first"

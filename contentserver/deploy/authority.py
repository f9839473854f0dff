"""The server's own certificate authority, the certificate of its web server and broker, and the journal key.

Made once by `admin init`, where nobody else reads. Boxes trust this authority alone, and no list of public ones. Who
is let in is decided elsewhere; nothing here knows a box. Why an authority of one's own: decision 16.
"""

import base64
import os
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_LIFE = timedelta(days=20 * 365)
LIFE = timedelta(days=820)
"""Browsers accept at most 825 days (Apple, HT210176)."""
RENEW_BELOW = LIFE / 3
SKEW = timedelta(days=1)
"""Certificates hold a little earlier than they were made, for clocks that are behind."""
_DNS = re.compile(r"(?=.{1,253}$)(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class HostInvalid(ValueError):
    """Neither a host name nor an address."""


class AuthorityMissing(FileNotFoundError):
    """The file of the authority that is missing, or cannot be read."""


class Outcome(StrEnum):
    """What `issue` did, and why."""

    KEPT = "kept"
    FIRST = "first"
    OLD = "old"
    """Less than a third of its life was left."""
    OTHER_HOSTS = "other_hosts"
    OTHER_AUTHORITY = "other_authority"
    """It was signed by another authority, or could not be read."""


@dataclass(frozen=True, slots=True)
class Issued:
    """The certificate in force: one PEM file, its key in front; until when it holds."""

    file: Path
    outcome: Outcome
    until: datetime


def make_authority(certificate_file: Path, now: datetime) -> bool:
    """Make the authority where there is none: its key as `.key`, then the certificate.

    A certificate that was lost is made again from its key: boxes that trust the lost one trust this one too.

    Returns:
        Whether a certificate was made now.

    Raises:
        AuthorityMissing: the certificate is there without its key: restore it, boxes trust it.
    """
    key_file = certificate_file.with_suffix(".key")
    if certificate_file.exists():
        _signing_key(key_file)
        return False
    if not key_file.exists():
        certificate_file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(key_file, _pem(ec.generate_private_key(ec.SECP256R1())))
    key = _signing_key(key_file)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Yuanjiao 远教"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Yuanjiao {identifier.digest.hex()[:16]}"),
        ]
    )
    certificate = (
        _certificate(name, name, key.public_key(), now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256())
    )
    write_secret(certificate_file, certificate.public_bytes(Encoding.PEM))
    return True


@dataclass(frozen=True, slots=True)
class Standing:
    """A certificate as it lies there: for whom, until when, its SHA-256."""

    hosts: tuple[str, ...]
    until: datetime
    fingerprint: bytes


def look_at(file: Path) -> Standing | None:
    """The certificate in a PEM file; None where it cannot be read."""
    try:
        known = x509.load_pem_x509_certificate(file.read_bytes())
        names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = None
    except (OSError, ValueError):
        return None
    hosts = tuple(str(name.value) for name in names) if names else ()
    return Standing(hosts, known.not_valid_after_utc, known.fingerprint(SHA256()))


def signed_by(file: Path, certificate_file: Path) -> bool:
    """Whether an authority signed the certificate in a file, and the key before it is its own."""
    try:
        pem = file.read_bytes()
        known, key = x509.load_pem_x509_certificate(pem), load_pem_private_key(pem, password=None)
        known.verify_directly_issued_by(x509.load_pem_x509_certificate(certificate_file.read_bytes()))
    except (OSError, ValueError, TypeError, InvalidSignature):
        return False
    return known.public_key() == key.public_key()


def issue(
    certificate_file: Path, target: Path, hosts: tuple[str, ...], now: datetime, *, renew: bool = False
) -> Issued:
    """The certificate by which web server and broker are known, made anew where it no longer serves.

    Args:
        certificate_file: the authority's.
        target: a PEM file, key and certificate in one, so that the two never disagree.
        hosts: names and addresses under which boxes and browsers reach the server, at least one.
        renew: also where it serves for longer.

    Raises:
        HostInvalid: a host is neither name nor address.
        AuthorityMissing: there is no authority to sign with.
    """
    names = _names(hosts)
    if not certificate_file.exists():
        raise AuthorityMissing(str(certificate_file))
    authority = x509.load_pem_x509_certificate(certificate_file.read_bytes())
    signing_key = _signing_key(certificate_file.with_suffix(".key"))
    outcome, until = _judge(target, authority, names, now)
    if outcome is Outcome.KEPT and renew:
        outcome = Outcome.OLD
    if outcome is Outcome.KEPT:
        return Issued(target, outcome, until)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0][:64])])
    certificate = (
        _certificate(authority.subject, subject, key.public_key(), now, LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
        .sign(signing_key, SHA256())
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(".new")
    draft.unlink(missing_ok=True)
    write_secret(draft, _pem(key) + certificate.public_bytes(Encoding.PEM))
    draft.replace(target)
    return Issued(target, outcome, now + LIFE)


def new_journal_key() -> str:
    """A private X25519 key (RFC 7748): raw, base64url without padding."""
    return _text(X25519PrivateKey.generate().private_bytes_raw())


def journal_public_key(private: str) -> str:
    """The public half of a journal key, in the same form."""
    raw = base64.urlsafe_b64decode(private.strip() + "=")
    return _text(X25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw())


def write_secret(file: Path, content: bytes) -> None:
    """Write a new file durably that its owner alone reads; whole or not at all.

    Raises:
        FileExistsError: it is there already.
    """
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError:
        file.unlink(missing_ok=True)
        raise


def _judge(
    target: Path, authority: x509.Certificate, names: list[x509.GeneralName], now: datetime
) -> tuple[Outcome, datetime]:
    if not target.exists():
        return Outcome.FIRST, now
    pem = target.read_bytes()
    try:
        known, key = x509.load_pem_x509_certificate(pem), load_pem_private_key(pem, password=None)
        known.verify_directly_issued_by(authority)
        found = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        fits = known.public_key() == key.public_key()
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return Outcome.OTHER_AUTHORITY, now
    until = known.not_valid_after_utc
    if not fits:
        return Outcome.OTHER_AUTHORITY, until
    if set(found) != set(names):
        return Outcome.OTHER_HOSTS, until
    return (Outcome.OLD if until - now < RENEW_BELOW else Outcome.KEPT), until


def _certificate(
    issuer: x509.Name, subject: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + life)
    )


def _signing_key(file: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (FileNotFoundError, ValueError) as error:
        raise AuthorityMissing(str(file)) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityMissing(str(file))
    return key


def _names(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    if not hosts:
        raise HostInvalid("no host was given")
    return [_name(host) for host in dict.fromkeys(hosts)]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        pass
    ascii_name = _ascii(host)
    if not _DNS.fullmatch(ascii_name):
        raise HostInvalid(host)
    return x509.DNSName(ascii_name)


def _ascii(host: str) -> str:
    try:
        return host.lower().encode("idna").decode()
    except UnicodeError as error:
        raise HostInvalid(host) from error


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

"""Typed settings of the content server, read once from the environment by the entry points.

Every variable begins with YUANJIAO_. Secrets have no default. All problems are reported at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

PREFIX = "YUANJIAO_"
_STORE = r"^(s3\+https?://[^:@/]+:[^@/]+@[^/@]+/[^/?]+.*)?$"
_BROKERS = r"^(mqtts?://[^:@/,]+:[^@/,]+@[^/@,]+:[0-9]+(,(?!$)|$))*$"


class SettingsInvalid(ValueError):
    """What is missing or wrong in the environment; `problems` has one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that differs between two installations.

    Attributes:
        secret_key: signs cookies and media addresses, and derives the boxes' broker passwords; at least 32 characters.
        data_dir: packages, uploads, the job queue; never served directly.
        public_url: where browsers and boxes reach nginx, without a trailing slash.
        broker_host, broker_port: where the server itself reaches the broker, on its own machine and without TLS.
        box_broker_host, box_broker_port: where boxes reach it, by TLS.
        signing_key_file: private Ed25519 JWK; made by `admin init`, and beside it the authority and the journal key.
        approval_key_file: private Ed25519 JWK that signs approvals; empty for `approval-key.jwk` beside the other.
        pkcs11_module: library of a hardware token (PKCS#11) in which new keys are made; empty for files.
        pkcs11_token, pkcs11_key: the token's label, and how the labels of its keys begin.
        pkcs11_pin_file: holds the token's PIN; its owner alone may read it.
        development: boxes are told to use `broker_port` without TLS; never where a line can be listened to.
        queue_url: the job queue in PostgreSQL or Redis; empty for SQLite in `data_dir`.
        lease_s: a worker that has given no sign of life for so many seconds is taken for dead.
        keep_recordings_days: how long a recording stays after its lesson was approved; 0 for ever.
        region_quota_bytes: how much the courses of a region may hold for which nobody set a limit.
        watch_dir: folder with one folder for each course, from which recordings are taken in; empty for none.
        watch_by: the account in whose name they are; empty for a system administrator's.
        scanner: ClamAV's daemon, `tcp://host:port` or `unix:///path`; empty for no virus scanner.
        smtp_url: `smtp://` or `smtps://` with name and password where asked; reports go out by it. Empty for no mail.
        mail_from: the address that mail comes from.
        sms_gateway: `smpp://name:password@host:2775?source=10690001` (`smpps://` by TLS), or
            `kannel+https://name:password@host/cgi-bin/sendsms?from=10690001`; empty for no short messages.
        sms_signature: stands before every short message, as the network has registered it.
        sms_part_fen: what one short message costs, in hundredths of a yuan.
        audit_mail: where the end of the audit trail's chain goes once a day, where mail is set up; empty for nobody.
        second_factor: `county`: who acts for a county or more signs in with a second factor; `off`: nobody has to.
        metrics_from: addresses and networks from which `/metrics` is answered, with commas.
        accel_prefix: nginx's internal location of the packages; empty lets Flask send files itself.
        packages_url: where packages are kept, `s3+https://KEY:SECRET@host/bucket` (`s3+http://` on a line of one's own,
            `?region=…` where the store asks for one); empty for the folder in `data_dir`.
        box_brokers: the brokers at which boxes have their accounts, where that is not the server's own: with commas,
            `mqtt://name:password@host:1883`, or `mqtts://` by TLS.
    """

    secret_key: str
    database_url: str
    data_dir: Path
    broker_password: str
    signing_key_file: Path
    approval_key_file: str = ""
    pkcs11_module: str = ""
    pkcs11_token: str = ""
    pkcs11_key: str = "yuanjiao"
    pkcs11_pin_file: str = ""
    public_url: str = "https://127.0.0.1:8443"
    broker_host: str = "127.0.0.1"
    broker_port: int = 1883
    broker_username: str = "contentserver"
    box_broker_host: str = "127.0.0.1"
    box_broker_port: int = 8883
    development: bool = False
    queue_url: str = ""
    accel_prefix: str = ""
    smtp_url: str = ""
    mail_from: str = "yuanjiao@localhost"
    sms_gateway: str = ""
    sms_signature: str = "【远教】"
    sms_part_fen: Annotated[int, msgspec.Meta(ge=0)] = 5
    audit_mail: str = ""
    zone: str = "Asia/Shanghai"
    default_locale: str = "zh_CN"
    max_upload_bytes: int = 8 * 1024**3
    session_idle_minutes: int = 60
    second_factor: Literal["county", "off"] = "county"
    lease_s: Annotated[int, msgspec.Meta(ge=1)] = 30
    keep_recordings_days: Annotated[int, msgspec.Meta(ge=0)] = 30
    region_quota_bytes: Annotated[int, msgspec.Meta(ge=0)] = 2 * 1000**4
    watch_dir: str = ""
    watch_by: str = ""
    scanner: str = ""
    metrics_from: str = "127.0.0.1,::1"
    packages_url: Annotated[str, msgspec.Meta(pattern=_STORE)] = ""
    box_brokers: Annotated[str, msgspec.Meta(pattern=_BROKERS)] = ""

    @property
    def keys_dir(self) -> Path:
        """Where the server's secrets lie; keep a copy of it somewhere safe."""
        return self.signing_key_file.parent

    @property
    def approvals_file(self) -> Path:
        """The key that signs approvals, where the installation has one."""
        return Path(self.approval_key_file) if self.approval_key_file else self.keys_dir / "approval-key.jwk"

    @property
    def authority_file(self) -> Path:
        """The server's own certificate authority, PEM; its key lies beside it (`deploy/authority.py`)."""
        return self.keys_dir / "authority.pem"

    @property
    def certificate_file(self) -> Path:
        """Key and certificate of web server and broker in one PEM file, signed by the authority."""
        return self.keys_dir / "server.pem"

    @property
    def journal_key_file(self) -> Path:
        """The X25519 key to which journals on a USB stick are sealed: raw, base64url without padding."""
        return self.keys_dir / "journal-key"

    @property
    def packages_dir(self) -> Path:
        """Where packages lie, one folder each, named by content."""
        return self.data_dir / "packages"

    @property
    def uploads_dir(self) -> Path:
        """Where recordings arrive, outside any web root."""
        return self.data_dir / "uploads"

    @property
    def meters_dir(self) -> Path:
        """Where the processes of a web server count together, a folder for each server."""
        return self.data_dir / ".meters"

    @property
    def queue_file(self) -> Path:
        """huey's SQLite file."""
        return self.data_dir / "jobs.db"


def from_environment(environment: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        SettingsInvalid: with every problem found.
    """
    given: dict[str, str] = {
        name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)
    }
    fields = msgspec.structs.fields(Settings)
    problems = [
        f"{PREFIX}{field.name.upper()} is not set" for field in fields if field.required and not given.get(field.name)
    ]
    if 0 < len(given.get("secret_key", "")) < 32:
        problems.append(f"{PREFIX}SECRET_KEY has fewer than 32 characters")
    values: dict[str, object] = {}
    for field in fields:
        if field.name in given:
            try:
                values[field.name] = msgspec.convert(given[field.name], field.type, strict=False, dec_hook=_decode)
            except msgspec.ValidationError as error:
                problems.append(f"{PREFIX}{field.name.upper()}: {error}")
    if problems:
        raise SettingsInvalid(problems)
    return Settings(**values)  # type: ignore[arg-type]  # each value was converted to its field's type above


def _decode(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)

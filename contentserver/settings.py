"""Typed settings of the content server, read once from the environment by the entry points.

Every variable begins with YUANJIAO_. Secrets have no default. All problems are reported at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec

PREFIX = "YUANJIAO_"


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
        broker_host, broker_port: where the server itself reaches the broker.
        box_broker_host: where boxes reach it.
        signing_key_file: private Ed25519 JWK; made by `admin init`.
        queue_url: the job queue in PostgreSQL or Redis; empty for SQLite in `data_dir`.
        lease_s: a worker that has given no sign of life for so many seconds is taken for dead.
        keep_recordings_days: how long a recording stays after its lesson was approved; 0 for ever.
        accel_prefix: nginx's internal location of the packages; empty lets Flask send files itself.
    """

    secret_key: str
    database_url: str
    data_dir: Path
    broker_password: str
    signing_key_file: Path
    public_url: str = "http://127.0.0.1:8080"
    broker_host: str = "127.0.0.1"
    broker_port: int = 1883
    broker_username: str = "contentserver"
    box_broker_host: str = "127.0.0.1"
    queue_url: str = ""
    accel_prefix: str = ""
    zone: str = "Asia/Shanghai"
    default_locale: str = "zh_CN"
    secure_cookies: bool = False
    max_upload_bytes: int = 8 * 1024**3
    session_idle_minutes: int = 60
    lease_s: Annotated[int, msgspec.Meta(ge=1)] = 30
    keep_recordings_days: Annotated[int, msgspec.Meta(ge=0)] = 30

    @property
    def packages_dir(self) -> Path:
        """Where packages lie, one folder each, named by content."""
        return self.data_dir / "packages"

    @property
    def uploads_dir(self) -> Path:
        """Where recordings arrive, outside any web root."""
        return self.data_dir / "uploads"

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

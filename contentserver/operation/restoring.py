"""A backup comes back into an empty machine; then boxes send again what they still have, and hear everything anew.

Nothing is touched before the backup has been looked through. The database gets its place last of all. What holds
afterwards, and what does not: docs/operation.md.
"""

import os
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contentserver import alerts, attendance, boxes, members, timetable
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.audit import audit
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.operation import sealed, snapshot, store, verifying
from contentserver.operation.places import data_files, key_files
from contentserver.operation.schema import head, known_revisions, migrate
from contentserver.operation.store import Manifest
from contentserver.settings import Settings, SettingsInvalid, from_environment
from schedules.wire.signing import Signer

STEPS_AHEAD = 1000
"""So far revisions and versions go on: more than anybody publishes between a backup and the day it is needed."""
UNFINISHED = ".restore-unfinished"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back, and from which revision of the tables to which."""

    name: str
    made_at: datetime
    files: int
    revision: str
    now_at: str
    generation: str


def restore(
    settings: Settings,
    folder: Path,
    now: datetime,
    *,
    name: str = "",
    passphrase: str | None = None,
    broker: Path | None = None,
) -> Restored:
    """Bring a generation back, the newest unless named.

    Args:
        passphrase: opens the keys; None where they are in their place already.
        broker: an empty folder for Mosquitto's state, where the backup has it.

    Raises:
        Rejected: the backup is not whole, altered, or of a newer program; settings or passphrase are others.
        Conflict: the machine is not empty.
    """
    generation = store.generation(folder, name)
    manifest = _understood(settings, generation)
    secrets = sealed.opened(generation / sealed.NAME, passphrase) if passphrase is not None and manifest.sealed else {}
    _require_same_secret(settings, secrets)
    _require_empty(settings, secrets, broker)
    faults = verifying.faults_of(folder, generation, packages_elsewhere=bool(settings.packages_url))
    if faults:
        raise Rejected("backup_damaged", f"{generation.name} cannot be relied on:\n" + "\n".join(faults))
    store.needed([sum(one.bytes for one in manifest.files) + 2 * manifest.database.bytes], _existing(settings.data_dir))
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        (settings.data_dir / UNFINISHED).touch()
        _bring_files(settings, folder, manifest)
        _bring_secrets(settings, secrets, broker)
        draft = snapshot.bring_back(generation / manifest.database.name, settings.database_url)
        migrate(draft)
        begun = _begin_anew(settings, draft, now)
        snapshot.put_in_place(settings.database_url)
        (settings.data_dir / UNFINISHED).unlink()
    except OSError as error:
        raise Rejected(
            "restore_failed", f"{error.filename or settings.data_dir}: {error.strerror}. Nothing was restored."
        ) from error
    return Restored(generation.name, manifest.made_at, len(manifest.files), manifest.revision, head(), begun)


def begin_anew(database: Database, signer: Signer, now: datetime) -> str:
    """After the database went back in time: boxes send again what they have, and nothing that they hear is too old.

    Returns:
        The name of the new generation of facts.
    """
    with database.unit_of_work() as session:
        begun = attendance.begin_generation(session)
        timetable.publish_ahead(session, signer, STEPS_AHEAD, now)
        alerts.publish_ahead(session, signer, STEPS_AHEAD, now)
        boxes.tell_ahead(session, signer, STEPS_AHEAD, now)
        audit(session, who=None, action="server.restored", subject="server", now=now, after={"generation": begun})
    return begun


def saved_settings(folder: Path, name: str, passphrase: str) -> str:
    """The settings in a backup, as lines of an environment file.

    Raises:
        Rejected: they were left out, or the passphrase is another.
    """
    generation = store.generation(folder, name)
    if store.manifest_of(generation).sealed is None:
        raise Rejected("keys_left_out", f"{generation.name} was made without keys and settings.")
    return sealed.opened(generation / sealed.NAME, passphrase)[sealed.SETTINGS].decode()


def _understood(settings: Settings, generation: Path) -> Manifest:
    manifest = store.manifest_of(generation)
    if manifest.revision not in known_revisions():
        raise Rejected(
            "backup_newer",
            f"{generation.name} has tables of revision {manifest.revision}, which this program does not know "
            f"(its newest is {head()}). Install the program that made it, or a newer one.",
        )
    if ("postgresql" if settings.database_url.startswith("postgresql") else "sqlite") != manifest.engine:
        raise Rejected(
            "other_engine",
            f"{generation.name} is of {manifest.engine}; YUANJIAO_DATABASE_URL names another engine. "
            "Restore into the same; admin to-postgresql changes it afterwards.",
        )
    return manifest


def _require_same_secret(settings: Settings, secrets: Mapping[str, bytes]) -> None:
    if sealed.SETTINGS not in secrets:
        return
    try:
        kept = from_environment(environment_of(secrets[sealed.SETTINGS].decode()))
    except SettingsInvalid:
        return
    if kept.secret_key != settings.secret_key:
        raise Rejected(
            "secret_other",
            "YUANJIAO_SECRET_KEY is not the one of the backup: no box could sign in, and nothing that is sealed could "
            "be read. Take the settings from the backup: admin saved-settings.",
        )


def environment_of(lines: str) -> dict[str, str]:
    """Lines of an environment file as a mapping."""
    return dict(one.split("=", 1) for line in lines.splitlines() for one in shlex.split(line))


def _require_empty(settings: Settings, secrets: Mapping[str, bytes], broker: Path | None) -> None:
    if (settings.data_dir / UNFINISHED).exists():
        raise Conflict(
            "restore_unfinished",
            f"An earlier restore into {settings.data_dir} did not finish. Empty that folder, keys and database.",
        )
    snapshot.require_empty(settings.database_url)
    first = next(data_files(settings), None)
    if first is not None:
        raise Conflict("not_empty", f"{settings.data_dir} holds data already ({first.path}). Empty it first.")
    if secrets and (keys := key_files(settings)):
        raise Conflict("not_empty", f"{keys[0]} is there already. Move the keys away first.")
    if broker is not None and broker.exists() and any(broker.iterdir()):
        raise Conflict("not_empty", f"{broker} is not empty.")


def _bring_files(settings: Settings, folder: Path, manifest: Manifest) -> None:
    for kept in manifest.files:
        target = settings.data_dir / kept.path
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.restoring")
        shutil.copyfile(store.content_file(folder, kept.sha256), draft)
        os.utime(draft, ns=(kept.mtime_ns, kept.mtime_ns))
        draft.replace(target)
    store.sync(settings.data_dir)


def _bring_secrets(settings: Settings, secrets: Mapping[str, bytes], broker: Path | None) -> None:
    if not secrets:
        return
    settings.keys_dir.mkdir(parents=True, exist_ok=True)
    for name, data in secrets.items():
        if name.startswith(sealed.KEYS):
            sealed.write(settings.keys_dir / name.removeprefix(sealed.KEYS), data)
        elif broker is not None and name.startswith(sealed.BROKER):
            broker.mkdir(parents=True, exist_ok=True)
            sealed.write(broker / name.removeprefix(sealed.BROKER), data)


def _begin_anew(settings: Settings, database_url: str, now: datetime) -> str:
    database = Database(database_url)
    try:
        members.find_everybody(database, only_where_missing=True)
        return begin_anew(database, Keyring(database, KeySafe(settings)), now)
    finally:
        database.engine.dispose()


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())

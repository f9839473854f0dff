"""The commands that keep a server alive: backup, verify-backup, saved-settings, restore, to-postgresql, doctor."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.kernel import clock
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.operation import backup, doctor, moving, restoring, sealed, store, verifying
from contentserver.settings import Settings

PASSPHRASE_NAME = "backup-passphrase"  # noqa: S105  # the name of a file
"""Beside the keys, where no other file is named. It is in no backup."""
_WORDS_FILE = f"holds what opens the keys (default: {PASSPHRASE_NAME} beside them)"


def add_arguments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    make = commands.add_parser("backup", help="everything in a folder, while everything runs: docs/operation.md")
    _folder_of(make, named=False)
    make.add_argument("--without-keys", action="store_true", help="leave out keys, settings and the broker's state")
    make.add_argument("--broker", type=Path, metavar="FOLDER", help="Mosquitto's folder: its accounts and its state")
    make.add_argument("--keep", type=int, default=0, metavar="N", help="so many backups stay (default: all)")
    make.add_argument("--rate", type=float, default=0, metavar="MB", help="read at most so many MB a second")
    verify = commands.add_parser(
        "verify-backup", help="read a backup again, whole, and look whether nothing is missing"
    )
    _folder_of(verify, keys=False)
    saved = commands.add_parser("saved-settings", help="print the settings in a backup, for a machine that has none")
    _folder_of(saved)
    back = commands.add_parser("restore", help="a backup into an empty machine; boxes then send again what they have")
    _folder_of(back)
    back.add_argument("--without-keys", action="store_true", help="the keys are in their place already")
    back.add_argument("--broker", type=Path, metavar="FOLDER", help="where Mosquitto's state goes, where it was kept")
    move = commands.add_parser("to-postgresql", help="move the SQLite database into an empty PostgreSQL")
    move.add_argument("url", help="postgresql+psycopg://user:password@host/database")
    move.add_argument("--empty-target", action="store_true", help="remove everything that is in that database first")
    doctor.add_arguments(commands.add_parser("doctor", help="look at everything, and say what to do"))


def _folder_of(parser: argparse.ArgumentParser, *, keys: bool = True, named: bool = True) -> None:
    parser.add_argument("folder", type=Path)
    if keys:
        parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help=_WORDS_FILE)
    if named:
        parser.add_argument("--generation", default="", metavar="NAME", help="one backup (default: the newest)")


def make_backup(settings: Settings, given: argparse.Namespace) -> str:
    """`admin backup`."""
    words = _passphrase(settings, given)
    backup.be_modest()
    asked = backup.Asked(
        passphrase=words,
        broker=given.broker,
        keep=given.keep,
        bytes_per_s=int(given.rate * 1_000_000),
    )
    made = backup.make(settings, given.folder, asked, clock.now())
    gone = f" Removed: {', '.join(made.removed)}." if made.removed else ""
    return (
        f"{made.name} is whole: {made.files} files and the database, {_megabytes(made.bytes)}, "
        f"of which {_megabytes(made.new_bytes)} were new.{gone}"
    )


def verify_backup(settings: Settings, given: argparse.Namespace) -> str:
    """`admin verify-backup`."""
    found = store.generation(given.folder, given.generation)
    faults = verifying.faults_of(given.folder, found, packages_elsewhere=bool(settings.packages_url))
    if faults:
        raise Conflict("backup_damaged", f"{found.name} cannot be relied on:\n" + "\n".join(faults))
    manifest = store.manifest_of(found)
    keys = "with keys" if manifest.sealed else "WITHOUT keys and settings"
    return f"{found.name} is whole and unaltered: {len(manifest.files)} files, {manifest.engine}, {keys}."


def saved_settings(given: argparse.Namespace) -> str:
    """`admin saved-settings`; needs no settings."""
    if given.passphrase_file is None:
        raise Rejected("passphrase_missing", "Give --passphrase-file.")
    words = sealed.passphrase_in(given.passphrase_file)
    return restoring.saved_settings(given.folder, given.generation, words).rstrip()


def restore(settings: Settings, given: argparse.Namespace) -> str:
    """`admin restore`."""
    done = restoring.restore(
        settings,
        given.folder,
        clock.now(),
        name=given.generation,
        passphrase=_passphrase(settings, given),
        broker=given.broker,
    )
    grown = "" if done.revision == done.now_at else f" Tables: {done.revision} → {done.now_at}."
    return (
        f"{done.name} ({moment(done.made_at)}) is back: {done.files} files and the database.{grown} "
        f"Generation {done.generation} begins; boxes send again what they still have. Next: admin doctor."
    )


def restored(settings: Settings, _given: argparse.Namespace) -> str:
    """`admin restored`: after the database alone was put back by other means."""
    database = Database(settings.database_url)
    try:
        begun = restoring.begin_anew(database, Keyring(database, KeySafe(settings)), clock.now())
    finally:
        database.engine.dispose()
    return f"Generation {begun} begins; boxes send again what they still have, and are told everything anew."


def to_postgresql(settings: Settings, given: argparse.Namespace) -> str:
    """`admin to-postgresql`."""
    compared = moving.move(settings.database_url, given.url, empty_target=given.empty_target)
    table = Table("table", "rows", "checksum, the same on both sides")
    for one in compared:
        if one.rows:
            table.add_row(one.table, str(one.rows), one.checksum)
    console = Console(width=100)
    with console.capture() as printed:
        console.print(table)
    rows = sum(one.rows for one in compared)
    return (
        f"{printed.get()}{len(compared)} tables, {rows} rows, all equal. "
        "Set YUANJIAO_DATABASE_URL to the new address and start the programs; keep the old file for a while."
    )


def _passphrase(settings: Settings, given: argparse.Namespace) -> str | None:
    """What seals and opens the keys; None where they are left out on purpose."""
    if given.without_keys:
        return None
    file = given.passphrase_file or settings.keys_dir / PASSPHRASE_NAME
    if given.passphrase_file is None and not file.exists():
        raise Rejected(
            "passphrase_missing",
            f"Write a passphrase into {file} (mode 0600) and onto paper that is kept elsewhere, or give "
            "--passphrase-file; --without-keys leaves keys and settings out.",
        )
    return sealed.passphrase_in(file)


def _megabytes(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB"

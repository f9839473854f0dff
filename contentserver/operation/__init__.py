"""Running it: backups and their way back, the move to PostgreSQL, the doctor. Front door for `admin`."""

from contentserver.operation.commands import (
    add_arguments,
    make_backup,
    restore,
    restored,
    saved_settings,
    to_postgresql,
    verify_backup,
)
from contentserver.operation.doctor import run as run_doctor
from contentserver.operation.observing import observe
from contentserver.operation.schema import migrate

__all__ = [
    "add_arguments",
    "make_backup",
    "migrate",
    "observe",
    "restore",
    "restored",
    "run_doctor",
    "saved_settings",
    "to_postgresql",
    "verify_backup",
]

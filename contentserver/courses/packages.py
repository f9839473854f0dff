"""A lesson's package on the disk: read for a page, or what is wrong with it.

A folder that was deleted, a disk that is not mounted and a file that is damaged are facts that a page tells, with what
to do; they break no page. Asks the store alone, and never says what may be decided.
"""

from enum import StrEnum
from pathlib import Path

from flask_babel import lazy_gettext as _

from contentserver.courses.models import Lesson
from contentserver.courses.ports import PackageStore
from contentserver.kernel.errors import Conflict
from media_pipeline.errors import ManifestInvalid
from media_pipeline.manifest import Manifest


class Trouble(StrEnum):
    """Why a package cannot be read."""

    MISSING = "missing"
    """It is not where packages lie, or the disk does not let it be read."""
    DAMAGED = "damaged"
    """Its manifest is no manifest."""


def read(store: PackageStore, lesson: Lesson) -> Manifest | Trouble | None:
    """What is in a lesson's package, or why that cannot be told; None where no package was made."""
    if not lesson.package_name:
        return None
    try:
        return store.manifest(lesson.package_name)
    except (ManifestInvalid, ValueError):
        return Trouble.DAMAGED
    except OSError:
        return Trouble.MISSING


def is_lost(store: PackageStore, lesson: Lesson) -> bool:
    """Whether a package was made of a lesson that cannot be read any more."""
    return isinstance(read(store, lesson), Trouble)


def require(store: PackageStore, lesson: Lesson) -> None:
    """Raise unless a lesson can be watched: nobody confirms what nobody can have seen.

    Raises:
        Conflict: its package cannot be read.
    """
    if is_lost(store, lesson):
        raise Conflict("package_lost", _("Its package cannot be read, so nobody can watch it. Nothing was changed."))


def recording_is_here(uploads: Path, lesson: Lesson) -> bool:
    """Whether the recording that a lesson was made of still lies in the uploads folder."""
    return lesson.transcode is not None and (uploads / lesson.transcode.source).is_file()

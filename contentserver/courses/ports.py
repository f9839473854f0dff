"""What the slice needs of others: a place for packages, and somebody who takes a withdrawn lesson off the air."""

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from media_pipeline.manifest import Manifest


class PackageStore(Protocol):
    """Packages, and the signed addresses under which their files leave."""

    def manifest(self, package: str) -> Manifest:
        """The package's manifest."""
        ...

    def access(self, package: str, now: datetime) -> tuple[str, str, datetime]:
        """Base path, query and expiry of a signed address; a file lies at base + path + query."""
        ...


class OnLessonChanged(Protocol):
    """Told, in the same unit of work, that a lesson may not air any more, or may again."""

    def __call__(self, session: Session, lesson_id: str, now: datetime) -> int:
        """Gives back how many published timetables changed by it."""
        ...

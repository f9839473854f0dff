"""How much the courses of a region may hold, and whether there is room for more: for its people, and on the disk.

What counts: recordings, captions and sound that lie in the uploads folder, packages, and uploads under way. A limit
holds for a region with everything below it; a region for which nobody set one has the usual limit for its own courses.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.courses import service
from contentserver.courses.models import Course, Lesson, Transcode, TranscodeFile, UploadQuota
from contentserver.courses.uploads import Uploads, metadata_of
from contentserver.kernel import auth
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.regions import ancestors_and_self, region_named, subtree_filter

DISK_RESERVE_BYTES = 1024**3
"""So much of the disk stays free, for the database and for packages in the making."""
GIGABYTE = 10**9
LARGEST_GB = 1_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """What a region may hold and holds. `own`: somebody set its limit."""

    region_code: str
    region_name: str
    limit: int
    held: int
    own: bool

    @property
    def left(self) -> int:
        """Bytes that may still come; 0 where it holds too much already."""
        return max(self.limit - self.held, 0)


def room(session: Session, uploads: Uploads, region_code: str, usual: int) -> Room:
    """The tightest of the limits that hold for a region's courses.

    Args:
        usual: bytes that a region may hold for which nobody set a limit.
    """
    codes = ancestors_and_self(region_code)
    rows = session.scalars(select(UploadQuota).where(UploadQuota.region_code.in_(codes))).all()
    limits = {region_code: usual, **{row.region_code: row.limit_bytes for row in rows}}
    own = {row.region_code for row in rows}
    found = [
        Room(code, region_named(session, code).name, limit, held(session, uploads, code), code in own)
        for code, limit in limits.items()
    ]
    return min(found, key=lambda one: one.limit - one.held)


def held(session: Session, uploads: Uploads, region_code: str) -> int:
    """Bytes that the courses of a region's subtree hold."""
    inside = subtree_filter(Course.region_code, region_code)
    of_courses = select(Lesson.id).join(Course).where(inside)
    packages = session.scalar(select(func.sum(Lesson.package_bytes)).join(Course).where(inside)) or 0
    files: list[str] = [
        *session.scalars(select(Transcode.source).where(Transcode.lesson_id.in_(of_courses))),
        *session.scalars(select(TranscodeFile.file).where(TranscodeFile.lesson_id.in_(of_courses))),
    ]
    courses = {str(one) for one in session.scalars(select(Course.id).where(inside))}
    return int(packages) + _bytes_of(uploads.folder, files) + uploads.under_way(courses)


def _bytes_of(folder: Path, names: Sequence[str]) -> int:
    """Bytes of the files that are still there."""
    total = 0
    for name in set(names):
        try:
            total += (folder / name).stat().st_size
        except OSError:
            continue
    return total


def require_room(session: Session, uploads: Uploads, region_code: str, more: int, usual: int) -> None:
    """Raise unless so many bytes more may come.

    Raises:
        Rejected: the disk is nearly full, or a region may not hold so much.
    """
    require_disk(uploads.folder, more)
    found = room(session, uploads, region_code, usual)
    if more > found.left:
        raise Rejected(
            "quota_full",
            _(
                "%(region)s may hold %(limit)s GB of lessons and has %(left)s GB left; this needs %(more)s GB. "
                "Remove what is not needed, or ask the system administrator for more room.",
                region=found.region_name,
                limit=gigabytes(found.limit),
                left=gigabytes(found.left),
                more=gigabytes(more),
            ),
        )


def let_in(session: Session, uploads: Uploads, headers: Mapping[str, str], usual: int) -> None:
    """Whether an upload that is being announced may come: for the course that its metadata names, and for the disk.

    Raises:
        NotFound: there is no such course.
        Forbidden: it lies outside the person's region.
        Rejected: there is no room.
    """
    length = headers.get("Upload-Length", "")
    more = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else 0
    named = metadata_of(headers.get("Upload-Metadata", "")).get("course", "")
    if not named:
        return require_disk(uploads.folder, more)
    try:
        course = service.course_with(session, UUID(named))
    except ValueError:
        raise NotFound("course_unknown", _("There is no such course.")) from None
    auth.require_scope(course.region_code)
    return require_room(session, uploads, course.region_code, more, usual)


def require_room_to_keep(
    session: Session, uploads: Uploads, course: Course, files: Iterable[tuple[str, int]], usual: int
) -> None:
    """Raise unless uploads that have arrived may become a lesson of a course.

    Args:
        files: id and bytes of each; those that were announced for the course were let in already.

    Raises:
        Rejected: there is no room for the others.
    """
    more = sum(size for upload, size in files if not uploads.was_announced(upload, str(course.id)))
    if more:
        require_room(session, uploads, course.region_code, more, usual)


def require_disk(folder: Path, more: int) -> None:
    """Raise unless the disk has room for so many bytes, and the reserve besides.

    Raises:
        Rejected: it is nearly full.
    """
    if shutil.disk_usage(folder).free - more < DISK_RESERVE_BYTES:
        raise Rejected(
            "disk_full",
            _("The server's disk is nearly full, so nothing can be taken in. Tell the system administrator."),
        )


def set_limit(session: Session, region_code: str, limit: int, who: Person, now: datetime) -> None:
    """Say how many bytes a region may hold; what it holds beyond it stays.

    Raises:
        NotFound: there is no such region.
        Rejected: nobody needs so little or so much.
    """
    region_named(session, region_code)
    if not GIGABYTE <= limit <= LARGEST_GB * GIGABYTE:
        raise Rejected("quota_wrong", _("Give a whole number of GB, from 1 to 1000000."))
    row = session.get(UploadQuota, region_code)
    before = row.limit_bytes if row else None
    if row is None:
        session.add(UploadQuota(region_code=region_code, limit_bytes=limit, set_by=who.id, set_at=now))
    else:
        row.limit_bytes, row.set_by, row.set_at = limit, who.id, now
    audit(
        session,
        who=who,
        action="quota.set",
        subject=f"region {region_code}",
        now=now,
        before={"bytes": before},
        after={"bytes": limit},
    )


def gigabytes(count: int) -> str:
    """Bytes in GB for people: two digits after the point where it is little, whole where it is much."""
    value = count / GIGABYTE
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"

"""Releases of the television's program: taken in, wanted of boxes, given to them, and how it went.

What makes an archive, and what a box does with it: docs/kiosk.md. A box is told by its desired state; who wants a
release of many boxes leaves the telling to the link's next upkeep, within a minute.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from stat import S_ISLNK

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.boxes import rules
from contentserver.boxes.desiring import refresh_each
from contentserver.boxes.models import Box, ReleaseRow
from contentserver.boxes.ports import ReleaseStore
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.regions import subtree_filter
from contentserver.stations import Station
from schedules.wire.signing import Signer

MAX_BYTES = 20_000_000
MAX_UNPACKED = 128 * 1024**2
MAX_FILES = 4000
PROGRAMS = {("tvclient",), ("schedules",), ("media_pipeline",)}
"""The folders that a box takes; it refuses an archive with any other."""
ENTRY = "tvclient/__main__.py"
AT_ONCE = 50
"""So many boxes are told at once; more wait for the link's upkeep, so that nobody waits for the database meanwhile."""
_COMMENT = re.compile(rb"([0-9A-Za-z][0-9A-Za-z.+_-]{0,39}) ([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class BoxOnRelease:
    """One box in the account of a release."""

    box_id: int
    station: str


@dataclass(frozen=True, slots=True)
class ReleaseUse:
    """How one release fares among the boxes of a region.

    Attributes:
        wanted: boxes that are to run it; `running` of them do, `given_up` tried it and went back.
        elsewhere: boxes that run it although something else is wanted of them, or nothing.
    """

    release: ReleaseRow
    wanted: int
    running: int
    given_up: tuple[BoxOnRelease, ...]
    elsewhere: int

    @property
    def waiting(self) -> int:
        """Boxes that have neither taken it up nor given it up."""
        return self.wanted - self.running - len(self.given_up)

    @property
    def proved(self) -> bool:
        """Whether it runs anywhere, so that it may be wanted everywhere."""
        return self.running + self.elsewhere > 0


def add_release(session: Session, data: bytes, store: ReleaseStore, now: datetime) -> tuple[ReleaseRow, bool]:
    """Take in a release; the same one again changes nothing.

    Returns:
        The release, and whether it is new.

    Raises:
        Rejected: it is no archive of the television's program.
        Conflict: the version is known with another content.
    """
    version, needs = _examined(data)
    sha256 = hashlib.sha256(data).hexdigest()
    known = session.get(ReleaseRow, version)
    if known is not None and known.sha256 != sha256:
        raise Conflict(
            "release_differs",
            _(
                "Version %(version)s is known with another content. Give the new one a number of its own.",
                version=version,
            ),
        )
    store.keep_release(sha256, data)  # again too: a file that was lost comes back
    if known is not None:
        return known, False
    row = ReleaseRow(version=version, sha256=sha256, bytes=len(data), needs=needs, added_at=now)
    session.add(row)
    session.flush()
    audit(session, who=None, action="release.added", subject=f"release {version}", now=now, after={"sha256": sha256})
    return row, True


def want_release(
    session: Session, version: str | None, root: str, who: Person | None, signer: Signer, now: datetime
) -> int:
    """Every box of a region is to run a release; with None each keeps the program that it has.

    Returns:
        How many boxes that changes.

    Raises:
        NotFound: there is no such release.
    """
    if version is not None and session.get(ReleaseRow, version) is None:
        raise NotFound("release_unknown", _("There is no release %(version)s.", version=version))
    return _want(session, _let_in(root), version, root, who, signer, now)


def unwant_release(session: Session, version: str, root: str, who: Person | None, signer: Signer, now: datetime) -> int:
    """No box of a region is to run this release any more; each keeps the program that it has.

    Returns:
        How many boxes that changes.
    """
    return _want(session, _let_in(root).where(Box.release == version), None, root, who, signer, now)


def is_proved(session: Session, version: str) -> bool:
    """Whether any box runs the release."""
    uses, _unwanted = uses_of_releases(session, "")
    return any(use.release.version == version and use.proved for use in uses)


def release_with_hash(session: Session, sha256: str) -> ReleaseRow:
    """The release whose archive has this hash.

    Raises:
        NotFound: there is none.
    """
    row = session.scalar(select(ReleaseRow).where(ReleaseRow.sha256 == sha256))
    if row is None:
        raise NotFound("release_unknown", _("There is no such release."))
    return row


def uses_of_releases(session: Session, root: str) -> tuple[Sequence[ReleaseUse], int]:
    """Every release, the newest first, with the boxes of a region; and how many of these want none."""
    query = (
        select(Box.id, Box.release, Box.reported, Station.name)
        .join(Station, Station.id == Box.station_id)
        .where(Box.revoked_at.is_(None), subtree_filter(Station.region_code, root))
        .order_by(Box.id)
    )
    read = msgspec.json.Decoder(rules.Glance).decode
    boxes = [
        (BoxOnRelease(box_id, station), wanted, read(reported) if reported else rules.Glance())
        for box_id, wanted, reported, station in session.execute(query)
    ]
    found = []
    for row in session.scalars(select(ReleaseRow).order_by(ReleaseRow.added_at.desc(), ReleaseRow.version.desc())):
        name = rules.release_name(row.version, row.sha256)
        wanting = [(box, glance) for box, wanted, glance in boxes if wanted == row.version]
        running = sum(glance.release == name for _box, glance in wanting)
        found.append(
            ReleaseUse(
                release=row,
                wanted=len(wanting),
                running=running,
                given_up=tuple(box for box, glance in wanting if glance.release_given_up == name != glance.release),
                elsewhere=sum(glance.release == name for _box, _wanted, glance in boxes) - running,
            )
        )
    return found, sum(wanted is None for _box, wanted, _glance in boxes)


def _let_in(root: str) -> Select[Box]:
    in_region = select(Station.id).where(subtree_filter(Station.region_code, root))
    return select(Box).where(Box.revoked_at.is_(None), Box.station_id.in_(in_region))


def _want(
    session: Session,
    boxes: Select[Box],
    version: str | None,
    root: str,
    who: Person | None,
    signer: Signer,
    now: datetime,
) -> int:
    changed = [box for box in session.scalars(boxes) if box.release != version]
    for box in changed:
        box.release = version
    refresh_each(session, changed if len(changed) <= AT_ONCE else (), signer)
    if changed:
        after = {"release": version, "boxes": len(changed)}
        audit(session, who=who, action="release.wanted", subject=f"region {root or '*'}", now=now, after=after)
    return len(changed)


def _examined(data: bytes) -> tuple[str, str]:
    """Version and libraries of an archive that a box would take.

    Raises:
        Rejected: a box would not take it.
    """
    if len(data) > MAX_BYTES:
        raise Rejected("release_large", _("A release has at most %(size)s MB.", size=MAX_BYTES // 1_000_000))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [one for one in archive.infolist() if not one.is_dir()]
            said = _COMMENT.fullmatch(archive.comment)
            small = len(members) <= MAX_FILES and sum(one.file_size for one in members) <= MAX_UNPACKED
            damaged = small and archive.testzip() is not None
    except (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, EOFError, OSError) as error:
        raise Rejected("release_unreadable", _("This is no archive, or it is damaged.")) from error
    if said is None:
        raise Rejected("release_unnamed", _("The archive does not say its version; tvclient.kiosk.pack makes one."))
    if damaged:
        raise Rejected("release_unreadable", _("This is no archive, or it is damaged."))
    if not small or any(map(_odd, members)) or ENTRY not in {one.filename for one in members}:
        raise Rejected("release_odd", _("The archive holds something else than the television's program."))
    return said[1].decode(), said[2].decode()


def _odd(member: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(member.filename)
    outside = path.is_absolute() or ".." in path.parts or "\\" in member.filename or path.parts[:1] not in PROGRAMS
    return outside or S_ISLNK(member.external_attr >> 16)

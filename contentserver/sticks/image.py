"""A stick as one ZIP to be unpacked onto it: made while it is sent, nothing in memory, nothing compressed.

Holds signed layers, packages with their approvals, and an index; no secret, and nothing meant for one box alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session
from zipstream import ZIP_STORED, ZipStream

from contentserver.courses import approval_of
from contentserver.kernel.errors import NotFound
from contentserver.sticks import rules
from contentserver.sticks.ports import Packages
from contentserver.sticks.rules import Content
from contentserver.sticks.service import Item, Load
from contentserver.timetable import newest_revision
from media_pipeline.manifest import MANIFEST_FILE
from schedules.airings import LayerId
from schedules.wire import on_stick
from schedules.wire.codec import encode
from schedules.wire.messages import StickIndex, StickPackage


@dataclass(frozen=True, slots=True)
class Image:
    """The archive, and how many bytes it will have."""

    archive: ZipStream
    bytes: int
    lessons: int


def image_of(session: Session, load: Load, content: Content, packages: Packages, now: datetime) -> Image:
    """The stick for a load. Reads the database now, and the packages' files only while the archive is sent."""
    archive = ZipStream(compress_type=ZIP_STORED, sized=True)
    layers = [layer for layer in load.layers if _add_layer(session, archive, layer)]
    items = [item for item in load.chosen(content) if _add_package(session, archive, item, content, packages)]
    archive.add(encode(_index(layers, items, content, now)), _at(on_stick.INDEX))
    return Image(archive, len(archive), len(items))


def _index(layers: Sequence[LayerId], items: Sequence[Item], content: Content, now: datetime) -> StickIndex:
    named = (StickPackage(name=one.package, title=one.title, bytes=one.bytes_for(content)) for one in items)
    return StickIndex(made_at=now, layers=tuple(layers[: on_stick.MOST]), packages=tuple(named)[: on_stick.MOST])


def _add_layer(session: Session, archive: ZipStream, layer: LayerId) -> bool:
    newest = newest_revision(session, layer)
    if newest is None:
        return False
    archive.add(newest.jws.encode(), _at(on_stick.layer_path(layer)))
    return True


def _add_package(session: Session, archive: ZipStream, item: Item, content: Content, packages: Packages) -> bool:
    """Add what is carried of a package; nothing of one whose approval was taken back meanwhile."""
    try:
        approval = approval_of(session, item.package).jws
    except NotFound:
        return False
    archive.add(approval.encode(), _at(on_stick.package_path(item.package, on_stick.APPROVAL)))
    manifest = b"".join(packages.pieces(item.package, MANIFEST_FILE))
    archive.add(manifest, _at(on_stick.package_path(item.package, MANIFEST_FILE)))
    for file in rules.carried_files(item.manifest, content):
        pieces = packages.pieces(item.package, file.path)
        archive.add(pieces, _at(on_stick.package_path(item.package, file.path)), size=file.bytes)
    return True


def _at(path: str) -> str:
    return f"{on_stick.FOLDER}/{path}"

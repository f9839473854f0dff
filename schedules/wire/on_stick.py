"""What a USB stick carries between server and box, and where it lies. The law of evolution: `__init__.py`.

Everything lies below one folder. The index is a table of contents and is not to be believed: layers, approvals and
manifests vouch for themselves, as they do over the line. Journals: `sealing.py`.

| path below `yuanjiao/` | written by | content |
|---|---|---|
| `stick.json` | server | `StickIndex` |
| `layers/<layer>.jws` | server | JWS of `LayerMessage` |
| `packages/<package>/approval.jws` | server | JWS of `Approval` |
| `packages/<package>/<file>` | server | a file of the package, its manifest too |
| `journals/box-<box>-<epoch>-<first>-<last>.yjj` | box | sealed JWS of `EventBatch` |
"""

import re
from datetime import datetime
from typing import Final

from schedules.airings import LayerId, PackageName
from schedules.wire.message import Message

FOLDER: Final = "yuanjiao"
INDEX: Final = "stick.json"
APPROVAL: Final = "approval.jws"
JOURNALS: Final = "journals"
MOST: Final = 500
"""Packages, and layers, that one stick may name."""

_PACKAGE = re.compile(r"sha256-[0-9a-f]{64}")
_LAYER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class StickPackage(Message, frozen=True, kw_only=True):
    """One package on a stick; `bytes` of what lies there of it."""

    name: PackageName
    title: str = ""
    bytes: int = 0


class StickIndex(Message, frozen=True, kw_only=True):
    """What a stick brings to a station's boxes: the earliest airing's package first."""

    made_at: datetime
    form: int = 1
    layers: tuple[LayerId, ...] = ()
    packages: tuple[StickPackage, ...] = ()


def layer_path(layer: LayerId) -> str:
    """Where a layer lies.

    Raises:
        ValueError: no name of a layer.
    """
    if not _LAYER.fullmatch(layer):
        raise ValueError("no name of a layer")
    return f"layers/{layer}.jws"


def package_path(package: PackageName, file: str) -> str:
    """Where a file of a package lies.

    Raises:
        ValueError: no name of a package.
    """
    if not _PACKAGE.fullmatch(package):
        raise ValueError("no name of a package")
    return f"packages/{package}/{file}"

"""What the server signed for this box and the box has stored: `Desired` and the layers, and beside them the roster.

Decides what is taken: only what verifies, is meant for this box, and is newer than what is stored. Kept as the signed
bytes, verified again at every start. Nothing here knows how the bytes came; see `line.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from threading import RLock

import structlog

from schedules.airings import Airing, LayerId
from schedules.layers import MAX_LAYERS
from schedules.merge import Timetable, merge
from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import Desired, LayerMessage, LayerProof, Roster
from schedules.wire.signing import BadSignature, Verifier
from schedules.wire.topics import BoxId
from tvclient.adapters.durable import write_durably

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DESIRED = LayerId("")
"""Stands for `Desired` among layers."""

log = structlog.get_logger(__name__)


class Documents:
    """One box's signed documents. Safe to use from any thread."""

    def __init__(
        self,
        folder: Path,
        verifier: Verifier,
        box: BoxId,
        write: Callable[[Path, bytes], None] = write_durably,
        merging: Callable[[Sequence[LayerMessage]], Timetable] | None = None,
    ) -> None:
        """Load what is stored in `folder` and still verifies.

        Args:
            write: replaces a file.
            merging: makes a timetable of layers, where somebody remembers it for many boxes.
        """
        self._folder, self._verifier, self._box, self._write = folder, verifier, box, write
        self._merge = merging or merged
        self._lock = RLock()
        self._desired: Desired | None = None
        self._layers: dict[LayerId, LayerMessage] = {}
        self._stored_at: dict[LayerId, datetime] = {}
        self._applied: dict[LayerId, int] = {}
        self._unproved: set[LayerId] = set()
        """Layers that only an older key signed, and `_DESIRED` likewise: whatever is signed now replaces them."""
        self._load()

    @property
    def desired(self) -> Desired | None:
        """What the server wants of this box; None before its first word."""
        return self._desired

    def followed(self) -> tuple[LayerId, ...]:
        """The layers to follow."""
        return self._desired.layers if self._desired else ()

    def take_desired(self, token: bytes) -> bool:
        """Store a newer `Desired`; anything else is left alone and logged.

        Returns:
            Whether it was taken.
        """
        try:
            desired = self._verifier.read(token, Desired)
        except BadSignature as error:
            log.warning("desired.refused", reason=str(error))
            return False
        if desired.box != self._box or len(desired.layers) > MAX_LAYERS or not all(map(_safe, desired.layers)):
            log.warning("desired.refused", reason="not for this box", box=desired.box)
            return False
        with self._lock:
            older = self._desired is not None and desired.version <= self._desired.version
            if older and _DESIRED not in self._unproved:
                return False
            self._write(self._folder / "desired.jws", token)
            self._desired = desired
            self._unproved.discard(_DESIRED)
            self._drop_unfollowed()
        log.info("desired.stored", version=desired.version)
        return True

    def take_layer(self, token: bytes, now: datetime) -> bool:
        """Store a newer revision of a followed layer; anything else is left alone and logged.

        Returns:
            Whether it was taken.
        """
        try:
            layer = self._verifier.read(token, LayerMessage)
        except BadSignature as error:
            log.warning("layer.refused", reason=str(error))
            return False
        with self._lock:
            if layer.layer not in self.followed():
                return False
            known = self._layers.get(layer.layer)
            if known is not None and layer.revision <= known.revision and layer.layer not in self._unproved:
                return False
            self._write(self._layer_file(layer.layer), now.isoformat().encode() + b"\n" + token)
            self._layers[layer.layer] = layer
            self._stored_at[layer.layer] = now
            self._unproved.discard(layer.layer)
        log.info("layer.stored", layer=layer.layer, revision=layer.revision)
        return True

    def verify_again(self) -> None:
        """Other keys are trusted now: what only an older one signed holds until `settle`, and anything replaces it."""
        with self._lock:
            self._unproved = {layer for layer in self._layers if self._read_layer(layer) is None}
            if self._desired is not None and self._read_desired() is None:
                self._unproved.add(_DESIRED)

    def settle(self) -> bool:
        """The server was asked for everything: what is still unproved goes. Whether that was anything."""
        with self._lock:
            gone, self._unproved = self._unproved, set()
            for layer in gone & self._layers.keys():
                log.warning("layer.dropped", layer=layer)
                self._drop(layer)
            if _DESIRED in gone:
                log.warning("desired.dropped")
                self._desired = None
                (self._folder / "desired.jws").unlink(missing_ok=True)
            return bool(gone)

    def layers(self) -> list[LayerMessage]:
        """The stored revisions of the followed layers, in the order in which they are followed."""
        with self._lock:
            return [self._layers[layer] for layer in self.followed() if layer in self._layers]

    def timetable(self) -> tuple[tuple[Airing, ...], Mapping[LayerId, int]]:
        """The merged airings, and the revisions they are made of."""
        made, revisions = self.merged()
        return made.airings, revisions

    def merged(self) -> tuple[Timetable, Mapping[LayerId, int]]:
        """The same with the airings that are displaced."""
        layers = self.layers()
        return self._merge(layers), {layer.layer: layer.revision for layer in layers}

    def applied(self, revisions: Mapping[LayerId, int]) -> None:
        """The television plays by these revisions now."""
        with self._lock:
            self._applied = dict(revisions)

    def proofs(self) -> dict[LayerId, LayerProof]:
        """The box's word about each followed layer."""
        with self._lock:
            return {
                layer: LayerProof(
                    revision=message.revision,
                    stored_at=self._stored_at[layer],
                    applied=self._applied.get(layer) == message.revision,
                )
                for layer, message in self._layers.items()
            }

    def roster(self) -> tuple[Roster, str] | None:
        """The stored roster and its ETag."""
        try:
            etag, _, body = (self._folder / "roster.json").read_bytes().partition(b"\n")
            return decode(body, Roster), etag.decode()
        except (OSError, Unreadable, UnicodeDecodeError):
            return None

    def keep_roster(self, roster: Roster, etag: str) -> None:
        """Store the roster durably."""
        self._write(self._folder / "roster.json", etag.replace("\n", "").encode() + b"\n" + encode(roster))

    def _load(self) -> None:
        self._desired = self._read_desired()
        for layer in self.followed():
            found = self._read_layer(layer)
            if found is not None:
                self._layers[layer], self._stored_at[layer] = found

    def _read_desired(self) -> Desired | None:
        """What lies on the disk, if it verifies and is for this box."""
        try:
            desired = self._verifier.read((self._folder / "desired.jws").read_bytes(), Desired)
        except FileNotFoundError:
            return None
        except (OSError, BadSignature) as error:
            log.warning("desired.unreadable", reason=str(error))
            return None
        return desired if desired.box == self._box else None

    def _read_layer(self, layer: LayerId) -> tuple[LayerMessage, datetime] | None:
        """What lies on the disk, if it verifies and is this layer."""
        try:
            stored_at, _, token = self._layer_file(layer).read_bytes().partition(b"\n")
            message = self._verifier.read(token, LayerMessage)
            if message.layer == layer:
                return message, datetime.fromisoformat(stored_at.decode())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("layer.unreadable", layer=layer, reason=str(error))
        return None

    def _drop_unfollowed(self) -> None:
        for layer in set(self._layers) - set(self.followed()):
            self._drop(layer)

    def _drop(self, layer: LayerId) -> None:
        del self._layers[layer]
        self._stored_at.pop(layer, None)
        self._applied.pop(layer, None)
        self._layer_file(layer).unlink(missing_ok=True)

    def _layer_file(self, layer: LayerId) -> Path:
        return self._folder / "layers" / f"{layer}.jws"


def merged(layers: Sequence[LayerMessage]) -> Timetable:
    """What plays by these layers, and what they keep from each other."""
    return merge(layer.as_layer() for layer in layers)


def _safe(layer: LayerId) -> bool:
    return _NAME.fullmatch(layer) is not None

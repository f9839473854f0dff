"""The alerts that the server signed and the box has stored, one document for each followed region; and the answers.

Decides what is taken: only what verifies, concerns a followed region, and is newer than what is stored. Works in the
thread that brings the bytes, so that an alert waits for nobody; what came of it reaches the core as an event. Layers:
`documents.py`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from threading import RLock

import msgspec
import structlog

from schedules.airings import LayerId
from schedules.wire.messages import Alert, AlertsMessage
from schedules.wire.signing import BadSignature, Verifier
from tvclient.adapters.api import Api
from tvclient.adapters.durable import write_durably
from tvclient.adapters.errors import Refused
from tvclient.core.events import AlertsChanged, Event

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

log = structlog.get_logger(__name__)


class AlertDocuments:
    """One box's alerts. Safe to use from any thread."""

    def __init__(
        self,
        folder: Path,
        verifier: Verifier,
        followed: Callable[[], tuple[LayerId, ...]],
        post: Callable[[Event], None],
    ) -> None:
        """Load what is stored in `folder` and still verifies; `tell` says it.

        Args:
            followed: the layers that the box follows at this moment.
            post: takes an event for the core.
        """
        self._folder, self._verifier, self._followed, self._post = folder, verifier, followed, post
        self._lock = RLock()
        self._documents: dict[LayerId, AlertsMessage] = {}
        self._stored: dict[LayerId, int] = {}
        self._unproved: set[LayerId] = set()
        """What only an older key signed: whatever the server signs now replaces it."""
        self._answered = self._load_answered()
        for file in sorted(folder.glob("*.jws")):
            self._load(file)

    def came(self, token: bytes) -> bool:
        """Store a newer revision and say so; anything else is left alone and logged.

        A disk that refuses it is no reason to keep silent: the alert is shown, and not reported as stored.

        Returns:
            Whether it was taken.
        """
        try:
            message = self._verifier.read(token, AlertsMessage)
        except BadSignature as error:
            log.warning("alerts.refused", reason=str(error))
            return False
        layer = message.layer
        with self._lock:
            known = self._documents.get(layer)
            if layer not in self._followed() or not _NAME.fullmatch(layer):
                log.info("alerts.not_followed", layer=layer)
                return False
            if known is not None and layer not in self._unproved:
                unstored = message.revision == known.revision and layer not in self._stored
                if message.revision <= known.revision and not unstored:
                    return False
            self._documents[layer] = message
            self._unproved.discard(layer)
            self._stored.pop(layer, None)
            try:
                write_durably(self._file(layer), token)
                self._stored[layer] = message.revision
            except OSError as error:
                log.warning("alerts.not_stored", layer=layer, reason=str(error))
        log.info("alerts.taken", layer=layer, revision=message.revision, alerts=len(message.alerts))
        self.tell()
        return True

    def fetch(self, api: Api) -> None:
        """Ask over HTTP for what MQTT should have brought.

        Raises:
            AdapterError: the server does not answer.
        """
        for layer in self._followed():
            try:
                self.came(api.alerts(layer))
            except Refused as error:
                log.debug("alerts.not_given", layer=layer, reason=str(error))

    def verify_again(self) -> None:
        """Other keys are trusted now: what only an older one signed holds until `settle`, and anything replaces it."""
        with self._lock:
            self._unproved = {layer for layer in self._documents if self._read(self._file(layer)) is None}

    def settle(self) -> bool:
        """The server was asked for everything: what is still unproved goes. Whether that was anything."""
        with self._lock:
            gone, self._unproved = self._unproved & self._documents.keys(), set()
            for layer in gone:
                log.warning("alerts.dropped", layer=layer)
                del self._documents[layer]
                self._stored.pop(layer, None)
                self._file(layer).unlink(missing_ok=True)
            if gone:
                self.tell()
            return bool(gone)

    def tell(self) -> None:
        """Say what holds in the followed regions; what is followed no more is dropped."""
        with self._lock:
            followed = self._followed()
            for layer in set(self._documents) - set(followed):
                del self._documents[layer]
                self._stored.pop(layer, None)
                self._file(layer).unlink(missing_ok=True)
            alerts = tuple(alert for layer in followed for alert in self._in(layer))
            self._post(AlertsChanged(alerts, self._answered))  # inside, so that no older word overtakes a newer one

    def revisions(self) -> dict[LayerId, int]:
        """The box's word: the newest revision of each region's alerts that is durable on its disk."""
        with self._lock:
            return dict(self._stored)

    def keep_answered(self, alerts: frozenset[str]) -> None:
        """Remember which alerts were answered; what the disk refuses is asked again after a restart."""
        with self._lock:
            self._answered = alerts
            try:
                write_durably(self._folder / "answered.json", msgspec.json.encode(sorted(alerts)))
            except OSError as error:
                log.warning("alerts.answer_not_stored", reason=str(error))

    def _in(self, layer: LayerId) -> tuple[Alert, ...]:
        message = self._documents.get(layer)
        return message.alerts if message else ()

    def _load(self, file: Path) -> None:
        message = self._read(file)
        if message is not None:
            self._documents[message.layer] = message
            self._stored[message.layer] = message.revision

    def _read(self, file: Path) -> AlertsMessage | None:
        """What lies in a file, if it verifies and is of this region."""
        try:
            message = self._verifier.read(file.read_bytes(), AlertsMessage)
        except (OSError, BadSignature) as error:
            log.warning("alerts.unreadable", file=file.name, reason=str(error))
            return None
        return message if file == self._file(message.layer) else None

    def _load_answered(self) -> frozenset[str]:
        try:
            return msgspec.json.decode((self._folder / "answered.json").read_bytes(), type=frozenset[str])
        except (OSError, msgspec.MsgspecError):
            return frozenset()

    def _file(self, layer: LayerId) -> Path:
        return self._folder / f"{layer}.jws"

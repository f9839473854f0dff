"""The server as a source of packages: resumed by Range at the byte, counted, measured, inside the rules.

What comes is only gathered here; whether it is what it should be, `packages.py` decides. When to fetch what:
`prefetch.py`.
"""

import time
from pathlib import Path

from media_pipeline.manifest import MANIFEST_FILE, PackageFile
from schedules.airings import PackageName
from schedules.wire.messages import PackageAccess
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.errors import AdapterError, Refused, ServerUnreachable
from tvclient.adapters.pacing import Pacing
from tvclient.adapters.ration import Ration
from tvclient.adapters.speed import Meter, Speed

MAX_MANIFEST_BYTES = 8_000_000
USUAL_MANIFEST_BYTES = 100_000


class Origin:
    """One server's packages. Safe to use from any thread."""

    def __init__(self, api: Api, clock: Clock, ration: Ration, pacing: Pacing, speed: Speed) -> None:
        """Count in `ration`, tell `pacing` of delays and `speed` of throughput."""
        self._api, self._clock, self._ration, self._pacing = api, clock, ration, pacing
        self._meter = Meter(speed, clock.now)
        self._access: dict[PackageName, PackageAccess] = {}
        self._closed = False

    def close(self) -> None:
        """Let transfers under way end soon; what came so far is kept."""
        self._closed = True

    def forget(self, name: PackageName) -> None:
        """Ask anew for the address of a package's files."""
        self._access.pop(name, None)

    def papers(self, name: PackageName, *, urgent: bool) -> tuple[bytes, str]:
        """Manifest and approval of a package.

        Raises:
            Rationed: the rules forbid it now.
            AdapterError: no line, or the server does not give it.
        """
        with self._ration.share(USUAL_MANIFEST_BYTES, self._clock.now(), urgent=urgent):
            access = self._access_to(name)
            data = bytearray()
            with self._api.file(access, MANIFEST_FILE) as (_, pieces):
                for piece in pieces:
                    data += piece
                    self._ration.spend(len(piece), self._clock.now())
                    if len(data) > MAX_MANIFEST_BYTES:
                        break
            return bytes(data), access.approval

    def gather(self, name: PackageName, file: PackageFile, part: Path, *, urgent: bool) -> None:
        """Bring a file's bytes into `part`, going on where it ends. A cut is mended at once while bytes come at all.

        Raises:
            Rationed: the rules forbid it now.
            AdapterError: no line, or the server does not give it.
        """
        have = part.stat().st_size if part.exists() else 0
        if have > file.bytes:
            part.unlink()
            have = 0
        part.touch()
        if have == file.bytes:
            return
        with self._ration.share(file.bytes - have, self._clock.now(), urgent=urgent):
            while have < file.bytes:
                before = have
                cut: AdapterError = AdapterError(f"{file.path} was cut off")
                try:
                    self._stretch(name, file, part, have)
                except ServerUnreachable as error:
                    cut = error
                have = part.stat().st_size
                if have < file.bytes and (have <= before or self._closed):
                    raise cut

    def _stretch(self, name: PackageName, file: PackageFile, part: Path, have: int) -> None:
        access = self._access_to(name)
        asked, beside = time.monotonic(), self._meter.running
        try:
            with (
                self._meter.transfer() as came,
                self._api.file(access, file.path, have) as (offset, pieces),
                part.open("r+b") as target,
            ):
                answered = time.monotonic()
                self._pacing.answered(answered - asked, answered, beside=beside)
                target.seek(offset)
                target.truncate()
                for piece in pieces:
                    came(len(piece))
                    self._ration.spend(len(piece), self._clock.now())
                    if self._closed or target.tell() + len(piece) > file.bytes:
                        break
                    target.write(piece)
        except Refused as error:
            if error.status == 416:
                part.unlink(missing_ok=True)
            raise

    def _access_to(self, name: PackageName) -> PackageAccess:
        access = self._access.get(name)
        if access is None or access.expires_at <= self._clock.now():
            access = self._access[name] = self._api.package(name)
        return access

"""What the station reads beside its timetable, on the box's disk: fetched once per version, there without a line.

Which versions are wanted stands in `Desired`, which is signed; the papers come over TLS from the same server. When to
fetch is decided by `line.py`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from schedules.wire.codec import Unreadable, decode, encode
from schedules.wire.messages import PAPERS, Paper, PaperKind
from tvclient.adapters.api import Api
from tvclient.adapters.durable import write_durably
from tvclient.adapters.errors import Refused
from tvclient.core import events

log = structlog.get_logger(__name__)


class Papers:
    """One box's papers. Used by the line's thread."""

    def __init__(self, folder: Path, api: Api, post: Callable[[events.Event], None]) -> None:
        """Load what is stored in `folder` and still reads."""
        self._folder, self._api, self._post = folder, api, post
        self._papers = {kind: paper for kind in PaperKind if (paper := self._stored(kind)) is not None}
        self._refused: dict[PaperKind, str] = {}
        """Versions that the server does not give; they are not asked for again."""

    def tell(self) -> None:
        """Say what is stored."""
        for paper in self._papers.values():
            self._post(events.PaperChanged(paper))

    def lacking(self, wanted: Mapping[str, str]) -> tuple[PaperKind, ...]:
        """Which kinds are not stored in the version that is wanted, those included that are wanted no more."""
        return tuple(
            kind
            for kind in PaperKind
            if wanted.get(kind, "") != self._version(kind) and self._refused.get(kind) != wanted.get(kind, "")
        )

    def fetch(self, wanted: Mapping[str, str]) -> None:
        """Fetch and store what is lacking, and drop what is wanted no more.

        Raises:
            AdapterError: the server could not be asked; what came before stays.
        """
        for kind in self.lacking(wanted):
            if kind in wanted:
                self._fetch(kind, wanted[kind])
            else:
                self._file(kind).unlink(missing_ok=True)
                del self._papers[kind]
                self._post(events.PaperChanged(PAPERS[kind](version="")))

    def _fetch(self, kind: PaperKind, version: str) -> None:
        try:
            paper = self._api.paper(kind)
        except Refused as error:
            self._refused[kind] = version
            log.warning("paper.not_given", kind=kind, reason=str(error))
            return
        if paper.version == self._version(kind):  # an older answer: `Desired` was quicker
            return
        write_durably(self._file(kind), encode(paper))
        self._papers[kind] = paper
        self._post(events.PaperChanged(paper))

    def _version(self, kind: PaperKind) -> str:
        return self._papers[kind].version if kind in self._papers else ""

    def _stored(self, kind: PaperKind) -> Paper | None:
        try:
            found: Paper = decode(self._file(kind).read_bytes(), PAPERS[kind])
        except FileNotFoundError:
            return None
        except (OSError, Unreadable) as error:
            log.warning("paper.unreadable", kind=kind, reason=str(error))
            return None
        return found

    def _file(self, kind: PaperKind) -> Path:
        return self._folder / f"{kind}.json"

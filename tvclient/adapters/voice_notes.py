"""Voice notes of experts, beside the lessons' player: while one is heard the lesson is silent, then as loud as before.

What is heard when is decided by `core/answer_files.py`. No sound device, and no libmpv, is no error: the note is over
at once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog

from tvclient.adapters.mpv_options import BARE
from tvclient.core.events import Event, NoteEnded
from tvclient.core.ports import Notes, Player

log = structlog.get_logger(__name__)


class NotePlayer:
    """See `core.ports.Notes`; libmpv is loaded when the first note is heard, which no key should wait for."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._player: Any = None
        self._name = ""
        self._worker = ThreadPoolExecutor(1, "notes")

    def play(self, name: str, file: Path, percent: int) -> None:
        """See the port."""
        self._worker.submit(self._begin, name, file, percent)

    def set_volume(self, percent: int) -> None:
        """See the port."""
        self._worker.submit(self._loud, percent)

    def stop(self) -> None:
        """See the port."""
        self._worker.submit(self._end)

    def close(self) -> None:
        """See the port."""
        self._worker.shutdown(cancel_futures=True)
        if self._player is not None:
            self._player.terminate()

    def _begin(self, name: str, file: Path, percent: int) -> None:
        if self._player is None:
            try:
                self._player = _sound_alone()
            except (ImportError, OSError) as error:
                log.warning("notes.no_player", reason=str(error))
                self._post(NoteEnded(name))
                return
            self._player.event_callback("end-file")(self._ended)
        self._name, self._player.volume = name, percent
        self._player.command_async("loadfile", str(file.absolute()), "replace")

    def _loud(self, percent: int) -> None:
        if self._player is not None:
            self._player.volume = percent

    def _end(self) -> None:
        self._name = ""
        if self._player is not None:
            self._player.command_async("stop")

    def _ended(self, event: Any) -> None:
        if self._name and event.data.reason in (event.data.EOF, event.data.ERROR):
            self._post(NoteEnded(self._name))


class VoiceNotes:
    """Lets notes be heard in place of the lesson's sound."""

    def __init__(
        self,
        notes: Notes | None,
        player: Player,
        file_of: Callable[[str], Path | None],
        post: Callable[[Event], None],
        percent: int,
    ) -> None:
        """Lessons are as loud as `percent` at the moment; without `notes` none is heard."""
        self._notes, self._player, self._file_of, self._post = notes, player, file_of, post
        self._percent = percent
        self._heard = False

    def play(self, sha256: str, percent: int) -> None:
        """Begin a note; a lesson falls silent."""
        file = self._file_of(sha256)
        if self._notes is None or file is None:
            self._post(NoteEnded(sha256))
            return
        self._heard = True
        self._player.set_volume(0)
        self._notes.play(sha256, file, percent)

    def stop(self) -> None:
        """No note is heard any more; a lesson is as loud as it was, or was made meanwhile."""
        if self._heard and self._notes is not None:
            self._heard = False
            self._notes.stop()
            self._player.set_volume(self._percent)

    def set_volume(self, percent: int) -> None:
        """Let what is heard be so loud from now on, a note or else lessons."""
        self._percent = percent
        if self._heard and self._notes is not None:
            self._notes.set_volume(percent)
        else:
            self._player.set_volume(percent)


def _sound_alone() -> Any:
    """A libmpv without pictures."""
    import mpv  # noqa: PLC0415

    return mpv.MPV(video=False, **BARE)

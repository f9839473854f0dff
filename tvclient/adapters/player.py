"""The player: libmpv behind `core.ports.Player`. Local files only, whatever a playlist asks for; no Kivy here.

Theory of operation: the methods queue commands and return; libmpv's own thread reports, and what it says of a file that
is no longer wanted is dropped. Pictures go to whoever attaches a render context to `handle` (`ui/video.py`), which must
have happened before the first `cue`.
"""

import locale
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import structlog

from schedules.airings import AiringId
from tvclient.adapters.captions import Captions, read_captions
from tvclient.adapters.mpv_options import BARE
from tvclient.adapters.playlist import PlaylistUnusable, timeline
from tvclient.core.events import PlayerCued, PlayerEnded, PlayerFailed, PlayerMoved, PlayerStumbled
from tvclient.core.ports import Playable, Track

locale.setlocale(locale.LC_NUMERIC, "C")  # libmpv refuses to start under any other

import mpv  # noqa: E402

FAILED: Final = "player_failed"
REPORT_S: Final = 0.25
CUT_SHORT_MS: Final = 2000
"""A file that ends this much before its own length was damaged."""

PROTOCOLS: Final = "[file,crypto,data]"
"""What libmpv may open; that a playlist stays within its package is seen to before (`playlist.py`)."""

STUMBLES: Final = ("timeline", "ffmpeg/demuxer", "ffmpeg/video", "ffmpeg/audio")
"""Parts of libmpv whose errors mean that something in a file cannot be read."""
STUMBLE_S: Final = 2.0

_NEVER_MS: Final = 2**53

PlayerEvent = PlayerCued | PlayerMoved | PlayerStumbled | PlayerEnded | PlayerFailed

log = structlog.get_logger(__name__)


class MpvPlayer:
    """Plays one package at a time.

    Args:
        post: takes events; called on libmpv's thread.

    Attributes:
        handle: the libmpv instance, for a render context.
        decoder: by what the last picture was decoded: libmpv's name of the hardware, `no` for software, empty before.
    """

    def __init__(self, post: Callable[[PlayerEvent], None]) -> None:
        self._post = post
        self._wanted: AiringId | None = None
        self._current: AiringId | None = None
        self._cued = False
        self._moving = False
        self._position_ms = 0
        self._duration_ms: int | None = None
        self._reported_at = self._stumbled_at = 0.0
        self._ends_ms: int | None = None
        self._sounds = 0
        self.decoder = ""
        self._captions = Captions([])
        self._tracks: tuple[Track, ...] = ()
        self.handle = mpv.MPV(
            vo="libmpv",
            hwdec="auto-copy-safe",
            **BARE,
            audio_pitch_correction=True,
            hr_seek="yes",
            pause=True,
            sid="no",
            sub_auto="no",
            audio_file_auto="no",
            load_unsafe_playlists=False,
            demuxer_lavf_o=f"protocol_whitelist={PROTOCOLS}",
            stream_lavf_o=f"protocol_whitelist={PROTOCOLS}",
            input_default_bindings=False,
            input_vo_keyboard=False,
            log_handler=self._said,
            loglevel="error",
        )
        self.handle.event_callback("start-file")(self._started)
        self.handle.event_callback("playback-restart")(self._restarted)
        self.handle.event_callback("end-file")(self._ended)
        self.handle.observe_property("time-pos", self._moved)
        self.handle.observe_property("duration", self._measured)
        self.handle.observe_property("hwdec-current", self._decoded)

    @property
    def position_ms(self) -> int:
        """Media time of the picture last shown."""
        return self._position_ms

    def caption(self, position_ms: int) -> str:
        """The caption of what is open at this media time, its lines broken; empty for none."""
        return self._captions.at(position_ms)

    def cue(self, airing: AiringId, playable: Playable, from_ms: int) -> None:
        """See the port."""
        self._wanted = airing
        try:
            found = timeline(playable)
        except PlaylistUnusable as error:
            log.warning("player.refused", airing=airing, why=str(error))
            self._do("stop")
            self._post(PlayerFailed(airing, FAILED))
            return
        self._sounds = len(playable.sounds)
        self._tracks = playable.captions
        self.choose_captions(0)
        self._do("set", "pause", "yes")
        self._do("set", "speed", "1")
        self._do("set", "aid", "1")
        self._do("set", "start", f"{from_ms / 1000:.3f}")
        self._ends_ms = found.ends_ms
        self._do("loadfile", found.address, "replace")

    def show(self, file: Path) -> None:
        """Play any file of this computer at once, outside of all airings; nothing is reported of it."""
        self.stop()
        self._do("set", "pause", "no")
        self._do("set", "start", "none")
        self._do("loadfile", str(file), "replace")

    def play(self) -> None:
        """See the port."""
        self._moving = True
        self._do("set", "pause", "no")

    def pause(self) -> None:
        """See the port."""
        self._moving = False
        self._do("set", "pause", "yes")

    def seek(self, position_ms: int) -> None:
        """See the port."""
        self._do("seek", f"{position_ms / 1000:.3f}", "absolute+exact")

    def set_speed(self, factor: float) -> None:
        """See the port."""
        self._do("set", "speed", f"{factor:.4f}")

    def set_volume(self, percent: int) -> None:
        """See the port."""
        self._do("set", "volume", str(percent))

    def choose_sound(self, number: int) -> None:
        """See the port."""
        if 0 <= number < self._sounds:
            self._do("set", "aid", str(number + 1))

    def choose_captions(self, number: int) -> None:
        """See the port."""
        self._captions = read_captions(self._tracks[number].path if 0 <= number < len(self._tracks) else None)

    def stop(self) -> None:
        """See the port."""
        self._wanted = None
        self._moving = False
        self._tracks = ()
        self.choose_captions(0)
        self._do("stop")

    def close(self) -> None:
        """See the port; the render context must have been freed."""
        self._wanted = None
        self.handle.terminate()

    def _do(self, *command: str) -> None:
        self.handle.command_async(*command)

    def _say(self, event: PlayerEvent) -> None:
        if self._current is not None and self._current == self._wanted:
            self._post(event)

    def _fail(self, airing: AiringId, why: str) -> None:
        log.error("player.failed", airing=airing, why=why)
        self._say(PlayerFailed(airing, FAILED))
        self._current = None

    def _started(self, _event: Any) -> None:
        self._current, self._cued, self._duration_ms, self._moving = self._wanted, False, None, False

    def _restarted(self, _event: Any) -> None:
        airing = self._current
        if airing is None:
            return
        if self._cued:
            self._reported_at = 0.0
            return
        if not self.handle.vo_configured:
            self._fail(airing, "no picture")
            self._do("stop")
            return
        self._cued = True
        self._say(PlayerCued(airing))

    def _moved(self, _name: str, seconds: float | None) -> None:
        if seconds is None:
            return
        self._position_ms = max(0, round(seconds * 1000))
        airing, now = self._current, time.monotonic()
        if airing is None or not self._cued or not self._moving or now - self._reported_at < REPORT_S:
            return
        self._reported_at = now
        self._say(PlayerMoved(airing, self._position_ms))

    def _measured(self, _name: str, seconds: float | None) -> None:
        if seconds is not None:
            self._duration_ms = round(seconds * 1000)

    def _decoded(self, _name: str, decoder: str | None) -> None:
        if not decoder or decoder == self.decoder:
            return
        self.decoder = decoder
        log.info("player.decodes", decoder=decoder)

    def _ended(self, event: Any) -> None:
        airing, self._moving = self._current, False
        if airing is None:
            return
        match event.data.reason:
            case mpv.MpvEventEndFile.EOF if self._cued and not self._cut_short():
                self._say(PlayerEnded(airing, min(self._duration_ms or self._position_ms, self._ends_ms or _NEVER_MS)))
                self._current = None
            case mpv.MpvEventEndFile.EOF:
                self._fail(airing, "ended before its end")
            case mpv.MpvEventEndFile.ERROR:
                self._fail(airing, "cannot be read")
            case _:
                self._current = None

    def _cut_short(self) -> bool:
        ends_ms = min(self._duration_ms or 0, self._ends_ms or _NEVER_MS)
        return self._position_ms < ends_ms - CUT_SHORT_MS

    def _said(self, level: str, component: str, message: str) -> None:
        log.warning("player.said", level=level, component=component, message=message.strip())
        airing, now = self._current, time.monotonic()
        if airing is not None and component.startswith(STUMBLES) and now - self._stumbled_at >= STUMBLE_S:
            self._stumbled_at = now
            self._say(PlayerStumbled(airing))

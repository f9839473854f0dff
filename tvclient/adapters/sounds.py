"""The television's own short sounds, made of sine waves and played beside the lesson. No sound device is no error."""

import math
import struct
import wave
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import structlog

from tvclient.adapters.mpv_options import BARE
from tvclient.core.effects import Sound

log = structlog.get_logger(__name__)

RATE: Final = 44_100
VOLUME: Final = 0.28

NOTES: Final[dict[Sound, tuple[tuple[float, float, float], ...]]] = {
    Sound.CHIME: ((0.0, 659.3, 1.1), (0.28, 523.3, 1.1), (0.56, 784.0, 1.6)),
    Sound.TICK: ((0.0, 880.0, 0.12),),
    Sound.BLOCKED: ((0.0, 196.0, 0.10),),
    Sound.ALERT: tuple((0.32 * beat, hertz, 0.45) for beat, hertz in enumerate((880.0, 659.3) * 4)),
}
"""For each sound: when a note begins, its hertz, how long it rings; in seconds."""


def samples(sound: Sound) -> bytes:
    """The sound as 16-bit mono PCM at RATE: bell-like notes that fade by themselves."""
    notes = NOTES[sound]
    length = round(max(begin + ring for begin, _hertz, ring in notes) * RATE)
    values = [0.0] * length
    for begin, hertz, ring in notes:
        first = round(begin * RATE)
        for step in range(min(round(ring * RATE), length - first)):
            at = step / RATE
            fade = min(at / 0.006, 1) * math.exp(-4.5 * at / ring) * min(1, (ring - at) / 0.03)
            tone = math.sin(2 * math.pi * hertz * at) + 0.3 * math.sin(4 * math.pi * hertz * at)
            values[first + step] += VOLUME * fade * tone / 1.3
    return struct.pack(f"<{length}h", *(round(max(-1.0, min(1.0, value)) * 32767) for value in values))


class Sounds:
    """Plays sounds; each is made once, into `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._files: dict[Sound, Path] = {}
        for sound in Sound:
            path = self._files[sound] = folder / f"{sound.value}.wav"
            if not path.is_file():
                partial = path.with_suffix(".part")
                with wave.open(str(partial), "wb") as file:
                    file.setnchannels(1)
                    file.setsampwidth(2)
                    file.setframerate(RATE)
                    file.writeframes(samples(sound))
                partial.replace(path)
        self._player: Any = None
        self._worker = ThreadPoolExecutor(1, "sounds")
        """The first sound loads libmpv, which no key should wait for."""

    def play(self, sound: Sound) -> None:
        """Begin the sound; one that still rings is cut."""
        self.play_at(sound, 100)

    def play_at(self, sound: Sound, percent: int) -> None:
        """Begin the sound as loud as a lesson at this volume, 0 to 100."""
        self._worker.submit(self._begin, sound, percent)

    def close(self) -> None:
        """Let the device go."""
        self._worker.shutdown(cancel_futures=True)
        if self._player is not None:
            self._player.terminate()

    def _begin(self, sound: Sound, percent: int) -> None:
        if self._player is None:
            try:
                self._player = _quiet_player()
            except (ImportError, OSError) as error:
                log.warning("sounds.missing", reason=str(error))
                return
        self._player.volume = percent
        self._player.command_async("loadfile", str(self._files[sound].absolute()), "replace")


def _quiet_player() -> Any:
    """A libmpv for sounds alone."""
    import mpv  # noqa: PLC0415

    return mpv.MPV(video=False, **BARE)

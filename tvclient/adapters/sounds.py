"""The television's own short sounds, made of sine waves and played beside the lesson. No sound device is no error."""

import math
import struct
import wave
from pathlib import Path
from typing import Final

import mpv

from tvclient.core.effects import Sound

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
        self._player = mpv.MPV(
            video=False,
            ao="pulse,alsa",
            audio_fallback_to_null=True,
            config=False,
            ytdl=False,
            osc=False,
            load_scripts=False,
            idle=True,
        )

    def play(self, sound: Sound) -> None:
        """Begin the sound; one that still rings is cut."""
        self._player.command_async("loadfile", str(self._files[sound].absolute()), "replace")

    def close(self) -> None:
        """Let the device go."""
        self._player.terminate()

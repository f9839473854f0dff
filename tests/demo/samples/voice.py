"""The Mandarin voice: one wave file for each line, so that captions can be timed by what was really said."""

import subprocess
import wave
from pathlib import Path

WORDS_PER_MINUTE = 205
PITCH = 42
RATE = 22_050


def speak(pinyin: str, path: Path) -> float:
    """Write one line as a wave file; its length in seconds."""
    voice = ["espeak-ng", "-v", "cmn-latn-pinyin", "-s", str(WORDS_PER_MINUTE), "-p", str(PITCH), "-g", "2"]
    subprocess.run([*voice, "-w", str(path), pinyin], check=True, timeout=30, stdin=subprocess.DEVNULL)
    with wave.open(str(path), "rb") as spoken:
        return float(spoken.getnframes() / spoken.getframerate())


def join(parts: list[tuple[float, Path]], length_s: float, path: Path) -> None:
    """One wave file of `length_s` seconds with every part at its own second."""
    sound = bytearray(round(length_s * RATE) * 2)
    for at_s, part in parts:
        with wave.open(str(part)) as spoken:
            frames = spoken.readframes(spoken.getnframes())
        start = round(at_s * RATE) * 2
        sound[start : start + len(frames)] = frames
    with wave.open(str(path), "wb") as whole:
        whole.setnchannels(1)
        whole.setsampwidth(2)
        whole.setframerate(RATE)
        whole.writeframes(bytes(sound))

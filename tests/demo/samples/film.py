"""From a lesson and its slides to an MP4 and a WebVTT file. Knows nothing of what is on the slides.

Pictures are drawn twelve and a half times a second and each is shown twice: slides need no more.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
from PIL import Image, ImageDraw

from tests.demo.samples import voice
from tests.demo.samples.brush import HEIGHT, WIDTH, eased
from tests.demo.samples.lessons import Lesson, Line
from tests.demo.samples.stage import LAMP, Slide

RATE = 25
DRAWN_RATE = 12.5
LEAD_S, GAP_S, ACT_GAP_S, TAIL_S = 1.2, 0.45, 1.0, 2.2
_FADE_S = 0.5


@dataclass(frozen=True, slots=True)
class Cue:
    """One line in time: which act, which line of it, when it is heard, how long."""

    act: int
    line: int
    words: Line
    start_s: float
    spoken_s: float


def cues(lesson: Lesson, work: Path) -> tuple[tuple[Cue, ...], float]:
    """Speak the lesson into `work/voice.wav`; its lines in time, and its length in seconds."""
    found: list[Cue] = []
    parts: list[tuple[float, Path]] = []
    at_s = LEAD_S
    for act, lines in enumerate(lesson.acts):
        for number, line in enumerate(lines):
            path = work / f"line-{act}-{number}.wav"
            spoken_s = voice.speak(line.say, path)
            found.append(Cue(act, number, line, at_s, spoken_s))
            parts.append((at_s, path))
            at_s += spoken_s + GAP_S
        at_s += ACT_GAP_S - GAP_S
    length_s = round(at_s - ACT_GAP_S + TAIL_S, 1)
    voice.join(parts, length_s, work / "voice.wav")
    return tuple(found), length_s


def captions(lines: Sequence[Cue]) -> str:
    """The same lines as WebVTT; each stays a little after its last word."""
    blocks = [
        f"{_clock(cue.start_s - 0.1)} --> {_clock(cue.start_s + cue.spoken_s + 0.3)}\n{cue.words.text}\n"
        for cue in lines
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def record(lines: Sequence[Cue], slides: Sequence[Slide], length_s: float, sound: Path, recording: Path) -> None:
    """Draw every picture into ffmpeg and write the recording."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"]
    argv += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(DRAWN_RATE), "-i", "pipe:0"]
    argv += ["-i", str(sound), "-vf", f"scale=out_color_matrix=bt709:out_range=tv,fps={RATE},format=yuv420p"]
    argv += ["-c:v", "libx264", "-preset", "veryfast", "-tune", "stillimage", "-crf", "20", "-g", "250"]
    argv += ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    argv += [
        "-t",
        str(length_s),
        "-c:a",
        "aac",
        "-b:a",
        "96k",
        "-ar",
        "48000",
        "-movflags",
        "+faststart",
        "-f",
        "mp4",
        str(recording),
    ]
    encoder = subprocess.Popen(argv, stdin=subprocess.PIPE)
    try:
        assert encoder.stdin is not None
        for picture in frames(lines, slides, length_s):
            encoder.stdin.write(picture.tobytes())
        encoder.stdin.close()
        if encoder.wait(timeout=120) != 0:
            raise RuntimeError(f"ffmpeg ended with {encoder.returncode}")
    finally:
        encoder.kill()
        encoder.wait()


def frames(lines: Sequence[Cue], slides: Sequence[Slide], length_s: float) -> Iterator[Image.Image]:
    """Every picture, `DRAWN_RATE` a second."""
    for number in range(round(length_s * DRAWN_RATE)):
        yield frame_at(lines, slides, length_s, number / DRAWN_RATE)


def frame_at(lines: Sequence[Cue], slides: Sequence[Slide], length_s: float, at_s: float) -> Image.Image:
    """The picture at one moment: the line's state, faded in over the one before it, moving things, the line of time."""
    index = max((i for i, cue in enumerate(lines) if cue.start_s - 0.3 <= at_s), default=0)
    cue = lines[index]
    slide = slides[cue.act]
    in_line_s = at_s - (cue.start_s - 0.3) if index else at_s
    frame = slide.states[cue.line].copy()
    slide.live(frame, cue.line, in_line_s, at_s)
    if index and in_line_s < _FADE_S:
        before = lines[index - 1]
        old = slides[before.act].states[before.line].copy()
        slides[before.act].live(old, before.line, at_s - before.start_s + 0.3, at_s)
        frame = Image.blend(old, frame, eased(in_line_s / _FADE_S))
    draw = ImageDraw.Draw(frame)
    draw.rectangle((0, HEIGHT - 8, WIDTH, HEIGHT), fill="#2A241C")
    draw.rectangle((0, HEIGHT - 8, round(WIDTH * at_s / length_s), HEIGHT), fill=LAMP)
    return frame


def _clock(at_s: float) -> str:
    whole, milliseconds = divmod(round(at_s * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{milliseconds:03}"

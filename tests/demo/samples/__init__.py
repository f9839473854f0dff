"""Three recordings worth watching, made on the spot: drawn slides, a Mandarin voice, captions. Nothing is downloaded.

`make_samples` keeps what it made under a name that is a hash of these sources, so that a change here makes them anew.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import msgspec

from tests.demo.samples import film, fraud, sheep, soil
from tests.demo.samples.lessons import LESSONS, Lesson
from tests.demo.samples.stage import Slide

SLIDES: dict[str, Callable[[], list[Slide]]] = {
    "soil-test": soil.slides,
    "winter-sheep": sheep.slides,
    "phone-fraud": fraud.slides,
}


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording with its captions and what a course list says of it. `number` is the lesson's place in its course."""

    recording: Path
    captions: Path
    course_title: str
    lesson_title: str
    number: int
    subject: str
    audience: str
    summary: str
    duration_s: float


def make_samples(out: Path, made: Callable[[Sample], None] = lambda _: None) -> tuple[Sample, ...]:
    """The three samples in `out`, made where they are not there yet.

    Args:
        out: folder; created where missing.
        made: called with each sample as soon as it is ready.
    """
    out.mkdir(parents=True, exist_ok=True)
    homes = {lesson.slug: out / f"{lesson.slug}-{_key()}" for lesson in LESSONS}
    missing = [lesson for lesson in LESSONS if not homes[lesson.slug].is_dir()]
    if missing:
        with ProcessPoolExecutor(min(len(missing), os.cpu_count() or 1), get_context("spawn")) as pool:
            list(pool.map(_make, missing, [homes[lesson.slug] for lesson in missing]))
    samples = []
    for lesson in LESSONS:
        home = homes[lesson.slug]
        facts = msgspec.json.decode((home / "facts.json").read_bytes(), type=dict[str, float])
        sample = Sample(
            recording=home / f"{lesson.slug}.mp4",
            captions=home / f"{lesson.slug}.zh.vtt",
            course_title=lesson.course_title,
            lesson_title=lesson.lesson_title,
            number=lesson.number,
            subject=lesson.subject,
            audience=lesson.audience,
            summary=lesson.summary,
            duration_s=facts["duration_s"],
        )
        made(sample)
        samples.append(sample)
    return tuple(samples)


def _make(lesson: Lesson, home: Path) -> None:
    """Record into a folder beside `home` and rename it when everything is there."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{lesson.slug}-") as name:
        work = Path(name)
        lines, length_s = film.cues(lesson, work)
        done = work / "done"
        done.mkdir()
        film.record(lines, SLIDES[lesson.slug](), length_s, work / "voice.wav", done / f"{lesson.slug}.mp4")
        (done / f"{lesson.slug}.zh.vtt").write_text(film.captions(lines), encoding="utf-8")
        (done / "facts.json").write_bytes(msgspec.json.encode({"duration_s": length_s}))
        for old in home.parent.glob(f"{lesson.slug}-*"):
            shutil.rmtree(old)
        done.rename(home)


def _key() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]

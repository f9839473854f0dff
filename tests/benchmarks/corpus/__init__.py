"""Four lessons as devices record them, made on the spot for measuring encoders; nothing is downloaded.

Slides, a blackboard, a talking head and handheld footage outdoors: drawn, moved between pixels, and filmed by `camera`
with noise, flicker and each device's own encoder. What is made is kept under a hash of the sources.
"""

import hashlib
import os
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Literal, assert_never

import msgspec

from tests.benchmarks.corpus import board, camera, field, head
from tests.demo.samples import film, make_samples
from tests.demo.samples.lessons import FRAUD, SHEEP, SOIL

Kind = Literal["slides", "board", "head", "field"]
_FILMED: tuple[Kind, ...] = ("field", "head", "board")
_SPOKEN = {"board": SHEEP, "head": FRAUD, "field": SOIL}


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording of the corpus."""

    name: str
    kind: Kind
    recording: Path
    seconds: float


def make_corpus(out: Path) -> tuple[Clip, ...]:
    """The four clips in `out` (created where missing), made where they are not there yet: about three minutes."""
    out.mkdir(parents=True, exist_ok=True)
    homes = {kind: out / f"{kind}-{_key()}" for kind in _FILMED}
    missing = [kind for kind in _FILMED if not homes[kind].is_dir()]
    with ProcessPoolExecutor(min(max(len(missing), 1), os.cpu_count() or 1), get_context("spawn")) as pool:
        list(pool.map(_make, missing, [homes[kind] for kind in missing]))
    slides = next(sample for sample in make_samples(out / "slides") if sample.recording.stem == SOIL.slug)
    clips = [Clip("soil-test", "slides", slides.recording, slides.duration_s)]
    for kind in ("board", "head", "field"):
        facts = msgspec.json.decode((homes[kind] / "facts.json").read_bytes(), type=dict[str, float])
        clips.append(Clip(f"{kind}-{_SPOKEN[kind].slug}", kind, homes[kind] / f"{kind}.mp4", facts["seconds"]))
    return tuple(clips)


def _make(kind: Kind, home: Path) -> None:
    """Film into a folder beside `home` and rename it when everything is there."""
    with tempfile.TemporaryDirectory(dir=home.parent, prefix=f".{kind}-") as name:
        work = Path(name)
        _, seconds = film.cues(_SPOKEN[kind], work)
        done = work / "done"
        done.mkdir()
        _film(kind, seconds, work / "voice.wav", done / f"{kind}.mp4")
        (done / "facts.json").write_bytes(msgspec.json.encode({"seconds": seconds}))
        for old in home.parent.glob(f"{kind}-*"):
            shutil.rmtree(old)
        done.rename(home)


def _film(kind: Kind, seconds: float, voice: Path, recording: Path) -> None:
    match kind:
        case "board":
            device = camera.CAMCORDER
            pictures = board.pictures(seconds, device.rate)
        case "head":
            device = camera.DESK_CAMERA
            pictures = head.pictures(seconds, device.rate, head.heard(voice, seconds, device.rate))
        case "field":
            device = camera.PHONE
            pictures = field.pictures(seconds, device.rate)
        case "slides":
            raise ValueError("slides are not filmed")
        case _:
            assert_never(kind)
    camera.shoot(device, pictures, voice, seconds, recording)


def _key() -> str:
    digest = hashlib.sha256()
    for folder in (Path(__file__).parent, Path(film.__file__).parent):
        for source in sorted(folder.glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:12]

"""The way from a recording to a package, in order.

Probe, captions, loudness, encode, poster, playlists, manifest, verify; each has its own module.
Nothing is visible in the destination before the last step. Raising from `progress` cancels.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from media_pipeline import captions as caption_files
from media_pipeline import encode, folder, poster, verify
from media_pipeline.captions import CaptionInput, Captions
from media_pipeline.errors import DiskFull, EncodeFailed
from media_pipeline.ladder import Rung
from media_pipeline.manifest import (
    MANIFEST_FILE,
    CaptionTrack,
    MadeWith,
    Manifest,
    Rendition,
    SourceFacts,
    encode_manifest,
    package_name,
)
from media_pipeline.plan import PIPELINE_VERSION, Plan, plan
from media_pipeline.playlist import Segment, avc_codec, master_playlist, measured, media_playlist, segments
from media_pipeline.probe import probe
from media_pipeline.recording import Recording

_SPARE_BYTES = 64 << 20


class Stage(StrEnum):
    """Where a transcode stands."""

    PROBE = "probe"
    LOUDNESS = "loudness"
    ENCODE = "encode"
    SEAL = "seal"
    DONE = "done"


_SHARE = {Stage.PROBE: (0.0, 0.02), Stage.LOUDNESS: (0.02, 0.05), Stage.ENCODE: (0.07, 0.91), Stage.SEAL: (0.98, 0.02)}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a transcode is: fraction of the whole (0 to 1), speed as a multiple of playing, seconds left if known."""

    stage: Stage
    fraction: float
    speed: float | None = None
    eta_s: float | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A finished package: its content's name, its folder, its manifest."""

    name: str
    path: Path
    manifest: Manifest


def transcode(
    source: Path,
    out: Path,
    captions: Sequence[CaptionInput] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Package:
    """Make the package of a recording in `out/<name>`.

    Raises:
        Refused: the recording or its captions cannot be used.
        EncodeFailed: the encoder failed.
        DiskFull: there is no room.
    """
    report = _Reporter(progress)
    report(Stage.PROBE)
    texts = [caption_files.read_captions(given) for given in captions]
    recording = probe(source)
    decided = plan(recording)
    source = source.resolve()
    with folder.workshop(out) as built:
        _check_room(built, decided)
        loudness = None
        if decided.channels:
            report(Stage.LOUDNESS)
            loudness = encode.measure_loudness(source, decided, built, report.listener(Stage.LOUDNESS, decided))
        report(Stage.ENCODE)
        encode.encode(source, decided, loudness, built, report.listener(Stage.ENCODE, decided))
        report(Stage.SEAL)
        manifest = _seal(built, recording, decided, texts)
        name = package_name(encode_manifest(manifest))
        folder.settle(built, out / name)
    report(Stage.DONE, 1.0)
    return Package(name, out / name, manifest)


class _Reporter:
    """Turns the encoder's seconds into fractions of the whole, with an estimate of what is left."""

    def __init__(self, progress: Callable[[Progress], None]) -> None:
        self._progress = progress
        self._started = time.monotonic()

    def __call__(self, stage: Stage, fraction: float | None = None, speed: float | None = None) -> None:
        whole = _SHARE[stage][0] if fraction is None else fraction
        spent = time.monotonic() - self._started
        eta = spent / whole * (1 - whole) if stage is Stage.ENCODE and whole > _SHARE[Stage.ENCODE][0] else None
        self._progress(Progress(stage, whole, speed, eta))

    def listener(self, stage: Stage, decided: Plan) -> encode.Listener:
        start, share = _SHARE[stage]

        def listen(done_s: float, speed: float) -> None:
            self(stage, start + share * min(done_s / decided.duration_s, 1.0), speed or None)

        return listen


def _check_room(built: Path, decided: Plan) -> None:
    free = shutil.disk_usage(built).free
    if free < decided.expected_bytes + _SPARE_BYTES:
        raise DiskFull(f"The package may need {decided.expected_bytes >> 20} MB and {free >> 20} MB are free.")


def _seal(built: Path, recording: Recording, decided: Plan, texts: Sequence[Captions]) -> Manifest:
    """Add poster, captions, playlists and manifest to the encoder's output, and check the whole."""
    candidates = sorted(built.glob("candidate-*.png"))
    chosen = poster.choose(candidates)
    if chosen is not None:
        poster.write_jpeg(chosen, built / "poster.jpg")
    for candidate in candidates:
        candidate.unlink()
    tracks = tuple(_caption_track(built, text, decided.duration_s) for text in texts)
    renditions = tuple(_rendition(built, rung, decided) for rung in decided.rungs)
    (built / "master.m3u8").write_text(master_playlist(renditions, tracks))
    manifest = Manifest(
        duration_ms=recording.duration_ms,
        renditions=renditions,
        captions=tracks,
        poster="poster.jpg" if chosen is not None else None,
        files=tuple(verify.measure(built, path) for path in verify.listing(built)),
        made_with=MadeWith(encoder=f"ffmpeg {encode.program_version()}", pipeline=PIPELINE_VERSION),
        source=SourceFacts(recording.duration_ms, recording.bytes, recording.picture.codec),
    )
    (built / MANIFEST_FILE).write_bytes(encode_manifest(manifest))
    damages = verify.damages(built)
    if damages:
        raise EncodeFailed(f"The package came out damaged: {damages[0]}.", (), "")
    return manifest


def _rendition(built: Path, rung: Rung, decided: Plan) -> Rendition:
    home = built / rung.name
    index = home / "index.m3u8"
    parts = segments(index.read_text())
    codec = avc_codec((home / "init.mp4").read_bytes())
    if not parts or codec is None:
        raise EncodeFailed(f"The encoder wrote no segments for {rung.name}.", (), "")
    sizes = [(home / part.uri).stat().st_size for part in parts]
    peak, average = measured(parts, sizes)
    index.write_text(media_playlist(parts, "init.mp4"))
    return Rendition(
        name=rung.name,
        kind="video",
        width=rung.width,
        height=rung.height,
        frame_rate=round(float(decided.rate), 3),
        codecs=f"{codec},mp4a.40.2" if decided.channels else codec,
        peak_bps=peak,
        average_bps=average,
        playlist=f"{rung.name}/index.m3u8",
        bytes=sum(path.stat().st_size for path in home.iterdir()),
        init=f"{rung.name}/init.mp4",
        segments=tuple(f"{rung.name}/{part.uri}" for part in parts),
    )


def _caption_track(built: Path, given: Captions, duration_s: float) -> CaptionTrack:
    home = built / "captions"
    home.mkdir(exist_ok=True)
    (home / f"{given.language}.vtt").write_text(given.text, encoding="utf-8")
    (home / f"{given.language}.m3u8").write_text(media_playlist([Segment(f"{given.language}.vtt", duration_s)], None))
    return CaptionTrack(
        language=given.language,
        label=given.label,
        path=f"captions/{given.language}.vtt",
        playlist=f"captions/{given.language}.m3u8",
    )

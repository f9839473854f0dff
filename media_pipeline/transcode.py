"""The way from a recording to a package, in order.

Probe, captions, survey and sound, search, chunks, even out, assemble; each has its own module. Nothing is visible in
the destination before the last step. Raising from `progress` cancels; the same call goes on where one was cut off.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from media_pipeline import captions as caption_files
from media_pipeline import chunks, command, decide, encode, folder
from media_pipeline import plan as plans
from media_pipeline import sound as sounds
from media_pipeline.allowed import opening
from media_pipeline.analyse import Survey
from media_pipeline.assemble import assemble
from media_pipeline.captions import CaptionInput
from media_pipeline.chunks import POSTER, Crew, Job, LocalCrew
from media_pipeline.command import Source
from media_pipeline.decide import Making
from media_pipeline.errors import Code, DiskFull, EncodeFailed, Refused
from media_pipeline.even import even_out, forget
from media_pipeline.ladder import Codec
from media_pipeline.manifest import Manifest, encode_manifest, package_name
from media_pipeline.meter import Meter, Progress, Stage
from media_pipeline.plan import PIPELINE_VERSION, Plan, SoundPlan, Track
from media_pipeline.probe import probe
from media_pipeline.recording import Recording
from media_pipeline.sound import Heard
from media_pipeline.verify import verify_package

__all__ = ["CaptionInput", "Package", "Progress", "SoundInput", "Stage", "transcode"]

_SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class SoundInput:
    """A sound track in a file of its own, such as a dubbing, and its language (BCP 47)."""

    path: Path
    language: str


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
    *,
    audio: Sequence[SoundInput] = (),
    codecs: Sequence[Codec] = (),
    workers: int = 0,
    crew: Crew | None = None,
) -> Package:
    """Make the package of a recording in `out/<name>`.

    Args:
        progress: called from several threads, one at a time.
        audio: further sound tracks, selectable.
        codecs: HEVC or AV1 renditions beside those in H.264.
        workers: how many encoders run at once; as many as there are processors where 0.
        crew: who does the chunks; threads of this process where none is given.

    Raises:
        Refused: the recording, its captions or a sound file cannot be used.
        EncodeFailed: the encoder failed.
        DiskFull: there is no room.
        Busy: the same is being made in `out` at this moment.
    """
    workers = workers or os.cpu_count() or 1
    recording: Recording | None = None
    meter = Meter(progress, lambda: recording.duration_ms / 1000 if recording else 0.0)
    meter.begin(Stage.PROBE, 1)
    out, codecs = out.absolute(), tuple(dict.fromkeys(codecs))
    source, files = source.resolve(strict=True), [given.path.resolve(strict=True) for given in audio]
    recording = probe(source)
    dubbed = [_with_sound(path) for path in files]
    if len({given.language for given in captions}) < len(captions):
        raise Refused(Code.BAD_CAPTIONS, "There are two files of captions in one language.")
    texts = [caption_files.read_captions(given, recording.duration_ms) for given in captions]
    added = [(one.sounds[0], given.language) for one, given in zip(dubbed, audio, strict=True)]
    tracks = plans.tracks(recording.sounds, added)
    with folder.workshop(out, _key(source, files, audio, codecs)) as work, ThreadPoolExecutor(workers) as pool:
        sources = _sources(work, (source, *files), (recording, *dubbed))
        try:
            heard_as = _mono_where_it_is(tracks, sources, recording.duration_ms / 1000, work, meter)
            making = Making(sources[0], recording, plans.sounds(heard_as), tuple(codecs), work, meter, pool)
            survey, heard = _looked_and_heard(making, sources)
            decided = decide.decide(making, survey)
            _encoded(making, decided.plan, crew or LocalCrew(workers))
            tightened = even_out(work, decided.plan, meter, pool)
        except BaseException as error:
            meter.stop(error)
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        meter.begin(Stage.SEAL, 1)
        built = work / "package"
        shutil.rmtree(built, ignore_errors=True)
        built.mkdir()
        manifest = assemble(work, built, recording, decide.judged(decided, tightened), survey, heard, texts)
        name = package_name(encode_manifest(manifest))
        if verify_package(out / name):
            shutil.rmtree(out / name, ignore_errors=True)
        folder.settle(built, out / name)
        shutil.rmtree(work, ignore_errors=True)
    meter.finished()
    return Package(name, out / name, manifest)


def _key(source: Path, files: Sequence[Path], audio: Sequence[SoundInput], codecs: Sequence[Codec]) -> str:
    """What decides every encoded byte: recording and added sound by content, the recipe, the encoder."""
    recipe = (PIPELINE_VERSION, encode.program_version(), *codecs, *(f"sound {given.language}" for given in audio))
    digest = hashlib.sha256(" ".join(recipe).encode())
    for path in (source, *files):
        with path.open("rb") as stream:
            digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()[:32]


def _sources(work: Path, paths: Sequence[Path], recordings: Sequence[Recording]) -> list[Source]:
    """The files under plain names in the working folder, since their own need not be text."""
    found = []
    for number, (path, recording) in enumerate(zip(paths, recordings, strict=True)):
        link = work / f"source-{number}"
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        found.append(Source(link, opening(recording)))
    return found


def _with_sound(path: Path) -> Recording:
    """The facts of an added file.

    Raises:
        Refused: `no_sound`, or it is no recording.
    """
    found = probe(path)
    if not found.sounds:
        raise Refused(Code.NO_SOUND, f"{path.name} holds no sound.")
    return found


def _mono_where_it_is(
    tracks: Sequence[Track], sources: Sequence[Source], duration_s: float, work: Path, meter: Meter
) -> tuple[Track, ...]:
    """The tracks, those in stereo as mono where both channels are the same."""

    def heard(track: Track) -> Track:
        source = sources[track.file]
        if track.channels == 2 and sounds.is_one_voice(source, track.stream, duration_s, work, meter.stir):
            return msgspec.structs.replace(track, channels=1)
        return track

    return folder.remembered(work / "tracks.json", tuple[Track, ...], lambda: tuple(map(heard, tracks)))


def _looked_and_heard(making: Making, sources: Sequence[Source]) -> tuple[Survey | None, list[Heard]]:
    """Look at the whole picture and encode the sound meanwhile."""
    picture = making.recording.picture
    making.meter.begin(Stage.SURVEY, len(making.sounds) + 1)
    seen: Future[Survey] | None = None
    if picture is not None:
        seen = making.pool.submit(decide.survey, making, picture)
    else:
        _drawn_poster(making)
    hearing = [making.pool.submit(_heard, making, sound, sources[sound.track.file]) for sound in making.sounds]
    return seen.result() if seen else None, [one.result() for one in hearing]


def _heard(making: Making, sound: SoundPlan, source: Source) -> Heard:
    home = making.work / "sound" / sound.name
    home.mkdir(parents=True, exist_ok=True)
    duration_s = making.recording.duration_ms / 1000

    def listen(done_s: float, _speed: float) -> None:
        making.meter.part(sound.name, min(done_s / duration_s, 1.0))

    def encoded() -> Heard:
        heard = sounds.encode_sound(source, sound, duration_s, home, listen)
        folder.sync(home / sounds.TRACK)
        return heard

    return folder.remembered(home / "heard.json", Heard, encoded)


def _drawn_poster(making: Making) -> None:
    """The attached picture of a sound recording, or its waveform, as the picture that stands still."""
    home, recording = making.work / "survey", making.recording
    home.mkdir(exist_ok=True)
    program = encode.program()
    if recording.cover is not None:
        argv = command.cover(program, making.source, recording.cover)
        with suppress(EncodeFailed):
            encode.run(argv, home, recording.duration_ms / 1000, making.meter.stir)
    if not (home / (command.CANDIDATES % 1)).exists():
        argv = command.waveform(program, making.source, recording.sounds[0].index)
        encode.run(argv, home, recording.duration_ms / 1000, making.meter.stir)
    shutil.copyfile(home / (command.CANDIDATES % 1), making.work / POSTER)


def _encoded(making: Making, plan: Plan, crew: Crew) -> None:
    """Every chunk of the picture, by the crew."""
    work, meter = making.work, making.meter
    chunks.begin(work, Job(source=str(making.source.path), plan=plan))
    _check_room(work, plan)
    numbers = range(len(plan.chunks))
    missing = [number for number in numbers if not chunks.place(work, number).is_dir()]
    if missing:
        forget(work)
    meter.begin(Stage.ENCODE, len(numbers), len(numbers) - len(missing))
    crew.work(work, missing, meter.part)


def _check_room(work: Path, plan: Plan) -> None:
    """There must be room for the chunks that are missing and for the package made of all."""
    there = sum(file.stat().st_size for file in (work / "chunks").rglob("*.mp4"))
    free, needed = shutil.disk_usage(work).free, 2 * plan.expected_bytes + _SPARE_BYTES - there
    if free < needed:
        raise DiskFull(f"Encoding may need {needed >> 20} MB and {free >> 20} MB are free.")

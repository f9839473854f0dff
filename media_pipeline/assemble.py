"""The package's folder from what the encoders left: segments, playlists, poster, thumbnails, captions, manifest."""

from collections.abc import Sequence
from pathlib import Path

from media_pipeline import chunks, encode, poster, stitch, thumbnails, verify
from media_pipeline.analyse import Survey
from media_pipeline.captions import Captions
from media_pipeline.decide import Decided
from media_pipeline.errors import EncodeFailed
from media_pipeline.ladder import Measured, Rung
from media_pipeline.manifest import (
    MANIFEST_FILE,
    CaptionTrack,
    MadeWith,
    Manifest,
    Rendition,
    Sounding,
    SourceFacts,
    encode_manifest,
)
from media_pipeline.plan import LOUDNESS_LUFS, MAIN, PIPELINE_VERSION, Plan, SoundPlan
from media_pipeline.playlist import Segment, master_playlist, media_playlist
from media_pipeline.recording import Recording
from media_pipeline.remarks import Remark, RemarkCode
from media_pipeline.sound import TRACK, Heard

SOUND_ALONE = "sound"


def assemble(
    work: Path,
    built: Path,
    recording: Recording,
    decided: Decided,
    survey: Survey | None,
    heard: Sequence[Heard],
    texts: Sequence[Captions],
) -> Manifest:
    """Fill the empty folder `built` and check the whole.

    Raises:
        EncodeFailed: it came out damaged.
    """
    plan, duration_s = decided.plan, recording.duration_ms / 1000
    sounds = tuple(_sounding(work, built, sound, one) for sound, one in zip(plan.sounds, heard, strict=True))
    measured = {one.rung.name: one for one in decided.measured}
    renditions = [_rendition(work, built, plan, rung, sounds, measured.get(rung.name)) for rung in plan.rungs]
    if sounds:
        renditions.append(_sound_alone(plan, sounds))
    tracks = tuple(_caption_track(built, text, duration_s) for text in texts)
    (built / "master.m3u8").write_text(master_playlist(renditions, sounds, tracks))
    candidates = sorted((work / "survey").glob("candidate-*.png"))
    chosen = poster.choose(candidates)
    if chosen is not None:
        poster.write_jpeg(chosen, built / "poster.jpg")
    sheets = None
    if survey is not None:
        small = sorted((work / "survey").glob("thumbnail-*.png"))
        sheets = thumbnails.write(small, survey.thumbnail_s, duration_s, built)
    source_codec = recording.picture.codec if recording.picture else recording.sounds[0].codec
    manifest = Manifest(
        duration_ms=recording.duration_ms,
        renditions=tuple(renditions),
        captions=tracks,
        sounds=sounds,
        chapters=recording.chapters,
        thumbnails=sheets,
        remarks=tuple(_remarks(recording, decided, survey, heard, texts)),
        content=decided.kind,
        poster="poster.jpg" if chosen is not None else None,
        files=tuple(verify.measure(built, path) for path in verify.listing(built)),
        made_with=MadeWith(encoder=f"ffmpeg {encode.program_version()}", pipeline=PIPELINE_VERSION),
        source=SourceFacts(recording.duration_ms, recording.bytes, source_codec),
    )
    (built / MANIFEST_FILE).write_bytes(encode_manifest(manifest))
    damages = verify.damages(built)
    if damages:
        raise EncodeFailed(f"The package came out damaged: {damages[0]}.", (), "")
    return manifest


def _rendition(
    work: Path, built: Path, plan: Plan, rung: Rung, sounds: Sequence[Sounding], measured: Measured | None
) -> Rendition:
    ticks = plan.timing.timescale / plan.timing.rate
    files = [
        (chunks.place(work, number) / f"{rung.name}.mp4", int(start * ticks))
        for number, (start, _) in enumerate(plan.chunks)
    ]
    smallest = rung is plan.smallest
    track = stitch.picture(files, plan.timing.timescale, built / rung.name, iframes=smallest)
    group = plan.sound_group(rung)
    heard = [sound for sound in sounds if sound.group == group]
    peak, average = track.rates
    return Rendition(
        name=rung.name,
        kind="video",
        width=rung.width,
        height=rung.height,
        frame_rate=round(float(plan.timing.rate / rung.every), 3),
        codecs=",".join([track.codec, *sorted({sound.codecs for sound in heard})]),
        peak_bps=peak + max((sound.peak_bps for sound in heard), default=0),
        average_bps=average + max((sound.average_bps for sound in heard), default=0),
        playlist=f"{rung.name}/{stitch.INDEX}",
        bytes=track.bytes,
        init=f"{rung.name}/{stitch.INIT}",
        segments=tuple(f"{rung.name}/{part.uri}" for part in track.segments),
        sound=group,
        iframes=f"{rung.name}/{stitch.IFRAMES}" if smallest else "",
        iframes_bps=track.iframes_bps,
        vmaf=measured.vmaf if measured else None,
        vmaf_p5=measured.vmaf_p5 if measured else None,
    )


def _sounding(work: Path, built: Path, sound: SoundPlan, heard: Heard) -> Sounding:
    home = f"sound/{sound.name}"
    track = stitch.sound(work / "sound" / sound.name / TRACK, built / home)
    peak, average = track.rates
    return Sounding(
        group=sound.group,
        language=sound.track.language,
        label=sound.track.label,
        default=sound.number == 0,
        channels=sound.channels,
        codecs=track.codec,
        peak_bps=peak,
        average_bps=average,
        playlist=f"{home}/{stitch.INDEX}",
        init=f"{home}/{stitch.INIT}",
        segments=tuple(f"{home}/{part.uri}" for part in track.segments),
        bytes=track.bytes,
        loudness_lufs=heard.loudness_lufs,
        true_peak_dbtp=heard.true_peak_dbtp,
    )


def _sound_alone(plan: Plan, sounds: Sequence[Sounding]) -> Rendition:
    """The lesson without its picture: the group for weak lines once more, under a name of its own."""
    group = plan.low_sound
    tracks = [sound for sound in sounds if sound.group == group]
    heard = next(sound for sound in tracks if sound.default)
    return Rendition(
        name=SOUND_ALONE,
        kind="audio",
        width=0,
        height=0,
        frame_rate=0.0,
        codecs=heard.codecs,
        peak_bps=max(sound.peak_bps for sound in tracks),
        average_bps=max(sound.average_bps for sound in tracks),
        playlist=heard.playlist,
        bytes=0,
        sound=group,
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
        cues=given.cues,
    )


def _remarks(
    recording: Recording,
    decided: Decided,
    survey: Survey | None,
    heard: Sequence[Heard],
    texts: Sequence[Captions],
) -> list[Remark]:
    """Everything to be said, the recording's own first."""
    said = [*recording.remarks, *decided.remarks]
    picture = recording.picture
    if picture is not None and picture.fields != "progressive":
        said.append(Remark(RemarkCode.DEINTERLACED))
    if picture is not None and picture.hdr:
        said.append(Remark(RemarkCode.HDR_CONVERTED, detail=picture.transfer))
    if picture is not None and picture.variable:
        said.append(Remark(RemarkCode.RATE_EVENED, detail=decided.plan.timing.source_rate))
    for start, end in survey.black if survey else ():
        said.append(Remark(RemarkCode.BLACK, at_ms=round(start * 1000), length_ms=round((end - start) * 1000)))
    for sound, one in zip(decided.plan.sounds, heard, strict=True):
        if sound.group != MAIN:
            continue
        for start, end in one.silence:
            said.append(
                Remark(
                    RemarkCode.SILENCE,
                    at_ms=round(start * 1000),
                    length_ms=round((end - start) * 1000),
                    track=sound.track.language,
                )
            )
        if not one.on_target:
            off = f"{one.loudness_lufs:.1f} / {LOUDNESS_LUFS}"
            said.append(Remark(RemarkCode.LOUDNESS_OFF, track=sound.track.language, detail=off))
    said += [remark for text in texts for remark in text.remarks]
    return list(dict.fromkeys(said))

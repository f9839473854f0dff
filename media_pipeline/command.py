"""The argument lists for ffmpeg. Pure: nothing is run here; `encode.py` runs them and adds the process limits.

Every recording is an absolute `file:` path, opened as `allowed.py` says; everything else is relative to the working
folder. The bytes depend on the recording and the plan alone: bit-exact flags, and one thread for each decoder and each
rung, since neither what a decoder makes of damage nor x264's rate cap is repeatable across threads. Rungs and chunks
still run side by side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.ladder import Codec, Rung
from media_pipeline.plan import (
    POSTER_CANDIDATES,
    POSTER_WIDTH,
    PRESET,
    SAMPLE_RATE,
    THUMBNAIL_WIDTH,
    Plan,
    SoundPlan,
    Timing,
)
from media_pipeline.recording import Picture

CANDIDATES, THUMBNAILS = "candidate-%02d.png", "thumbnail-%05d.png"
MOTION, BLACK_START, BLACK_END = "motion.txt", "black-start.txt", "black-end.txt"
SILENCE_START, SILENCE_END = "silence-start.txt", "silence-end.txt"
PRIMING = 1024
"""Samples that FFmpeg's AAC encoder puts in front. As many are cut off the sound, so that the rest keeps its moment."""
_MARGIN_S = 2.0
_POSTER_HEIGHT, _GROUND = 720, "0x17130E"
_GLOBAL = ("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-progress", "pipe:1", "-y")
_ALOUD = tuple("info" if word == "error" else word for word in _GLOBAL)
_EXACT: dict[str, Any] = {"map_metadata": -1, "map_chapters": -1, "fflags": "+bitexact", "flags": "+bitexact"}
_BT709 = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709"}
_FRAGMENTS = "+cmaf+empty_moov+default_base_moof"
_PICTURES = "+delay_moov+default_base_moof+frag_keyframe"
"""With an edit list: of negative offsets libavformat makes a picture that comes later than its sound."""


@dataclass(frozen=True, slots=True)
class Source:
    """A stranger's file: its absolute path, and how to open it (`allowed.opening`)."""

    path: Path
    options: Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Film:
    """A recording's picture: where it is, what it is, and which frames are wanted of it."""

    source: Source
    picture: Picture
    timing: Timing


@dataclass(frozen=True, slots=True)
class Gain:
    """How much louder a track becomes, and the peak (dBTP) that it is held below; None where it needs no holding."""

    db: float
    ceiling_db: float | None


def survey(program: str, film: Film, thumbnail_every_s: float, duration_s: float) -> list[str]:
    """Once through the whole picture: motion of every frame, black parts, thumbnails, candidates for the poster."""
    steady = _steady(_decoded(_input(film.source), film.picture), film, film.timing.frames * film.timing.step)
    split = steady.filter_multi_output("split", 3)
    small = split[0].filter("scale", 320, -2, flags="area").filter("format", "yuv420p")
    marked = small.filter("signalstats").filter("blackdetect", d=2, pix_th=0.08)
    for key, file in (("signalstats.YDIF", MOTION), ("black_start", BLACK_START), ("black_end", BLACK_END)):
        marked = marked.filter("metadata", "print", key=f"lavfi.{key}", file=file)
    rate = 1 / float(Fraction(film.timing.source_rate))
    tiles = _sparse(split[1], film.picture, max(thumbnail_every_s, rate), THUMBNAIL_WIDTH)
    posters = _sparse(split[2], film.picture, max(duration_s / POSTER_CANDIDATES, rate), POSTER_WIDTH)
    return _compile(
        [program, *_GLOBAL],
        [
            ffmpeg.output(marked, "-", f="null"),
            ffmpeg.output(tiles, THUMBNAILS, f="image2", **_EXACT),
            ffmpeg.output(posters, CANDIDATES, f="image2", **{"frames:v": POSTER_CANDIDATES}, **_EXACT),
        ],
    )


def cover(program: str, source: Source, stream: int) -> list[str]:
    """The picture attached to a sound recording, as the only candidate."""
    whole = {"force_original_aspect_ratio": "decrease", "flags": "lanczos"}
    picture = _input(source)[str(stream)].filter("scale", POSTER_WIDTH, _POSTER_HEIGHT, **whole).filter("setsar", 1)
    picture = picture.filter("pad", POSTER_WIDTH, _POSTER_HEIGHT, -1, -1, color=_GROUND).filter("format", "rgb24")
    return _compile(
        [program, *_GLOBAL], [ffmpeg.output(picture, CANDIDATES % 1, f="image2", **{"frames:v": 1, "update": 1})]
    )


def waveform(program: str, source: Source, stream: int) -> list[str]:
    """A drawn poster for a sound recording without a picture of its own: its waveform, as the only candidate."""
    wave = _input(source)[str(stream)].filter("aformat", channel_layouts="mono")
    wave = wave.filter("showwavespic", s=f"{POSTER_WIDTH}x360", colors="0xF5B84C", scale="sqrt")
    ground = ffmpeg.input(f"color=c={_GROUND}:s={POSTER_WIDTH}x{_POSTER_HEIGHT}", f="lavfi")
    drawn = ffmpeg.overlay(ground, wave, x=0, y=180).filter("format", "rgb24")
    return _compile(
        [program, *_GLOBAL], [ffmpeg.output(drawn, CANDIDATES % 1, f="image2", **{"frames:v": 1, "update": 1})]
    )


def window(program: str, film: Film, start: int, size: tuple[int, int], out: str) -> list[str]:
    """A sample of one group of pictures, without loss, at the largest rung's size.

    Args:
        start: in frames of the source's constant rate.
    """
    pictures = _scaled(_shown(film, start, film.timing.group), film.picture, *size)
    quick = {"c:v": "libx264", "preset": "ultrafast", "qp": 0, "threads": 1, "video_track_timescale": 90_000}
    return _compile([program, *_GLOBAL], [ffmpeg.output(pictures, out, f="mp4", **quick, **_EXACT)])


def encode_samples(program: str, windows: str, rung: Rung, timing: Timing, out: str) -> list[str]:
    """The samples (a list for FFmpeg's concat demuxer, of our own making) as one rung would have them."""
    picture = ffmpeg.input(windows, f="concat").video
    if rung.every > 1:
        picture = picture.filter("framestep", step=rung.every)
    shape = picture.filter("scale", rung.width, rung.height, flags="bicubic").filter("format", "yuv420p")
    return _compile([program, *_GLOBAL], [ffmpeg.output(shape, out, f="mp4", **_video(rung, timing))])


def judge(
    program: str,
    windows: str,
    encoded: str,
    rung: Rung,
    rate: Fraction,
    size: tuple[int, int],
    logs: tuple[str, str],
) -> list[str]:
    """VMAF of encoded samples: at the rung's own size (first log), and as seen at `size` (second log).

    Args:
        rate: of the samples; a rung that shows every second frame of it is judged with each shown twice.
    """
    reference = ffmpeg.input(windows, f="concat").video.filter("settb", "AVTB").filter("setpts", "N")
    seen = ffmpeg.input(encoded).video
    if rung.every > 1:
        seen = seen.filter("fps", fps=str(rate), start_time=0)
    seen = seen.filter("settb", "AVTB").filter("setpts", "N")
    if (rung.width, rung.height) == size:
        scored = _vmaf(seen, reference, logs[0])
        return _compile([program, *_GLOBAL], [ffmpeg.output(scored, "-", f="null")])
    references, encodings = reference.filter_multi_output("split", 2), seen.filter_multi_output("split", 2)
    own = _vmaf(encodings[0], references[0].filter("scale", rung.width, rung.height, flags="bicubic"), logs[0])
    large = _vmaf(encodings[1].filter("scale", *size, flags="bicubic"), references[1], logs[1])
    return _compile([program, *_GLOBAL], [ffmpeg.output(own, "-", f="null"), ffmpeg.output(large, "-", f="null")])


def encode_chunk(program: str, film: Film, start: int, frames: int, rungs: Sequence[Rung]) -> list[str]:
    """One chunk of the picture in every rung, from one decoding: `<rung>.mp4`, one fragment for each group.

    Args:
        start, frames: of the plan's rate.
    """
    shown = _shown(film, start * film.timing.step, frames)
    return _rungs(program, shown, film.picture, film.timing, frames, rungs)


def encode_still(program: str, poster: str, plan: Plan, frames: int, rungs: Sequence[Rung]) -> list[str]:
    """A chunk of a lesson without moving picture: its poster, standing still."""
    still = Picture(index=0, codec="png", width=0, height=0, frame_rate=plan.timing.source_rate, bps=0)
    looped = ffmpeg.input(poster, loop=1, framerate=plan.timing.source_rate, f="image2").video
    return _rungs(program, looped.filter("trim", end_frame=frames), still, plan.timing, frames, rungs)


def difference(program: str, source: Source, stream: int) -> list[str]:
    """What is left of two channels when one is taken from the other, as EBU R 128 on standard error."""
    heard = _input(source)[str(stream)].filter("aformat", channel_layouts="stereo", sample_fmts="fltp")
    left_over = heard.filter("aeval", exprs="val(0)-val(1)", channel_layout="mono")
    return _compile([program, *_ALOUD], [ffmpeg.output(_measured(left_over), "-", f="null")])


def measure_sound(program: str, source: Source, sound: SoundPlan) -> list[str]:
    """First pass: EBU R 128 on standard error, and where it is silent."""
    heard = _heard(_input(source), sound).filter("silencedetect", n="-50dB", d=3)
    for key, file in (("silence_start", SILENCE_START), ("silence_end", SILENCE_END)):
        heard = heard.filter("ametadata", "print", key=f"lavfi.{key}", file=file)
    return _compile([program, *_ALOUD], [ffmpeg.output(_measured(heard), "-", f="null")])


def encode_sound(program: str, source: Source, sound: SoundPlan, gain: Gain, duration_s: float, out: str) -> list[str]:
    """Second pass: one track as AAC-LC in fragments of a segment's length, brought to loudness by one gain."""
    heard = _heard(_input(source), sound).filter("volume", volume=f"{gain.db:.2f}dB", precision="double")
    if gain.ceiling_db is not None:
        heard = heard.filter("aresample", 4 * SAMPLE_RATE)
        heard = heard.filter("alimiter", limit=f"{10 ** (gain.ceiling_db / 20):.4f}", level=0, attack=5, release=80)
        heard = heard.filter("aresample", SAMPLE_RATE)
    heard = heard.filter("apad", whole_dur=f"{duration_s:.3f}").filter("atrim", end=f"{duration_s:.3f}")
    heard = heard.filter("atrim", start_sample=PRIMING).filter("asetpts", "N/SR/TB")
    fragments = {"movflags": _FRAGMENTS, "frag_duration": 6_000_000, "f": "mp4"}
    return _compile(
        [program, *_GLOBAL], [ffmpeg.output(heard, out, **{"c:a": "aac", "b:a": sound.bps}, **fragments, **_EXACT)]
    )


def hear(program: str, encoded: str) -> list[str]:
    """EBU R 128 of encoded sound, decoded again, on standard error."""
    return _compile([program, *_ALOUD], [ffmpeg.output(_measured(ffmpeg.input(encoded).audio), "-", f="null")])


def _input(source: Source, **options: Any) -> Any:
    return ffmpeg.input(f"file:{source.path}", threads=1, **source.options, **options)


def _compile(program: list[str], outputs: list[Any]) -> list[str]:
    whole = ffmpeg.merge_outputs(*outputs) if len(outputs) > 1 else outputs[0]
    return list(ffmpeg.compile(whole, cmd=program))


def _decoded(given: Any, picture: Picture) -> Any:
    """The picture stream as whole frames. ffmpeg itself turns it upright."""
    stream = given[str(picture.index)]
    if picture.fields != "progressive":
        stream = stream.filter("bwdif", mode="send_frame", parity="auto", deint="all")
    return stream


def _shown(film: Film, start: int, frames: int) -> Any:
    """`frames` frames of the plan's rate from frame `start` of the source's: always exactly as many.

    Reading begins at the keyframe before, so that a picture that stood still since long ago is there; where the
    picture ends early its last frame stays.
    """
    rate, step = Fraction(film.timing.source_rate), film.timing.step
    entered: dict[str, Any] = {}
    margin = 0.0
    if start:
        margin = min(_MARGIN_S, float(start / rate))
        entered = {"noaccurate_seek": None, "ss": f"{float(start / rate) - margin:.6f}"}
    stream = _decoded(_input(film.source, **entered), film.picture)
    if margin:
        stream = stream.filter("setpts", f"PTS-{margin:.6f}/TB")
    stream = _steady(stream, film, frames * step)
    if step > 1:
        stream = stream.filter("framestep", step=step)
    return stream.filter("settb", str(1 / film.timing.rate)).filter("setpts", "N")


def _steady(stream: Any, film: Film, frames: int) -> Any:
    """Exactly so many frames at the source's constant rate, the last one standing where there are too few."""
    stream = stream.filter("tpad", stop=-1, stop_mode="clone")
    return stream.filter("fps", fps=film.timing.source_rate, start_time=0).filter("trim", end_frame=frames)


def _rungs(program: str, shown: Any, picture: Picture, timing: Timing, frames: int, rungs: Sequence[Rung]) -> list[str]:
    split = shown.filter_multi_output("split", len(rungs))
    outputs = []
    for number, rung in enumerate(rungs):
        stream = split[number]
        if rung.every > 1:
            stream = stream.filter("framestep", step=rung.every)
        scaled = _scaled(stream, picture, rung.width, rung.height)
        limit = {"frames:v": -(-frames // rung.every)}
        outputs.append(ffmpeg.output(scaled, f"{rung.name}.mp4", f="mp4", **_video(rung, timing), **limit))
    return _compile([program, *_GLOBAL], outputs)


def _scaled(stream: Any, picture: Picture, width: int, height: int) -> Any:
    if picture.hdr:
        stream = _toned(stream, picture)
    guessed = {} if picture.matrix or picture.height < 720 else {"in_color_matrix": "bt709"}
    scaled = stream.filter("scale", width, height, flags="bicubic", out_color_matrix="bt709", out_range="tv", **guessed)
    tagged = {**_BT709, "range": "tv"}
    return scaled.filter("format", "yuv420p").filter("setsar", 1).filter("setparams", **tagged)


def _toned(stream: Any, picture: Picture) -> Any:
    """High dynamic range brought down to BT.709 (reference white 203 cd/m2, ITU-R BT.2408)."""
    facts = {
        "color_trc": picture.transfer,
        "color_primaries": picture.primaries or "bt2020",
        "colorspace": picture.matrix or "bt2020nc",
    }
    stream = stream.filter("setparams", **facts).filter("zscale", transfer="linear", npl=203)
    stream = stream.filter("format", "gbrpf32le").filter("zscale", primaries="bt709")
    stream = stream.filter("tonemap", "hable", desat=0)
    return stream.filter("zscale", transfer="bt709", matrix="bt709", range="tv").filter("format", "yuv420p")


def _sparse(stream: Any, picture: Picture, every_s: float, width: int) -> Any:
    picked = stream.filter("fps", fps=f"1/{every_s:.6f}")
    if picture.hdr:
        picked = _toned(picked, picture)
    height = max(round(picture.height * width / picture.width / 2) * 2, 2)
    if picture.width < width and width == POSTER_WIDTH:
        width, height = picture.width, picture.height
    return picked.filter("scale", width, height, flags="lanczos").filter("setsar", 1).filter("format", "rgb24")


def _heard(given: Any, sound: SoundPlan) -> Any:
    layout = "mono" if sound.channels == 1 else "stereo"
    steady = given[str(sound.track.stream)].filter("aresample", SAMPLE_RATE, **{"async": 1000}, first_pts=0)
    return steady.filter("aformat", channel_layouts=layout, sample_fmts="fltp")


def _measured(heard: Any) -> Any:
    return heard.filter("ebur128", peak="true", framelog="quiet")


def _vmaf(seen: Any, reference: Any, log: str) -> Any:
    model = "version=vmaf_v0.6.1"
    return ffmpeg.filter(
        [seen, reference], "libvmaf", model=model, n_threads=2, n_subsample=4, log_fmt="json", log_path=log
    )


def _video(rung: Rung, timing: Timing) -> dict[str, Any]:
    """Encoder's words for a rung: constant quality below a cap, closed groups of one length, nothing left to chance."""
    group = timing.group // rung.every
    words: dict[str, Any] = {"g": group, "crf": rung.crf, "color_range": "tv", **_BT709, **_EXACT}
    words |= {"movflags": _PICTURES, "video_track_timescale": timing.timescale, "write_btrt": 0}
    capped = {"maxrate": rung.cap_bps, "bufsize": rung.buffer_bits, "threads": 1, "flags": "+bitexact+cgop"}
    match rung.codec:
        case Codec.H264:
            exact = {
                "keyint_min": group,
                "sc_threshold": 0,
                "level": rung.level,
                "x264-params": "stitchable=1:psy-rd=0.5,0",
            }
            return words | capped | exact | {"c:v": "libx264", "preset": PRESET, "profile:v": "high"}
        case Codec.HEVC:
            exact_hevc = f"pools=none:frame-threads=1:keyint={group}:min-keyint={group}:scenecut=0:open-gop=0:info=0"
            quiet = {"x265-params": f"{exact_hevc}:log-level=error", "tag:v": "hvc1"}
            return words | capped | quiet | {"c:v": "libx265", "preset": "fast"}
        case Codec.AV1:
            exact_av1 = f"lp=1:scd=0:irefresh-type=2:mbr={rung.cap_bps // 1000}"
            return words | {"c:v": "libsvtav1", "preset": 8, "svtav1-params": exact_av1}

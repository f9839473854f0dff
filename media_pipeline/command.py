"""The argument lists for ffmpeg. Pure: nothing is run here; `encode.py` runs them and adds the process limits.

Every input is an absolute `file:` path read with a demuxer and protocol allow-list; every output is relative to the
working folder. The bytes depend on the recording and the recipe alone: bit-exact flags, and one thread for each
rung, since x264's rate cap is not repeatable across frame threads. The rungs still run side by side.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg

from media_pipeline.ladder import Rung
from media_pipeline.plan import (
    KEYFRAME_S,
    LOUDNESS_LUFS,
    POSTER_CANDIDATES,
    POSTER_WIDTH,
    SAMPLE_RATE,
    SEGMENT_S,
    TRUE_PEAK_DBTP,
    Plan,
)

DEMUXERS = "mov,mp4,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,mxf,dv,ogg,mp3,wav,flac,aac"
"""Containers that hold their own media. Playlists, scripts, image sequences and text stay out."""

PROTOCOLS = "file,pipe"
CANDIDATES = "candidate-%02d.png"
_GLOBAL = ("-nostdin", "-hide_banner", "-nostats", "-loglevel", "error", "-progress", "pipe:1", "-y")


@dataclass(frozen=True, slots=True)
class Loudness:
    """What the first loudnorm pass measured, as the second wants to hear it (LUFS, dBTP, LU)."""

    integrated: str
    true_peak: str
    range: str
    threshold: str
    offset: str


def measure_loudness(program: str, source: Path) -> list[str]:
    """First pass: prints loudnorm's JSON on standard error."""
    sound = _input(source).audio.filter("loudnorm", **_target(), print_format="json")
    command = [word if word != "error" else "info" for word in _GLOBAL]
    return _compile([program, *command], [ffmpeg.output(sound, "-", f="null")])


def encode(program: str, source: Path, plan: Plan, loudness: Loudness | None) -> list[str]:
    """Second pass: every rung as HLS in its own folder, and candidates for the poster, from one decoding.

    Args:
        program: ffmpeg's path.
        source: absolute path of the recording.
        plan: from `plan.plan`.
        loudness: None where the recording has no sound, or only silence.
    """
    recording = _input(source)
    pictures = _halving(recording.video, plan)
    outputs = []
    sounds = _sounds(recording, plan, loudness)
    for index, rung in enumerate(plan.rungs):
        streams = [pictures[index], *([sounds[index]] if sounds else [])]
        outputs.append(
            ffmpeg.output(*streams, f"{rung.name}/index.m3u8", **_video(rung, plan), **_sound(rung, plan), **_hls(rung))
        )
    outputs.append(ffmpeg.output(pictures[-1], CANDIDATES, f="image2", **{"frames:v": POSTER_CANDIDATES}, **_EXACT))
    return _compile([program, *_GLOBAL], outputs)


_EXACT: dict[str, Any] = {"map_metadata": -1, "map_chapters": -1, "fflags": "+bitexact", "flags": "+bitexact+cgop"}


def _input(source: Path) -> Any:
    return ffmpeg.input(f"file:{source}", protocol_whitelist=PROTOCOLS, format_whitelist=DEMUXERS)


def _compile(program: list[str], outputs: list[Any]) -> list[str]:
    whole = ffmpeg.merge_outputs(*outputs) if len(outputs) > 1 else outputs[0]
    return list(ffmpeg.compile(whole, cmd=program))


def _halving(video: Any, plan: Plan) -> list[Any]:
    """One stream for each rung and a last one for poster candidates."""
    steady = video.filter("fps", fps=str(plan.rate))
    split = steady.filter_multi_output("split", len(plan.rungs) + 1)
    streams = [_scaled(split[index], rung.width, rung.height) for index, rung in enumerate(plan.rungs)]
    every = max(plan.duration_s / POSTER_CANDIDATES, 1 / float(plan.rate))
    poster = split[len(plan.rungs)].filter("fps", fps=f"1/{every:.6f}")
    largest = plan.rungs[0]
    width = min(POSTER_WIDTH, largest.width)
    streams.append(poster.filter("scale", width, -2, flags="lanczos").filter("format", "rgb24"))
    return streams


def _scaled(video: Any, width: int, height: int) -> Any:
    scaled = video.filter("scale", width, height, flags="bicubic", out_color_matrix="bt709", out_range="tv")
    tagged = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}
    return scaled.filter("format", "yuv420p").filter("setsar", 1).filter("setparams", **tagged)


def _sounds(recording: Any, plan: Plan, loudness: Loudness | None) -> list[Any]:
    if not plan.channels:
        return []
    sound = recording.audio
    if loudness is not None:
        sound = sound.filter(
            "loudnorm",
            **_target(),
            linear="true",
            measured_I=loudness.integrated,
            measured_TP=loudness.true_peak,
            measured_LRA=loudness.range,
            measured_thresh=loudness.threshold,
            offset=loudness.offset,
        )
    layout = "mono" if plan.channels == 1 else "stereo"
    sound = sound.filter("aresample", SAMPLE_RATE).filter("aformat", channel_layouts=layout, sample_fmts="fltp")
    sound = sound.filter("apad", whole_dur=f"{plan.duration_s:.3f}")
    split = sound.filter_multi_output("asplit", len(plan.rungs))
    return [split[index] for index in range(len(plan.rungs))]


def _target() -> dict[str, Any]:
    return {"I": LOUDNESS_LUFS, "TP": TRUE_PEAK_DBTP, "LRA": 20}


def _video(rung: Rung, plan: Plan) -> dict[str, Any]:
    return {
        "c:v": "libx264",
        "preset": "veryfast",
        "profile:v": "high",
        "crf": rung.crf,
        "maxrate": rung.cap_bps,
        "bufsize": rung.buffer_bits,
        "g": round(plan.rate * KEYFRAME_S) * 2,
        "sc_threshold": 0,
        "forced-idr": 1,
        "force_key_frames": f"expr:gte(t,n_forced*{KEYFRAME_S})",
        "threads": 1,
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "colorspace": "bt709",
        "color_range": "tv",
        **_EXACT,
    }


def _sound(rung: Rung, plan: Plan) -> dict[str, Any]:
    if not plan.channels:
        return {}
    return {"c:a": "aac", "b:a": rung.sound_bps * (1 if plan.channels == 1 else 3) // (1 if plan.channels == 1 else 2)}


def _hls(rung: Rung) -> dict[str, Any]:
    return {
        "f": "hls",
        "hls_time": SEGMENT_S,
        "hls_playlist_type": "vod",
        "hls_segment_type": "fmp4",
        "hls_fmp4_init_filename": "init.mp4",
        "hls_segment_filename": f"{rung.name}/seg-%05d.m4s",
        "hls_flags": "independent_segments",
    }

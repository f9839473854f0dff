"""Every odd recording that people really have, made on the spot by the real encoder; short, with small pictures.

`ODD` names them. What a hostile person sends is in `hostile.py`.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import imageio_ffmpeg

Make = Callable[[Path], Path]
TIME_LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Odd:
    """What is odd about a recording, in one line; and how to make it in an empty folder."""

    about: str
    make: Make


def ffmpeg(*argv: str | Path) -> None:
    """Run the encoder; raises `CalledProcessError` where it fails."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-nostdin", "-hide_banner", "-loglevel", "error"]
    subprocess.run([*command, *map(str, argv)], check=True, timeout=TIME_LIMIT_S, stdin=subprocess.DEVNULL)


def picture(seconds: float = 6, size: str = "640x360", rate: str = "25") -> list[str]:
    """An input: a moving test picture."""
    return ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"]


def tone(seconds: float = 6, hertz: int = 330, layout: str = "mono") -> list[str]:
    """An input: a tone, the same in every channel."""
    return ["-f", "lavfi", "-i", f"sine={hertz}:r=48000:d={seconds},aformat=channel_layouts={layout}"]


X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-bf", "2"]
AAC = ["-c:a", "aac", "-b:a", "64k"]
PLAIN = [*X264, *AAC]
FAST = ["-movflags", "+faststart"]
_HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"]


def made(name: str, *argv: str) -> Make:
    """A recording that one run of the encoder makes."""
    return partial(_made, name, argv)


def _made(name: str, argv: tuple[str, ...], folder: Path) -> Path:
    path = folder / name
    ffmpeg(*argv, path)
    return path


def _ordinary(name: str, *extra: str) -> Make:
    return made(name, *picture(), *tone(), *PLAIN, *extra)


def _shown(about: str, name: str, size: str, filters: str, *codec: str) -> Odd:
    video = codec or tuple(X264)
    return Odd(about, made(name, *picture(size=size), *tone(), "-vf", filters, *video, *AAC))


def _rotated(folder: Path) -> Path:
    upright = _ordinary("upright.mp4")(folder)
    path = folder / "phone.mp4"
    ffmpeg("-display_rotation:v:0", "90", "-i", upright, "-c", "copy", path)
    return path


def _hdr(transfer: str) -> Make:
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv"
    name = f"{transfer}.mp4"
    return made(name, *picture(5), *tone(5), "-vf", tags, *_HEVC, "-x265-params", "log-level=error", *AAC)


def _gaps(name: str, seconds: float, kept: str, *extra: str) -> Make:
    video = [*picture(seconds, rate="30"), "-vf", f"select='{kept}'", "-fps_mode", "vfr"]
    return made(name, *video, *X264, *extra)


_IDLE = "not(between(t,2,5.5))*(not(mod(n,5))+lt(mod(n,90),40))"


def _interlaced(name: str, *codec: str) -> Make:
    fields = "tinterlace=interleave_top,fieldorder=tff,setfield=tff"
    source = [*picture(size="720x576", rate="50"), *tone(layout="stereo")]
    coding = ["-c:v", "mpeg2video", "-b:v", "4M", "-flags", "+ilme+ildct", "-g", "12"]
    return made(name, *source, "-vf", f"{fields},setsar=16/15", *coding, "-pix_fmt", "yuv420p", *codec)


def _two_tracks(folder: Path) -> Path:
    tracks = ["-map", "0:v", "-map", "1:a", "-map", "2:a"]
    first = ["-metadata:s:a:0", "language=chi", "-metadata:s:a:0", "title=普通话", "-disposition:a:0", "default"]
    second = ["-metadata:s:a:1", "language=chi", "-metadata:s:a:1", "title=方言", "-disposition:a:1", "0"]
    inputs = [*picture(), *tone(layout="stereo"), *tone(hertz=550, layout="stereo")]
    return made("two.mkv", *inputs, *tracks, *PLAIN, *first, *second)(folder)


def _unknown_track(folder: Path) -> Path:
    tracks = ["-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a"]
    coding = [*X264, "-c:a", "aac", "-c:a:2", "mp2"]
    path = made("three.mkv", *picture(), *tone(), *tone(hertz=440), *tone(hertz=550), *tracks, *coding)(folder)
    return _rewritten(path, lambda data: data.replace(b"A_MPEG/L2", b"A_MPEG/X9"))


def _still(name: str, *argv: str) -> Make:
    """Sound with one picture, `cover.png`; `argv` is how they are put together."""

    def still(folder: Path) -> Path:
        cover = made("cover.png", *picture(1, "300x300", "1"), "-frames:v", "1")(folder)
        return made(name, *tone(), "-i", str(cover), "-map", "0:a", "-map", "1:v", *argv)(folder)

    return still


_COVER = ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-disposition:v", "attached_pic"]


def _joined(name: str, *offsets_s: float) -> Make:
    """Pieces of a broadcast, 2.5 s each, byte after byte; each says the time that it is told to."""
    return partial(_joined_in, name, offsets_s)


def _joined_in(name: str, offsets_s: tuple[float, ...], folder: Path) -> Path:
    path = folder / name
    with path.open("wb") as whole:
        for number, offset_s in enumerate(offsets_s):
            piece = folder / f"piece-{number}.ts"
            ffmpeg(*picture(2.5), *tone(2.5), *PLAIN, "-output_ts_offset", str(offset_s), piece)
            whole.write(piece.read_bytes())
    return path


def _other_programme(folder: Path) -> Path:
    """Streams of other numbers, long after the first: more than a reader looks ahead for."""
    path = folder / "programmes.ts"
    numbers = ("-mpegts_start_pid", "512", "-mpegts_pmt_start_pid", "64")
    pieces = [made(f"{n}.ts", *picture(9), *tone(9), *PLAIN, *numbers[: 4 * n])(folder) for n in range(2)]
    path.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    return path


def _reconnected(folder: Path) -> Path:
    pieces = [made(f"{n}.flv", *picture(3), *tone(3), *PLAIN)(folder).read_bytes() for n in range(2)]
    path = folder / "live.flv"
    path.write_bytes(pieces[0] + pieces[1][13:])
    return path


def _cut(make: Make, share: float) -> Make:
    """What is left of a file when its end is missing."""

    def cut(folder: Path) -> Path:
        return _rewritten(make(folder), lambda data: data[: int(len(data) * share)])

    return cut


def _zeroed(make: Make) -> Make:
    """A file with a hole of zeroes in its middle, as a bad disk leaves it."""

    def zeroed(data: bytes) -> bytes:
        start, end = int(len(data) * 0.45), int(len(data) * 0.5)
        return data[:start] + bytes(end - start) + data[end:]

    return lambda folder: _rewritten(make(folder), zeroed)


def _rewritten(path: Path, change: Callable[[bytes], bytes]) -> Path:
    path.write_bytes(change(path.read_bytes()))
    return path


def _lengths(name: str, seen_s: float, heard_s: float, *extra: str) -> Make:
    return made(name, *picture(seen_s), *tone(heard_s), *PLAIN, *extra)


def _late_sound(folder: Path) -> Path:
    return made("late.mp4", *picture(), "-itsoffset", "0.7", *tone(5), *PLAIN)(folder)


def _companions(folder: Path) -> Path:
    captions = folder / "captions.srt"
    captions.write_text("1\n00:00:00,500 --> 00:00:02,000\n缺哪样补哪样\n", encoding="utf-8")
    font = folder / "letters.ttf"
    font.write_bytes(b"\x00\x01\x00\x00" + bytes(400))
    attached = ["-attach", str(font), "-metadata:s:t", "mimetype=application/x-truetype-font"]
    return made("companions.mkv", *picture(), *tone(), "-i", str(captions), *PLAIN, "-c:s", "srt", *attached)(folder)


def _data(folder: Path) -> Path:
    noise = folder / "noise.bin"
    noise.write_bytes(bytes(range(256)) * 8)
    maps = ["-map", "0:v", "-map", "1:a", "-map", "2:d"]
    return made("data.ts", *picture(), *tone(), "-f", "data", "-i", str(noise), *maps, *PLAIN, "-c:d", "copy")(folder)


def _chaptered(name: str) -> Make:
    return partial(_chaptered_in, name)


def _chaptered_in(name: str, folder: Path) -> Path:
    parts = ((0, 2000, "测土"), (2000, 4000, "配方\\\n施肥"), (4000, 9000, "问答"), (4500, 4600, " "))
    lines = [f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}" for start, end, title in parts]
    listed = folder / "chapters.txt"
    listed.write_text("\n".join([";FFMETADATA1", *lines, ""]), encoding="utf-8")
    inputs = [*picture(), *tone(), "-f", "ffmetadata", "-i", str(listed)]
    return made(name, *inputs, "-map_chapters", "2", "-map", "0", "-map", "1", *PLAIN)(folder)


def _rate(rate: str, seconds: float = 5) -> Make:
    return made("rate.mp4", *picture(seconds, "320x180", rate), *tone(seconds), *PLAIN)


def _pixels(name: str, pixels: str, *codec: str) -> Make:
    coding = codec or ("-c:v", "libx264", "-preset", "ultrafast")
    return made(name, *picture(), *tone(), *coding, "-pix_fmt", pixels, *AAC)


_NINE_HOURS = "setts=ts=if(gte(TS*TB\\,3)\\,TS+32400/TB\\,TS)"

ODD: dict[str, Odd] = {
    "ordinary": Odd("nothing odd: H.264 and AAC in MP4", _ordinary("lesson.mp4")),
    "rotated": Odd("phone held upright: a display matrix turns it by 90 degrees", _rotated),
    "hdr_pq": Odd("phone HEVC, 10 bits, BT.2020 with PQ light", _hdr("smpte2084")),
    "hdr_hlg": Odd("phone HEVC, 10 bits, BT.2020 with HLG light", _hdr("arib-std-b67")),
    "variable_mkv": Odd("screen recording, frames only when something moves, a gap of 3.5 s", _gaps(
        "vfr.mkv", 8, _IDLE)),
    "variable_mp4": Odd("the same with sound, in MP4", made(
        "vfr.mp4", *picture(8, rate="30"), *tone(8), "-vf", f"select='{_IDLE}'", "-fps_mode", "vfr", *PLAIN)),
    "slide_stands": Odd("screen recording in which nothing moves for 25 s", _gaps("still.mp4", 30, "lt(t,2)+gt(t,27)")),
    "camcorder_mpeg4": Odd("camcorder AVI: MPEG-4 and PCM", made(
        "camcorder.avi", *picture(size="640x480"), *tone(layout="stereo"), "-c:v", "mpeg4", "-vtag", "XVID",
        "-b:v", "2M", "-c:a", "pcm_s16le")),
    "camcorder_mjpeg": Odd("camera AVI: Motion JPEG and PCM, full range", made(
        "camera.avi", *picture(size="640x480", rate="30"), *tone(), "-c:v", "mjpeg", "-pix_fmt", "yuvj420p",
        "-c:a", "pcm_u8")),
    "interlaced_ps": Odd("DVD recorder: interlaced MPEG-2 in a program stream, 4:3 PAL", _interlaced(
        "tape.mpg", "-c:a", "mp2", "-f", "vob")),
    "interlaced_ts": Odd("broadcast: interlaced MPEG-2 in a transport stream", _interlaced("air.ts", "-c:a", "mp2")),
    "interlaced_h264": Odd("AVCHD camcorder: interlaced H.264", made(
        "avchd.mts", *picture(size="720x576", rate="50"), *tone(layout="stereo"),
        "-vf", "tinterlace=interleave_top,setfield=tff,setsar=64/45", *X264, "-x264-params", "tff=1",
        "-c:a", "ac3")),
    "dv_pal": Odd("DV tape, 4:3 PAL", made(
        "tape.dv", *picture(5), *tone(5, layout="stereo"), "-target", "pal-dv", "-aspect", "4:3")),
    "dv_ntsc_avi": Odd("DV tape copied to AVI, wide NTSC", made(
        "tape.avi", *picture(5), *tone(5, layout="stereo"), "-vf", "setfield=bff,scale=720:480,setsar=40/33",
        "-r", "30000/1001", "-c:v", "dvvideo", "-pix_fmt", "yuv411p", "-c:a", "pcm_s16le")),
    "four_to_three": _shown("4:3", "four.mp4", "640x480", "setsar=1"),
    "odd_size": _shown(
        "641 x 363", "odd.mkv", "642x364", "crop=641:363:exact=1,setsar=1", "-c:v", "libvpx", "-deadline", "realtime",
        "-cpu-used", "8", "-b:v", "1M"),
    "stretched": _shown("354 x 288, pixels 12:11", "stretched.mp4", "354x288", "setsar=12/11"),
    "portrait": _shown("portrait, 9:16", "portrait.mp4", "360x640", "setsar=1"),
    "scope": _shown("2.39:1", "scope.mp4", "860x360", "setsar=1"),
    "silent": Odd("no sound", made("silent.mp4", *picture(), *X264)),
    "sound_m4a": Odd("sound alone, AAC", made("sound.m4a", *tone(), *AAC)),
    "sound_mp3": Odd("sound alone, MP3", made("sound.mp3", *tone(layout="stereo"), "-c:a", "libmp3lame")),
    "sound_wav": Odd("sound alone, WAV", made("sound.wav", *tone())),
    "sound_amr": Odd("a phone's dictaphone, AMR", made(
        "note.amr", *tone(), "-ar", "8000", "-c:a", "libopencore_amrnb")),
    "cover_mp3": Odd("MP3 with a cover", _still("cover.mp3", "-c:a", "libmp3lame", *_COVER)),
    "cover_m4a": Odd("M4A with a cover", _still("cover.m4a", *AAC, *_COVER)),
    "one_still": Odd("one picture under six seconds of sound", _still("still.mp4", *PLAIN)),
    "mono": Odd("one channel", made("mono.mov", *picture(), *tone(), *X264, "-c:a", "pcm_s16le")),
    "surround": Odd("5.1", made("surround.mkv", *picture(), *tone(layout="5.1"), *X264, "-c:a", "ac3")),
    "two_tracks": Odd("two sound tracks, 普通话 and 方言", _two_tracks),
    "unknown_track": Odd("a third sound track that nothing can decode", _unknown_track),
    "jumping_times": Odd("broadcast whose clock jumps hours ahead, then back", _joined(
        "jump.ts", 5 * 3600, 13 * 3600, 1 * 3600)),
    "joined": Odd("two transport streams copied together", _joined("joined.ts", 0, 0)),
    "joined_flv": Odd("Flash of a recorder that lost its line and began its clock anew", _reconnected),
    "other_programme": Odd("broadcast in which another programme begins, with streams of its own", _other_programme),
    "late_track": Odd("broadcast whose second sound begins after 12 s", made(
        "late.ts", *picture(16), *tone(16), "-itsoffset", "12", *tone(4, 550), "-map", "0", "-map", "1", "-map", "2",
        *PLAIN)),
    "no_times": Odd("Matroska whose times are all zero", made(
        "zero.mkv", *picture(), *X264, "-bf", "0", "-bsf:v", "setts=pts=0:dts=0")),
    "hole_of_hours": Odd("Matroska made of a broken broadcast: a hole of nine hours", made(
        "hole.mkv", *picture(), *tone(), *PLAIN, "-bf", "0",
        "-bsf:v", _NINE_HOURS, "-bsf:a", _NINE_HOURS)),
    "cut_mp4": Odd("MP4 with its index in front, cut at 60 %", _cut(_ordinary("cut.mp4", *FAST), 0.6)),
    "cut_mkv": Odd("Matroska cut at 60 %", _cut(_ordinary("cut.mkv"), 0.6)),
    "cut_avi": Odd("AVI cut at 60 %, its index lost", _cut(made(
        "cut.avi", *picture(), *tone(), "-c:v", "mpeg4", "-c:a", "pcm_s16le"), 0.6)),
    "cut_ts": Odd("transport stream cut in the middle of a packet", _cut(_ordinary("cut.ts"), 0.6003)),
    "cut_fragments": Odd("fragmented MP4 of a recorder that lost its power", _cut(_ordinary(
        "frag.mp4", "-movflags", "+frag_keyframe+empty_moov"), 0.6)),
    "no_index": Odd("MP4 cut before its index", _cut(_ordinary("cut.mp4"), 0.6)),
    "live_webm": Odd("a browser's recording: no length, no index", made(
        "live.webm", *picture(), *tone(), "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8",
        "-c:a", "libopus", "-live", "1")),
    "picture_ends": Odd("sound goes on 3 s longer than the picture", _lengths("a.mp4", 4, 7)),
    "sound_ends": Odd("the picture goes on 3 s longer than the sound", _lengths("b.mp4", 7, 4)),
    "late_sound": Odd("sound that starts 0.7 s late", _late_sound),
    "companions": Odd("captions and a font inside", _companions),
    "data": Odd("a stream of data inside", _data),
    "timecode": Odd("a camera's time code track", _ordinary("timecode.mov", "-timecode", "01:00:00:00")),
    "chapters_mp4": Odd("chapters in MP4, the last beyond the end", _chaptered("chapters.mp4")),
    "chapters_mkv": Odd("chapters in Matroska, the last beyond the end", _chaptered("chapters.mkv")),
    "damaged_mp4": Odd("zeroes in the middle of an MP4", _zeroed(_ordinary("damaged.mp4", *FAST))),
    "damaged_mkv": Odd("zeroes in the middle of a Matroska file", _zeroed(_ordinary("damaged.mkv"))),
    "damaged_ts": Odd("zeroes in the middle of a transport stream", _zeroed(_ordinary("damaged.ts"))),
    "rate_60": Odd("60 frames a second", _rate("60")),
    "rate_120": Odd("120 frames a second", _rate("120")),
    "rate_1": Odd("one frame a second", _rate("1", 8)),
    "rate_ntsc": Odd("30000/1001 frames a second in Matroska, whose clock counts milliseconds", made(
        "ntsc.mkv", *picture(rate="30000/1001"), *tone(), *PLAIN)),
    "full_range": Odd("full range", made(
        "full.mp4", *picture(), *tone(), "-vf", "scale=out_range=full,format=yuvj420p,setparams=range=full",
        "-c:v", "libx264", "-preset", "ultrafast", *AAC)),
    "depth_444": Odd("4:4:4, 10 bits", _pixels("444.mp4", "yuv444p10le")),
    "depth_422": Odd("4:2:2, 10 bits", _pixels("422.mkv", "yuv422p10le")),
    "gbr": Odd("red, green and blue instead of luma", _pixels("gbr.mkv", "gbrp", "-c:v", "libx264rgb", "-qp", "10")),
    "alpha": Odd("ProRes with a transparent channel", _pixels("alpha.mov", "yuva444p10le", "-c:v", "prores_ks")),
    "ten_hours_mkv": Odd("Matroska that starts at ten hours", _ordinary("ten.mkv", "-output_ts_offset", "36000")),
    "ten_hours_ts": Odd("transport stream that starts at ten hours", _ordinary("ten.ts", "-output_ts_offset", "36000")),
    "realmedia": Odd("RealMedia of the old archives", made(
        "old.rm", *picture(size="352x288"), *tone(), "-c:v", "rv20", "-c:a", "ac3")),
    "windows_media": Odd("Windows Media", made(
        "old.wmv", *picture(size="352x288"), *tone(), "-c:v", "wmv2", "-c:a", "wmav2")),
    "flash": Odd("Flash video", made(
        "old.flv", *picture(), *tone(), "-c:v", "flv", "-ar", "44100", "-c:a", "libmp3lame")),
    "phone_3gp": Odd("an old phone's 3GP: H.263 and AMR", made(
        "old.3gp", *picture(size="176x144", rate="15"), *tone(), "-c:v", "h263", "-ar", "8000",
        "-c:a", "libopencore_amrnb")),
}  # fmt: skip
"""Keys are stable; `docs/media.md` tells what becomes of each."""

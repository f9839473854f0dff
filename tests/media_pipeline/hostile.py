"""What a hostile person sends instead of a recording; each is refused in words, or harmless.

Every file that can point somewhere points at a canary: an address on which a test listens, and a secret file.
"""

import os
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.media_pipeline.recordings import PLAIN, X264, ffmpeg, picture, tone


@dataclass(frozen=True, slots=True)
class Canary:
    """An http address that nobody may ask, and a file that nobody may read."""

    url: str
    secret: Path


Make = Callable[[Path, Canary], Path]


@dataclass(frozen=True, slots=True)
class Hostile:
    """What it tries, in one line; and how to make it in an empty folder."""

    about: str
    make: Make


def canary_files(folder: Path, url: str, secret: Path) -> dict[str, Path]:
    """All of `HOSTILE` below a folder, each in a folder of its own, pointing at `url` and `secret`."""
    made = {}
    for name, hostile in HOSTILE.items():
        (folder / name).mkdir(parents=True)
        made[name] = hostile.make(folder / name, Canary(url, secret))
    return made


def _text(name: str, content: str, prefix: bytes = b"") -> Make:
    """A text; `{url}` and `{secret}` become the canary's."""

    def written(folder: Path, canary: Canary) -> Path:
        path = folder / name
        filled = content.replace("{url}", canary.url).replace("{secret}", str(canary.secret))
        path.write_bytes(prefix + filled.encode())
        return path

    return written


def _bytes(name: str, content: Callable[[], bytes]) -> Make:
    def written(folder: Path, canary: Canary) -> Path:
        path = folder / name
        path.write_bytes(content())
        return path

    return written


_LIST = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{url}/a.ts\n#EXT-X-ENDLIST\n"
_LIST_OF_SECRET = _LIST.replace("{url}/a.ts", "file://{secret}")
_LIST_WITH_KEY = _LIST.replace("#EXTINF", '#EXT-X-KEY:METHOD=AES-128,URI="{url}/key"\n#EXTINF')
_CONCAT = "ffconcat version 1.0\nfile '{secret}'\nfile '{url}/a.mp4'\n"
_SESSION = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5004 RTP/AVP 96\r\n"
_DASH = (
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT5S">'
    '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>{url}/a.mp4</BaseURL>'
    "</Representation></AdaptationSet></Period></MPD>"
)
_XSPF = (
    '<?xml version="1.0"?><playlist version="1"><trackList><track>'
    "<location>{url}</location></track></trackList></playlist>"
)
_ASX = '<asx version="3.0"><entry><ref href="{url}/a.wmv"/></entry></asx>'
_ASS = (
    "[Script Info]\nScriptType: v4.00+\n[Fonts]\nfontname: {secret}\n"
    "[Events]\nDialogue: 0,0:00:00.00,0:00:05.00,a,,0,0,0,,x\n"
)
_SUBVIEWER = "[INFORMATION]\n[TITLE]x\n[FILEPATH]{secret}\n[END INFORMATION]\n00:00:00.00,00:00:05.00\nx\n"
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9000" height="9000">'
    '<pattern id="p" width="9" height="9"><image xlink:href="{url}/a.png" width="9" height="9"/>'
    '<image xlink:href="file://{secret}" width="9" height="9"/></pattern><rect fill="url(#p)" width="100%"/></svg>'
)


def box(kind: bytes, *parts: bytes) -> bytes:
    """A box of an MP4 file."""
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def rebuilt(data: bytes, change: Mapping[bytes, Callable[[bytes], bytes]]) -> bytes:
    """An MP4's boxes with the content of some of them changed; sizes of those around are mended."""
    whole = b""
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        content = data[at + 8 : at + size]
        if kind in change:
            content = change[kind](content)
        elif kind in {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl"}:
            content = rebuilt(content, change)
        whole += box(kind, content)
        at += size
    return whole


def _movie(name: str, change: Mapping[bytes, Callable[[bytes], bytes]], *extra: str) -> Make:
    """A short MOV with some of its boxes changed."""

    def changed(folder: Path, canary: Canary) -> Path:
        path = folder / name
        ffmpeg(*picture(2, "320x180"), *X264, *extra, path)
        path.write_bytes(rebuilt(path.read_bytes(), change))
        return path

    return changed


def _reference(kind: bytes) -> Make:
    """A MOV whose picture lies in another file: by an alias of the old Macintosh, or by an address."""

    def referring(folder: Path, canary: Canary) -> Path:
        target = str(canary.secret).encode()
        alias = bytes(10) + b"\x06" + b"volume".ljust(27, b"\0") + bytes(12) + b"\x06" + b"secret".ljust(63, b"\0")
        alias += bytes(16) + struct.pack(">HH", 1, 1) + bytes(16) + struct.pack(">HH", 2, len(target)) + target
        alias += bytes(len(target) % 2) + struct.pack(">HH", 0xFFFF, 0) + bytes(200)
        content = alias if kind == b"alis" else canary.url.encode() + b"/a.mov\0"
        entry = box(kind, bytes(4), content)
        return _movie("outside.mov", {b"dref": lambda _: struct.pack(">II", 0, 1) + entry})(folder, canary)

    return referring


def _field(at: int, value: bytes) -> Callable[[bytes], bytes]:
    """Put a value into a box's content."""
    return lambda content: content[:at] + value + content[at + len(value) :]


def _chunk(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _avi(
    *, size: tuple[int, int] = (320, 180), rate: tuple[int, int] = (25, 1), codec: bytes = b"MJPG", text: str = ""
) -> Make:
    """An AVI of 50 pictures, written by hand, with a stream of text where there is one."""

    def written(folder: Path, canary: Canary) -> Path:
        still = _still(folder)
        avih = struct.pack("<14I", 40_000, 0, 0, 16, 50, 0, 1 + bool(text), 0, *size, 0, 0, 0, 0)
        header = struct.pack("<4s4s10I4H", b"vids", codec, 0, 0, 0, rate[1], rate[0], 0, 50, 0, 0, 0, 0, 0, 0, 0)
        pixels = struct.pack("<IiiHH4sIiiII", 40, *size, 1, 24, codec, 0, 0, 0, 0, 0)
        streams = [_chunk(b"LIST", b"strl", _chunk(b"strh", header), _chunk(b"strf", pixels))]
        pieces = [_chunk(b"00dc", still)] * 50
        if text:
            filled = text.replace("{url}", canary.url).replace("{secret}", str(canary.secret)).encode()
            title = "x\0".encode("utf-16-le")
            words = b"GAB2\0" + struct.pack("<HI", 2, len(title)) + title + struct.pack("<HI", 4, len(filled)) + filled
            header = struct.pack("<4s4s10I4H", b"txts", bytes(4), 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0)
            streams.append(_chunk(b"LIST", b"strl", _chunk(b"strh", header), _chunk(b"strf")))
            pieces.insert(0, _chunk(b"01tx", words))
        body = _chunk(b"LIST", b"hdrl", _chunk(b"avih", avih), *streams) + _chunk(b"LIST", b"movi", *pieces)
        path = folder / "lesson.avi"
        path.write_bytes(_chunk(b"RIFF", b"AVI ", body))
        return path

    return written


def element(name: int, *parts: bytes | int | str) -> bytes:
    """An element of a Matroska file."""
    content = b"".join(
        part if isinstance(part, bytes) else part.encode() if isinstance(part, str) else part.to_bytes(8, "big")
        for part in parts
    )
    return name.to_bytes((name.bit_length() + 7) // 8, "big") + (len(content) | 1 << 56).to_bytes(8, "big") + content


def _matroska(*parts: bytes, info: bytes = b"") -> bytes:
    head = element(0x1A45DFA3, element(0x4282, "matroska"), element(0x4287, 4), element(0x4285, 2))
    return head + element(0x18538067, element(0x1549A966, element(0x2AD7B1, 1_000_000), info), *parts)


def _track(number: int, *extra: bytes, codec: str = "V_MJPEG") -> bytes:
    shape = element(0xE0, element(0xB0, 320), element(0xBA, 180))
    parts = (element(0xD7, number), element(0x73C5, number), element(0x83, 1), element(0x86, codec), shape)
    return element(0xAE, *parts, *extra)


def _cluster(payload: bytes) -> bytes:
    pictures = (element(0xA3, b"\x81" + struct.pack(">H", at * 200) + b"\x80", payload) for at in range(10))
    return element(0x1F43B675, element(0xE7, 0), *pictures)


def _written(content: Callable[[bytes], bytes]) -> Make:
    """A Matroska file made from one coded picture."""

    def written(folder: Path, canary: Canary) -> Path:
        path = folder / "lesson.mkv"
        path.write_bytes(content(_still(folder)))
        return path

    return written


def _still(folder: Path) -> bytes:
    still = folder / "still.jpg"
    ffmpeg(*picture(1, "320x180", "1"), "-frames:v", "1", "-pix_fmt", "yuvj420p", still)
    return still.read_bytes()


def _zlib_bomb(still: bytes) -> bytes:
    """Each packet opens into 200 MB."""
    packer = zlib.compressobj(9)
    payload = packer.compress(still) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    squeezed = element(0x6D80, element(0x6240, element(0x5033, 0), element(0x5034, element(0x4254, 0))))
    return _matroska(element(0x1654AE6B, _track(1, squeezed)), _cluster(payload))


def _linked(still: bytes) -> bytes:
    """A segment that says that it goes on in other files."""
    names = element(0x3E83BB, "secret.txt") + element(0x3C83AB, "secret.txt") + element(0x3EB923, bytes(16))
    ordered = element(0x45B9, element(0x45DD, 1), element(0xB6, element(0x91, 0), element(0x6E67, bytes(16))))
    return _matroska(element(0x1043A770, ordered), element(0x1654AE6B, _track(1)), _cluster(still), info=names)


def _many_chapters(still: bytes) -> bytes:
    atoms = (
        element(0xB6, element(0x73C4, n + 1), element(0x91, n * 20_000), element(0x80, element(0x85, f"{n}")))
        for n in range(100_000)
    )
    return _matroska(element(0x1043A770, element(0x45B9, *atoms)), element(0x1654AE6B, _track(1)), _cluster(still))


def _many_streams(still: bytes) -> bytes:
    return _matroska(element(0x1654AE6B, *(_track(number + 1) for number in range(100_000))), _cluster(still))


def _packed_index() -> bytes:
    """A MOV's compressed index that says that it opens into 4 GB."""
    packed = zlib.compress(bytes(1 << 20))
    inside = box(b"dcom", b"zlib") + box(b"cmvd", struct.pack(">I", 0xFFFFFFF0), packed)
    return box(b"ftyp", b"qt  ", bytes(4)) + box(b"moov", box(b"cmov", inside))


def _png_bomb(folder: Path, canary: Canary) -> Path:
    """A MOV of PNGs, each of which says that it is 30000 x 30000: 2.7 GB of picture in some kilobytes."""
    path = folder / "lesson.mov"
    ffmpeg(*picture(1, "320x180"), "-c:v", "png", path)
    said, lie = struct.pack(">II", 320, 180), struct.pack(">II", 30_000, 30_000)
    parts = path.read_bytes().split(b"IHDR" + said)
    bombs = [
        b"IHDR" + lie + part[:5] + struct.pack(">I", zlib.crc32(b"IHDR" + lie + part[:5])) + part[9:]
        for part in parts[1:]
    ]
    path.write_bytes(parts[0] + b"".join(bombs))
    return path


def _loud() -> bytes:
    """A WAV that says that it has 65535 channels at 4 GHz."""
    form = struct.pack("<HHIIHH", 1, 65_535, 0xFFFF_FFF0, 0xFFFF_FFF0, 65_535, 8)
    return _chunk(b"RIFF", b"WAVE", _chunk(b"fmt ", form), _chunk(b"data", bytes(655_350)))


def _huge(folder: Path, canary: Canary) -> Path:
    path = folder / "huge.mov"
    ffmpeg("-f", "lavfi", "-i", "color=s=16384x8192:r=1:d=2", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", path)
    return path


def _sequence(folder: Path, canary: Canary) -> Path:
    ffmpeg(*picture(1, "320x180", "5"), folder / "frame-%03d.png")
    path = folder / "frame-%03d.png.mp4"
    path.write_bytes((folder / "frame-001.png").read_bytes())
    return path


def _named(name: str | bytes) -> Make:
    """A good recording under a bad name."""

    def copied(folder: Path, canary: Canary) -> Path:
        good = folder / "good.mp4"
        ffmpeg(*picture(1, "320x180"), *tone(1), *PLAIN, good)
        return good.rename(folder / os.fsdecode(name))

    return copied


def _folder(folder: Path, canary: Canary) -> Path:
    path = folder / "lesson.mp4"
    path.mkdir()
    return path


def _pipe(folder: Path, canary: Canary) -> Path:
    path = folder / "lesson.mp4"
    os.mkfifo(path)
    return path


def _link(target: str, folder: Path, canary: Canary) -> Path:
    path = folder / "lesson.mp4"
    path.symlink_to(target)
    return path


_LONG = struct.pack(">I", 0xFFFF_FFF0)
_COUNTLESS = struct.pack(">III", 0, 1, 0x7FFF_FFFF)

HOSTILE: dict[str, Hostile] = {
    **{
        f"playlist_{ending}": Hostile(f"a playlist that calls itself {ending}", _text(f"lesson.{ending}", _LIST))
        for ending in ("mp4", "avi", "ts", "m3u8")
    },
    "playlist_blanks": Hostile("a playlist after many blank lines", _text("lesson.mp4", _LIST, b" \t\r\n" * 2000)),
    "playlist_mark": Hostile("a playlist after a byte order mark", _text("lesson.ts", _LIST, b"\xef\xbb\xbf")),
    "playlist_secret": Hostile("a playlist of our own files", _text("lesson.mp4", _LIST_OF_SECRET)),
    "playlist_key": Hostile("a playlist that fetches a key", _text("lesson.mp4", _LIST_WITH_KEY)),
    "concat": Hostile("a concat script", _text("lesson.mp4", _CONCAT)),
    "concat_plain": Hostile("a concat script without its first line", _text("lesson.avi", "file '{secret}'\n" * 3)),
    "avi_playlist": Hostile("an AVI whose subtitles are a playlist", _avi(text=_LIST)),
    "avi_script": Hostile("an AVI whose subtitles are a concat script", _avi(text=_CONCAT)),
    "mov_alias": Hostile("a MOV whose picture is another file, by alias", _reference(b"alis")),
    "mov_address": Hostile("a MOV whose picture is another file, by address", _reference(b"url ")),
    "linked": Hostile("a Matroska segment that goes on in another file", _written(_linked)),
    "session": Hostile("a session description", _text("lesson.mp4", _SESSION)),
    "dash": Hostile("a DASH manifest", _text("lesson.mp4", _DASH)),
    "xspf": Hostile("an XSPF playlist", _text("lesson.mp4", _XSPF)),
    "asx": Hostile("an ASX playlist", _text("lesson.wmv", _ASX)),
    "reference": Hostile("an address in a RealMedia text", _text("lesson.ram", "{url}/a.rm\n")),
    "ass": Hostile("ASS captions that name a font", _text("lesson.mkv", _ASS)),
    "subviewer": Hostile("SubViewer captions that name a file", _text("lesson.mpg", _SUBVIEWER)),
    "metadata": Hostile("FFmpeg's own metadata text", _text("lesson.mp4", ";FFMETADATA1\ntitle={secret}\n")),
    "terminal": Hostile("terminal art", _text("lesson.txt", "\x1b[31mlesson\x1b[0m\r\n" * 200)),
    "svg": Hostile("an SVG that repeats other pictures", _text("lesson.mp4", _SVG)),
    "sequence": Hostile("one of a sequence of pictures", _sequence),
    "size_lie_avi": Hostile("a header that says 65535 x 65535", _avi(size=(65_535, 65_535))),
    "size_lie_raw": Hostile("the same with pictures that are not coded", _avi(size=(65_535, 65_535), codec=bytes(4))),
    "size_real": Hostile("pictures of 16384 x 8192", _huge),
    "rate_slow": Hostile("one picture in a million seconds", _avi(rate=(1, 1_000_000))),
    "rate_fast": Hostile("a million pictures a second", _avi(rate=(1_000_000, 1))),
    "rate_zero": Hostile("a rate of nothing by nothing", _avi(rate=(0, 0))),
    "duration_lie": Hostile("a header that says days", _movie(
        "long.mov", {b"mvhd": _field(16, _LONG), b"mdhd": _field(16, _LONG)})),
    "duration_real": Hostile("pictures that stand for hours", _movie(
        "slow.mov", {b"mdhd": _field(12, struct.pack(">I", 1))})),
    "countless": Hostile("an index of two thousand million samples", _movie(
        "many.mov", {b"stsz": lambda _: _COUNTLESS, b"stts": lambda _: struct.pack(">IIII", 0, 1, 0x7FFF_FFFF, 1)})),
    "png_bomb": Hostile("a small file with a picture of 30000 x 30000", _png_bomb),
    "zlib_bomb": Hostile("packets that open into 200 MB each", _written(_zlib_bomb)),
    "sound_lie": Hostile("a sound of 65535 channels", _bytes("lesson.wav", _loud)),
    "avi_captions": Hostile("an AVI whose subtitles are subtitles", _avi(text="1\n00:00:00,000 --> 00:00:01,000\nx\n")),
    "index_bomb": Hostile("an index that opens into 4 GB", _bytes("lesson.mov", _packed_index)),
    "chapters": Hostile("a hundred thousand chapters", _written(_many_chapters)),
    "streams": Hostile("a hundred thousand streams", _written(_many_streams)),
    "name_dash": Hostile("a name that looks like an option", _named("-i.mp4")),
    "name_up": Hostile("a name that looks like a way out", _named("..\\..%2f..%2fetc%2fpasswd")),
    "name_lines": Hostile("a name of two lines", _named("first\nfile 'second'.mp4")),
    "name_pattern": Hostile("a name that looks like a sequence", _named("lesson-%d-%03d.mp4")),
    "name_quotes": Hostile("a name with quotes and blanks", _named(" 'a' \"b\" `c` $(d);.mp4 ")),
    "name_protocol": Hostile("a name that looks like an address", _named("concat:a.mp4|b.mp4")),
    "name_bytes": Hostile("a name that is no text", _named(b"\xff\xfe\xb5\xda.mp4")),
    "empty": Hostile("an empty file", _bytes("lesson.mp4", bytes)),
    "zeroes": Hostile("nothing but zeroes", _bytes("lesson.mp4", partial(bytes, 100_000))),
    "folder": Hostile("a folder", _folder),
    "pipe": Hostile("a pipe that never says anything", _pipe),
    "device": Hostile("a device without end", partial(_link, "/dev/zero")),
    "process": Hostile("a process's own memory", partial(_link, "/proc/self/mem")),
}  # fmt: skip
"""Keys are stable; `docs/media.md` tells what becomes of each."""

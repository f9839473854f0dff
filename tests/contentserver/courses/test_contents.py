"""What a file is by its content: real containers are let in, everything that only has the name is not."""

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from imageio_ffmpeg import get_ffmpeg_exe

from contentserver.courses.contents import HEAD_BYTES, are_captions, fits, is_recording
from contentserver.courses.rules import FileKind

KINDS = (
    "mp4",
    "mov",
    "mkv",
    "webm",
    "avi",
    "mpg",
    "ts",
    "m2ts",
    "asf",
    "flv",
    "ogg",
    "mxf",
    "mp3",
    "wav",
    "flac",
    "aac",
)
PICTURE = {
    "webm": ["-c:v", "libvpx", "-c:a", "libvorbis"],
    "ogg": ["-c:v", "libtheora", "-c:a", "libvorbis"],
    "asf": ["-c:v", "wmv2"],
}
SRT = "1\n00:00:00,000 --> 00:00:02,000\n缺哪样补哪样\n"


@pytest.mark.parametrize("kind", KINDS)
def test_what_ffmpeg_writes_is_a_recording(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"film.{kind}"
    argv = [get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x240:r=25:d=1"]
    argv += ["-f", "lavfi", "-i", "sine=440:r=48000:d=1", *PICTURE.get(kind, []), str(file)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    assert is_recording(file.read_bytes()[:HEAD_BYTES])


def _bomb() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0.bin", bytes(10_000_000))
    return made.getvalue()


HOSTILE = {
    "program": b"MZ\x90\0\3\0\0\0" + bytes(500),
    "elf": b"\x7fELF\2\1\1" + bytes(500),
    "page": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "picture": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><svg><script>1</script></svg>',
    "bomb": _bomb(),
    "hls": b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(100),
    "pdf": b"%PDF-1.7\n",
    "script": b"#!/bin/sh\nrm -rf /\n",
    "gzip": b"\x1f\x8b\x08\0" + bytes(100),
    "empty": b"",
    "text": b"just words, no recording",
    "zeros": bytes(4096),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_else_is_a_recording(name: str) -> None:
    assert not is_recording(HOSTILE[name])


@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"script", "text", "empty", "pdf"}))
def test_nor_captions(name: str) -> None:
    assert not are_captions(HOSTILE[name])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_captions_are_text_in_what_people_write(encoding: str) -> None:
    assert fits(FileKind.CAPTIONS, SRT.encode(encoding))
    assert not fits(None, SRT.encode(encoding))


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert is_recording(data) in {True, False}
    assert are_captions(data) in {True, False}

"""Captions are taken whole or refused in words."""

from pathlib import Path

import pytest

from media_pipeline.captions import CaptionInput, read_captions
from media_pipeline.errors import Code, Refused


def test_captions_are_read_and_tidied(tmp_path: Path) -> None:
    path = tmp_path / "a.vtt"
    path.write_bytes("\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.500\r\n缺哪样\r\n补哪样\r\n".encode())
    read = read_captions(CaptionInput(path, "zh"))
    assert read.text == "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n缺哪样\n补哪样\n"
    assert (read.language, read.label) == ("zh", "中文")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1\n00:01,000 --> 00:02,000\nsrt\n", "does not begin with WEBVTT"),
        (b"", "does not begin with WEBVTT"),
        (b"WEBVTT\n\n", "no captions"),
        (b"WEBVTT\n\n00:05.000 --> 00:02.000\nbackwards\n", "ends before it begins"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n缺哪样\n".encode("gb18030"), "not UTF-8"),
    ],
)
def test_broken_captions_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.vtt"
    path.write_bytes(content)
    with pytest.raises(Refused, match=reason) as caught:
        read_captions(CaptionInput(path, "zh"))
    assert caught.value.code is Code.BAD_CAPTIONS


@pytest.mark.parametrize("language", ["", "../x", "中文", "zh\n"])
def test_a_language_must_be_a_tag(tmp_path: Path, language: str) -> None:
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\na\n")
    with pytest.raises(Refused, match="language"):
        read_captions(CaptionInput(path, language))

"""Captions: two lines of 18 Han characters at most, whatever the file says; nothing lost, nothing out of order."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvclient.adapters.captions import LINE_WIDTH, LINES, Caption, Captions, broken, paged, read_captions

words = st.text(alphabet="测土配方施肥，。、soil test 12", max_size=120)


def half_widths(text: str) -> int:
    return sum(2 if ord(char) >= 0x2E80 else 1 for char in text)


@given(words)
def test_lines_fit_and_keep_every_character(text: str) -> None:
    lines = broken(text)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        if " " in line or any(ord(char) >= 0x2E80 for char in line):
            trimmed = line.rstrip("，。、；：！？")
            assert half_widths(trimmed) <= max(LINE_WIDTH, max(map(half_widths, trimmed.split()), default=0))


@given(words, st.integers(0, 10_000), st.integers(1, 10_000))
def test_pages_share_the_time(text: str, begin: int, length: int) -> None:
    pages = paged(Caption(begin, begin + length, text))
    assert all(page.text.count("\n") < LINES for page in pages)
    for earlier, later in pairwise(pages):
        assert earlier.to_ms == later.from_ms
    if pages:
        assert (pages[0].from_ms, pages[-1].to_ms) == (begin, begin + length)


def test_breaks_at_a_pause_near_the_middle() -> None:
    text = "化验单上先看氮、磷、钾三样，缺哪样补哪样，不缺的不多施。"
    assert broken(text) == ["化验单上先看氮、磷、钾三样，", "缺哪样补哪样，不缺的不多施。"]


def test_found_by_time() -> None:
    captions = Captions([Caption(1000, 2000, "一"), Caption(2000, 3000, "二")])
    assert [captions.at(ms) for ms in (0, 999, 1000, 1999, 2000, 2999, 3000)] == ["", "", "一", "一", "二", "二", ""]


def test_reads_milliseconds(tmp_path: Path) -> None:
    path = tmp_path / "zh.vtt"
    path.write_text("WEBVTT\n\n00:00:01.250 --> 00:00:02.750\n<b>测土</b> &lt;1 &amp; 2\n", "utf-8")
    captions = read_captions(path)
    assert [captions.at(ms) for ms in (1249, 1250, 2749, 2750)] == ["", "测土 <1 & 2", "测土 <1 & 2", ""]


@pytest.mark.parametrize("content", [b"", b"no captions", b"\xff\xfe\x00", b"WEBVTT\n\n00:00 -> x\ny\n"])
def test_damaged_captions_are_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "zh.vtt"
    path.write_bytes(content)
    assert read_captions(path).at(0) == ""
    assert read_captions(tmp_path / "missing.vtt").at(0) == ""
    assert read_captions(None).at(0) == ""

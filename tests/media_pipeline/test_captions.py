"""Captions of every format and encoding become plain WebVTT that fits the screen, or are refused in words."""

import re
import time
import unicodedata
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import webvtt
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from media_pipeline.caption_formats import CaptionsBroken, Cue
from media_pipeline.captions import CaptionInput, Captions, fitted, read_captions
from media_pipeline.errors import Code, Refused
from media_pipeline.remarks import Remark, RemarkCode

SIMPLIFIED = (
    "今天我们讲苹果树的修剪。\n先看主枝，再看侧枝。",
    "缺哪样补哪样，\n不缺的不多施。",
    "大家有问题可以打电话问我，\n也可以到镇上农技站来。",
)
TRADITIONAL = (
    "今天我們講蘋果樹的修剪。\n先看主枝，再看側枝。",
    "缺哪樣補哪樣，\n不缺的不多施。",
    "大家有問題可以打電話問我，\n也可以到鎮上農技站來。",
)


def srt(texts: tuple[str, ...]) -> str:
    blocks = (f"{at}\n00:00:{at:02d},000 --> 00:00:{at:02d},900\n{text}\n\n" for at, text in enumerate(texts, 1))
    return "".join(blocks).replace("\n", "\r\n")


def vtt(*cues: tuple[float, float, str]) -> bytes:
    blocks = "".join(f"\n{stamp(start)} --> {stamp(end)}\n{text}\n" for start, end, text in cues)
    return f"WEBVTT\n{blocks}".encode()


def stamp(seconds: float) -> str:
    whole = round(seconds * 1000)
    return f"{whole // 3600000:02d}:{whole // 60000 % 60:02d}:{whole // 1000 % 60:02d}.{whole % 1000:03d}"


def cues_of(captions: Captions) -> list[tuple[float, float, str]]:
    """Read back by another program's reader."""
    read = webvtt.from_string(captions.text).captions
    return [(seconds(cue.start), seconds(cue.end), "\n".join(cue.lines)) for cue in read]


def seconds(moment: str) -> float:
    hours, minutes, rest = moment.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def texts_of(data: bytes) -> list[str]:
    return [text for _, _, text in cues_of(fitted(data, "zh"))]


def counts(captions: Captions) -> dict[RemarkCode, int]:
    return {remark.code: remark.count for remark in captions.remarks}


def full_widths(line: str) -> float:
    return sum(
        0
        if unicodedata.category(char) in {"Mn", "Me", "Cf"}
        else 1
        if unicodedata.east_asian_width(char) in "WF"
        else 0.5
        for char in line
    )


def test_captions_are_read_and_tidied(tmp_path: Path) -> None:
    path = tmp_path / "a.srt"
    path.write_bytes("\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:02.500\r\n缺哪样\r\n补哪样\r\n".encode())
    read = read_captions(CaptionInput(path, "zh"))
    assert read == Captions("zh", "中文", "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\n缺哪样\n补哪样\n", 1, ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "neither WebVTT nor SRT nor ASS"),
        (b"hello\n", "neither WebVTT nor SRT nor ASS"),
        (
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x02\xd0\x08\x02",
            r"neither UTF-8 nor UTF-16 nor GB18030 \(byte 23\)",
        ),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 4, "GB18030"),
        (b"\0" * 4000, "neither WebVTT nor SRT nor ASS"),
        (b"WEBVTT\n\n", "no captions"),
        (b"[Script Info]\nTitle: x\n", "no captions"),
        (b"WEBVTT\n\n00:05.000 --> 00:02.000\nbackwards\n", r"'backwards' ends before it begins \(at 5.000 s\)"),
        (b"1\n00:00:05,000 --> 00:00:02,000\nbackwards\n", "ends before it begins"),
        (b"WEBVTT\n\n00:01.000 --> 00:99.000\nx\n", "no times: '00:01.000 --> 00:99.000'"),
        (b"WEBVTT\n\n-1:01.000 --> 00:09.000\nx\n", "no times"),
        (b"[Events]\nDialogue: 0,abc,0:00:02.00,Default,,0,0,0,,x\n", "line 2 has no times"),
        (vtt((1, 2, "今天我们讲苹果树的修剪，先看主枝"))[:-3] + b"\n", "not UTF-8 at byte"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + b"a" * (4 << 20), "larger than 4 MB"),
        (b"0:1:1-->0:1:2\na\n" * 60_000, "more than 50000 captions"),
        (b"\xff\xfeW\0E\0B", "not UTF-16 at byte"),
    ],
)
def test_broken_captions_are_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "a.vtt"
    path.write_bytes(content)
    with pytest.raises(Refused, match=reason) as caught:
        read_captions(CaptionInput(path, "zh"))
    assert caught.value.code is Code.BAD_CAPTIONS
    assert caught.value.message.startswith("Captions a.vtt: ")


@pytest.mark.parametrize("language", ["", "../x", "中文", "zh\n"])
def test_a_language_must_be_a_tag(tmp_path: Path, language: str) -> None:
    path = tmp_path / "a.vtt"
    path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\na\n")
    with pytest.raises(Refused, match="language"):
        read_captions(CaptionInput(path, language))


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("zh", "中文"),
        ("zh-Hant-HK", "繁體中文"),
        ("en-GB", "English"),
        ("bo", "བོད་སྐད་"),
        ("fr", "fr"),
        ("zh-Latn", "中文"),
    ],
)
def test_languages_have_names_for_people(tag: str, name: str) -> None:
    assert fitted(vtt((1, 2, "甲")), tag).label == name


@pytest.mark.parametrize(
    ("encoding", "mark", "told"),
    [
        ("utf-8", b"", ""),
        ("utf-8", b"\xef\xbb\xbf", ""),
        ("utf-16-le", b"\xff\xfe", "UTF-16"),
        ("utf-16-be", b"\xfe\xff", "UTF-16"),
        ("utf-16-le", b"", "UTF-16"),
        ("utf-16-be", b"", "UTF-16"),
        ("gb18030", b"", "GB18030"),
        ("gb18030", b"\x84\x31\x95\x33", "GB18030"),
        ("gbk", b"", "GB18030"),
        ("gb2312", b"", "GB18030"),
    ],
)
@pytest.mark.parametrize("texts", [SIMPLIFIED, SIMPLIFIED[:1], ("施肥",), ("不大好",)])
def test_the_encoding_is_found(encoding: str, mark: bytes, told: str, texts: tuple[str, ...]) -> None:
    read = fitted(mark + srt(texts).encode(encoding), "zh")
    assert [text for _, _, text in cues_of(read)] == list(texts)
    assert read.remarks == (
        *([Remark(RemarkCode.CAPTIONS_DECODED, track="zh", detail=told)] if told else []),
        Remark(RemarkCode.CAPTIONS_CONVERTED, track="zh", detail="SRT"),
    )


@pytest.mark.parametrize("encoding", ["big5", "gb18030", "utf-16-le"])
def test_traditional_characters_are_read_in_either_encoding(encoding: str) -> None:
    read = fitted(srt(TRADITIONAL).encode(encoding), "zh-Hant")
    assert [text for _, _, text in cues_of(read)] == list(TRADITIONAL)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_lines_end_in_any_way(end: str) -> None:
    assert texts_of(srt(SIMPLIFIED).replace("\r\n", end).encode()) == list(SIMPLIFIED)
    assert texts_of(vtt((1, 2, "一\n二"), (3, 4, "三")).replace(b"\n", end.encode())) == ["一\n二", "三"]


def test_an_ass_file_is_read_as_text() -> None:
    ass = r"""[Script Info]
; a comment
ScriptType: v4.00+

[V4+ Styles]
Format: Name, Fontname
Style: Default,楷体

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:01.00,Default,,0,0,0,,不给人看
Dialogue: 0,0:00:01.00,0:00:03.50,Default,张老师,0,0,0,,{\pos(960,540)\fad(200,200)}先看主枝，\N{\i1}再看{\i0}侧枝
Dialogue: 0,0:00:04.00,0:00:05.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0 100 100{\p0}图\h里是芽
Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,{\p1}m 0 0 l 100 0
Dialogue: 0,0:00:06.00,0:00:07.00,Default,,0,0,0,,{\k20}一{\kf30}二{\ko10}三, a < b & c --> d
Dialogue: 0,0:00:08.00,0:00:08.00,Default,,0,0,0,,不在屏上
"""
    read = fitted(ass.encode("utf-16"), "zh")
    assert cues_of(read) == [
        (1, 3.5, "先看主枝，\n再看侧枝"),
        (4, 5, "图 里是芽"),
        (6, 7, "一二三, a &lt; b &amp; c --&gt; d"),
    ]
    assert counts(read) == {
        RemarkCode.CAPTIONS_DECODED: 1,
        RemarkCode.CAPTIONS_CONVERTED: 1,
        RemarkCode.CAPTIONS_DROPPED: 2,
    }


def test_an_older_ssa_file_has_its_own_columns() -> None:
    ssa = (
        "[Script Info]\r\n[V4 Styles]\r\n[Events]\r\nFormat: Marked, Start, End, Text\r\n"
        "Dialogue: Marked=0,0:00:02.50,0:00:04.00,一，二, three\r\n"
    )
    assert cues_of(fitted(ssa.encode("gbk"), "zh")) == [(2.5, 4, "一，二, three")]


def test_an_srt_file_as_people_write_it() -> None:
    text = (
        "\n\n1\n00:00:01,5 --> 00:00:02,000 X1:100 X2:200\n"
        '{\\an8}<i>斜的</i><font color="red">红的</font><br/>下一行\n\n'
        "2\n0:00:03.000 --> 0:00:04.000\n第一段\n\n第二段\n3\n00:00:05,000 --> 00:00:06,000\n42\n\n"
        "00:00:07,000-->00:00:08,000\na --> b\x00\x07 <3 &amp;\u2028<00>\n"
    )
    assert cues_of(fitted(text.encode(), "zh")) == [
        (1.5, 2, "斜的红的\n下一行"),
        (3, 4, "第一段\n第二段"),
        (5, 6, "42"),
        (7, 8, "a --&gt; b &lt;3 &amp;\n&lt;00&gt;"),
    ]


def test_a_webvtt_file_with_all_its_parts() -> None:
    text = (
        "WEBVTT - 修剪\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:a\n\nNOTE\n不给人看\n\nfirst\n"
        "00:01.000 --> 00:02.000 align:start line:0\n"
        "<v 张老师>你好</v> <00:00:01.500><c.red>一</c>&lt;b&gt;&nbsp;&#x4e00;\n"
        "42\n\n7\n00:03.000 --> 00:04.000\n完 &amp;lt;\n\nNOTE 也不给人看\n"
    )
    assert cues_of(fitted(text.encode(), "zh")) == [(1, 2, "你好 一&lt;b&gt; 一\n42"), (3, 4, "完 &amp;lt;")]


LETTERS = (
    "果树剪枝的一二三四五六，。！？、；：（）《》「」“”’…—-abcXYZ019.,!?'    "
    "&<>{}\\N\u3000ۋېي་བོད\u0300Ж\x07\u200d👩🌾ａ\n"
)


def texts_from(letters: str, longest: int) -> st.SearchStrategy[str]:
    """Of any length alike: left to itself, the strategy hardly ever gives one longer than a line."""
    sizes = st.integers(1, longest)
    return sizes.flatmap(lambda size: st.text(st.sampled_from(letters), min_size=size, max_size=size))


TEXTS = texts_from(LETTERS, 120) | texts_from("果树，。", 90) | st.text(max_size=40)
TIMES = st.integers(0, 40_000)


@st.composite
def any_cues(draw: st.DrawFn) -> list[Cue]:
    starts = draw(st.lists(st.tuples(TIMES, st.integers(0, 6000), TEXTS), min_size=1, max_size=12))
    return [Cue(start, start + length, text) for start, length, text in starts]


def ass_of(cues: list[Cue]) -> bytes:
    lines = (
        f"Dialogue: 0,{stamp(cue.start_ms / 1000)},{stamp(cue.end_ms / 1000)},D,,0,0,0,,{braceless(cue.text)}\n"
        for cue in cues
    )
    return ("[Script Info]\n[Events]\n" + "".join(lines)).encode("utf-8", "replace")


def braceless(text: str) -> str:
    """Of one line, in letters that mean themselves."""
    return re.sub(r"[\r\n]", r"\\N", re.sub(r"[{}\\]", "", text))


def inked(text: str) -> str:
    """Its letters and marks, without what is between them and what only changes them."""
    kept = (char for char in text if unicodedata.category(char) not in {"Cc", "Cf", "Mn", "Me", "Cs"})
    return "".join(char for char in kept if not char.isspace())


@settings(max_examples=300, deadline=None)
@given(any_cues())
def test_whatever_is_given_fits_in_order_and_nothing_is_lost(cues: list[Cue]) -> None:
    try:
        read = fitted(ass_of(cues), "zh")
    except CaptionsBroken as error:
        if str(error) != "it holds no captions":
            raise
        reject()
    shown = cues_of(read)
    assert read.cues == len(shown)
    end = 0.0
    for start, following, text in shown:
        assert end <= start < following
        end = following
        lines = text.split("\n")
        assert len(lines) <= 2
        for line in lines:
            assert full_widths(unescaped(line)) <= 18
    said = sorted(inked(unescaped("".join(text for _, _, text in shown))))
    given_texts = {(cue.start_ms, cue.end_ms, inked(braceless(cue.text).replace("\\N", ""))) for cue in cues}
    dropped = sum(remark.count for remark in read.remarks if remark.code is RemarkCode.CAPTIONS_DROPPED)
    if not dropped:
        assert said == sorted("".join(text for _, _, text in given_texts))
    assert fitted(read.text.encode(), "zh") == replace(read, remarks=())


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


@settings(max_examples=200, deadline=None)
@given(texts_from(LETTERS.replace("\n", ""), 200) | texts_from("果树剪枝，。》", 100))
def test_no_line_begins_with_what_closes(text: str) -> None:
    plain = braceless(text)
    try:
        shown = cues_of(fitted(ass_of([Cue(0, 9000, plain)]), "zh"))
    except CaptionsBroken:
        return
    closing = "，。！？、；：）》」』"
    if not re.search(f"[{closing}…—.,!?’”“（《「 \u3000]{{8}}", plain):
        lines = [line for _, _, text in shown for line in text.split("\n")]
        assert not any(line[0] in closing for line in lines[1:])


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400) | st.builds(lambda a, b: a + b" --> " + b, st.binary(), st.binary()), st.booleans())
def test_rubbish_is_refused_in_words_or_read(data: bytes, headed: bool) -> None:
    with suppress(CaptionsBroken):
        read = fitted(b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + data if headed else data, "zh")
        again = fitted(read.text.encode(), "zh")
        assert again == replace(read, remarks=())


@pytest.mark.parametrize(
    "content",
    [
        b"00:00:01.000 --> 00:00:02.000\n" + "字".encode() * 400_000,
        b"00:00:01.000 --> 00:00:02.000\n" + b"<i" * 500_000,
        b"00:00:01.000 --> 00:00:02.000\n" + b"{\\" * 500_000,
        b"00:00:01.000 --> 00:00:02.000\n" + b"&#" * 500_000,
        b"00:00:01.000 --> 00:00:02.000\n" + b"a\n" * 1_000_000,
        b"0:" * 2_000_000 + b"-->",
        b"0" * 4_000_000 + b"-->",
        b" " * 4_000_000 + b"-->" + b" " * 100,
        b"[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,," + b"{\\p1" * 300_000,
        b"[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,," + b"{}a" * 500_000,
        b"[Events]\nFormat: " + b"a," * 2_000_000,
        b"".join(b"0:0%d --> 0:09\na%d\n\n" % (number % 9, number) for number in range(49_999)),
        b"".join(b"%d:%02d:%02d --> 99:09:09\n%d\n" % (n // 3600, n // 60 % 60, n % 60, n) for n in range(49_999)),
    ],
    ids=range(13),
)
def test_no_file_takes_long(content: bytes) -> None:
    began = time.process_time()
    with suppress(CaptionsBroken):
        fitted(content, "zh")
    assert time.process_time() - began < 20

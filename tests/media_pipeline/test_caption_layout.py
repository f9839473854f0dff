"""Captions laid out: lines that fit, pages one after the other, no two at once, nothing that says nothing."""

import pytest

from media_pipeline.caption_formats import CaptionsBroken
from media_pipeline.captions import fitted
from media_pipeline.remarks import RemarkCode
from tests.media_pipeline.test_captions import counts, cues_of, texts_of, vtt


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("我们先把老枝剪掉，然后再看今年的新枝条", ["我们先把老枝剪掉，", "然后再看今年的新枝条"]),
        ("一二三四五六七八九十一二三四五六七八。", ["一二三四五六七八九", "十一二三四五六七八。"]),
        ("他说的“缺哪样就补哪样”这一句话人人都要记得", ["他说的“缺哪样就补哪样”", "这一句话人人都要记得"]),
        ("the quick brown fox jumps over the lazy dog", ["the quick brown fox", "jumps over the lazy dog"]),
        ("用Photoshop软件把这一张照片打开以后再保存一次", ["用Photoshop软件把这一张", "照片打开以后再保存一次"]),
        ("太长的一行太长的一行太长的一行\n，下一行", ["太长的一行太长的一行太长的一行，", "下一行"]),
        ("- 今年的苹果树应该什么时候剪？\n- 二月。", ["- 今年的苹果树应该什么时候剪？", "- 二月。"]),
        ("one\ntwo\nthree", ["one two three"]),
        ("བོད་ཡིག་" * 8, ["བོད་ཡིག་" * 4] * 2),
        ("👩\u200d🌾" * 11, ["👩\u200d🌾" * 5, "👩\u200d🌾" * 6]),
        ("一" * 12 + "（" + "二" * 13 + "）", ["一" * 12 + "（二", "二" * 12 + "）"]),
        ("。" * 20, ["。" * 18, "。" * 2]),
        ("\u200f " + "a" * 40, ["\u200f " + "a" * 35, "a" * 5]),
        ("it’s " * 9, ["it’s it’s it’s it’s", "it’s it’s it’s it’s it’s"]),
        ("“" + "一" * 20 + "”（" + "二" * 8 + "）", ["“" + "一" * 15, "一" * 5 + "”（" + "二" * 8 + "）"]),
    ],
)
def test_a_long_line_breaks_where_a_reader_pauses(text: str, lines: list[str]) -> None:
    assert texts_of(vtt((1, 5, text))) == ["\n".join(lines)]


def test_three_lines_are_shown_one_after_the_other() -> None:
    read = fitted(vtt((0, 6, "一二三四五六七八九十一二三四五六，" * 3), (8, 9, "完")), "zh")
    assert cues_of(read) == [
        (0, 4, "一二三四五六七八九十一二三四五六，\n一二三四五六七八九十一二三四五六，"),
        (4, 6, "一二三四五六七八九十一二三四五六，"),
        (8, 9, "完"),
    ]
    assert counts(read) == {RemarkCode.CAPTIONS_SPLIT: 1}


def test_pages_are_about_equally_long() -> None:
    assert texts_of(vtt((0, 9, "abcdefghijklm " * 5))) == [
        "abcdefghijklm\nabcdefghijklm abcdefghijklm",
        "abcdefghijklm abcdefghijklm",
    ]


@pytest.mark.parametrize(
    ("before", "after", "overlapped"),
    [
        ([(1, 3, "甲"), (1, 3, "乙")], [(1, 3, "甲\n乙")], 2),
        ([(1, 3, "甲\n乙"), (1, 3, "丙")], [(1, 2.333, "甲\n乙"), (2.333, 3, "丙")], 2),
        ([(1, 3, "甲"), (2, 4, "乙")], [(1, 2, "甲"), (2, 4, "乙")], 2),
        ([(1, 9, "甲"), (4, 5, "乙"), (6, 7, "丙")], [(1, 4, "甲"), (4, 5, "乙"), (6, 7, "丙")], 3),
        ([(1, 3, "甲"), (1.2, 4, "乙")], [(1, 4, "甲\n乙")], 2),
        ([(3, 4, "乙"), (1, 2, "甲"), (2, 3, "丙")], [(1, 2, "甲"), (2, 3, "丙"), (3, 4, "乙")], 0),
        ([(1, 2, "甲"), (2, 2.01, "乙")], [(1, 2, "甲"), (2, 2.01, "乙")], 0),
        ([(1, 1.01, "甲\n乙"), (1, 1.01, "丙")], [(1, 1.5, "甲\n乙"), (1.5, 2, "丙")], 2),
    ],
)
def test_no_two_stand_together(
    before: list[tuple[float, float, str]], after: list[tuple[float, float, str]], overlapped: int
) -> None:
    read = fitted(vtt(*before), "zh")
    assert cues_of(read) == after
    assert counts(read) == ({RemarkCode.CAPTIONS_OVERLAPPED: overlapped} if overlapped else {})


def test_what_is_empty_or_repeated_or_late_is_dropped() -> None:
    cues = [
        (1, 2, "甲"),
        (1, 2, "甲"),
        (2, 3, "<i> </i>\u200b"),
        (3, 3, "乙"),
        (4, 9, "末"),
        (5, 6, "迟"),
        (9, 9.5, "更迟"),
    ]
    read = fitted(vtt(*cues), "zh", 5000)
    assert cues_of(read) == [(1, 2, "甲"), (4, 5, "末")]
    assert counts(read) == {RemarkCode.CAPTIONS_DROPPED: 5}
    with pytest.raises(CaptionsBroken, match="no captions"):
        fitted(vtt((7, 8, "迟")), "zh", 5000)

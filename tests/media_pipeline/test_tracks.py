"""What strangers write about their streams, in our words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.tracks import language, words


@pytest.mark.parametrize(
    ("tag", "told"),
    [
        *(("chi", "zh"), ("zho", "zh"), ("cmn", "zh"), ("zh", "zh"), ("ZH-cn", "zh-cn"), ("zh_Hans", "zh-Hans")),
        *(("yue", "yue"), ("wuu", "wuu"), ("eng", "en"), ("uig", "ug"), ("tib", "bo"), ("mon", "mn")),
        *(("und", ""), ("mul", ""), ("", ""), ("Mandarin", ""), ("```", ""), ("zh\n", "zh")),
    ],
)
def test_languages(tag: str, told: str) -> None:
    assert language(tag) == told


@pytest.mark.parametrize(
    ("title", "told"),
    [("  方言\r\n讲解\t ", "方言 讲解"), ("a\x00b\x1b[31m", "a b [31m"), ("\u202egnp.exe", "gnp.exe")],
)
def test_titles(title: str, told: str) -> None:
    assert words(title) == told


@given(st.text())
def test_titles_are_one_short_printable_line(title: str) -> None:
    told = words(title)
    assert len(told) <= 100
    assert told == told.strip()
    assert len(told.splitlines()) <= 1
    assert words(told) == told

"""What names propose: numbers, titles, and captions beside their recording."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.courses.naming import (
    CAPTIONS,
    LAST_NUMBER,
    RECORDINGS,
    TITLE_CHARS,
    Beside,
    Named,
    language_of,
    named,
    sort_files,
)
from contentserver.courses.words import LANGUAGES

WORDS = st.text(alphabet="看懂化验单取土样施肥abcXYZ", min_size=1, max_size=20)
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("stem", "number", "title"),
    [
        ("03 看懂化验单", 3, "看懂化验单"),
        ("03看懂化验单", 3, "看懂化验单"),
        ("第3课 施肥", 3, "施肥"),
        ("第十二讲—看土", 12, "看土"),
        ("第二十课：收获", 20, "收获"),
        ("Lesson 4 - Soil", 4, "Soil"),
        ("001_a_b", 1, "a b"),
        ("20", 20, "20"),
        ("3D打印", None, "3D打印"),
        ("5月农事", None, "5月农事"),
        ("1.5倍产量", None, "1.5倍产量"),
        ("2024年总结", None, "2024年总结"),
        ("00 片头", None, "00 片头"),
        ("看懂化验单", None, "看懂化验单"),
    ],
)
def test_a_name_says_number_and_title(stem: str, number: int | None, title: str) -> None:
    assert named(stem) == Named(number, title)


@given(st.integers(1, LAST_NUMBER), st.sampled_from([" ", "_", ". ", " - ", "、", "—"]), WORDS)
def test_number_and_title_come_back_as_they_were_written(number: int, between: str, title: str) -> None:
    assert named(f"{number:02}{between}{title}") == Named(number, title)


@given(NAMES)
def test_any_name_gives_a_title_and_no_impossible_number(stem: str) -> None:
    found = named(stem)
    assert 1 <= len(found.title) <= TITLE_CHARS
    assert found.number is None or 1 <= found.number <= LAST_NUMBER


@given(WORDS, st.sampled_from(sorted(LANGUAGES)), st.sampled_from([".", "_", "-"]))
def test_captions_say_their_language_behind_the_name_of_the_recording(stem: str, tag: str, between: str) -> None:
    assert language_of(f"{stem}{between}{tag}", stem, LANGUAGES) == tag
    assert language_of(stem, stem, LANGUAGES) == "zh"
    assert language_of(f"{stem}x", stem, LANGUAGES) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "a/", "b/"]),
            WORDS,
            st.sampled_from(["", ".zh", ".en", ".xx"]),
            st.sampled_from([*sorted(RECORDINGS)[:3], *sorted(CAPTIONS), ".pdf"]),
        ),
        max_size=30,
    )
)
def test_every_file_is_somewhere_and_nowhere_twice(parts: list[tuple[str, str, str, str]]) -> None:
    paths = {"".join(one) for one in parts}
    found = sort_files(paths, LANGUAGES)
    places = [row.path for row in found.rows] + [one.path for row in found.rows for one in row.captions]
    assert sorted([*places, *found.alone, *found.other]) == sorted(paths)
    for row in found.rows:
        languages = [one.language for one in row.captions]
        assert len(set(languages)) == len(languages)
        assert {one.path.rpartition("/")[0] for one in row.captions} <= {row.path.rpartition("/")[0]}


def test_captions_go_with_the_recording_of_the_longest_name() -> None:
    found = sort_files(["第1课.mp4", "第1课-zh.mp4", "第1课-zh.en.srt", ".DS_Store", "~$a.docx"], LANGUAGES)
    beside = {row.path: row.captions for row in found.rows}
    assert beside == {"第1课.mp4": (), "第1课-zh.mp4": (Beside("第1课-zh.en.srt", "en"),)}
    assert found.other == found.alone == ()

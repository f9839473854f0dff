"""Numerals, days and a lesson's two lines as people say them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from schedules.airings import LessonCard, LessonId
from tvclient.core.state import Language
from tvclient.ui import texts


@pytest.fixture(autouse=True)
def _language() -> Iterator[None]:
    texts.use(Language.ZH)
    yield
    texts.use(Language.ZH)


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (99, "九十九"), (100, "100"), (0, "0")],
)
def test_chinese_numerals(number: int, words: str) -> None:
    assert texts.numeral(number) == words


def test_day_and_clock_by_the_village() -> None:
    midnight = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)
    assert texts.clock(midnight) == "00:05"
    assert texts.day(midnight) == "11月24日\u3000周二"
    texts.use(Language.EN)
    assert texts.day(midnight) == "Tue 24 November"


def test_course_and_lesson() -> None:
    third = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥", number=3)
    alone = LessonCard(id=LessonId("l"), title="防诈骗", course="防诈骗")
    assert (texts.heading_of(third), texts.subheading_of(third)) == ("测土配方施肥", "第三讲\u3000看懂化验单")
    assert (texts.heading_of(alone), texts.subheading_of(alone)) == ("防诈骗", "")


def test_somebody_elses_text_is_never_markup() -> None:
    odd = LessonCard(id=LessonId("l"), title="[size=99999]x", course="[font=/nope]y", number=1)
    for text in (texts.heading_of(odd), texts.subheading_of(odd)):
        assert "[" not in text

"""Lessons that fit: a price's move, the month, a commodity's words; approved lessons of one's own regions alone."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import Course, Lesson, LessonState
from contentserver.market import proposing
from contentserver.stations import Station
from tests.contentserver.conftest import NOW
from tests.contentserver.market.samples import COUNTY, OTHER, TODAY, Trade, trade


@pytest.fixture
def made(session: Session, village: Station) -> Trade:
    return trade(session)


def lesson(made: Trade, title: str, region: str = COUNTY, state: str = LessonState.APPROVED, **other: object) -> Lesson:
    course = Course(title="课程", subject="种植", region_code=region, created_at=NOW)
    made.session.add(course)
    made.session.flush()
    found = Lesson(
        course_id=course.id,
        number=1,
        title=title,
        state=state,
        uploader_id=made.keeper.id,
        created_at=NOW,
        **other,
    )
    made.session.add(found)
    made.session.flush()
    return found


def proposed(made: Trade, root: str = COUNTY) -> list[tuple[str, int, list[str]]]:
    found = proposing.proposals(made.session, root, TODAY)
    return [
        (one.commodity.name if one.commodity else "", one.percent, [each.title for each in one.lessons])
        for one in found
    ]


def test_a_price_that_has_moved_proposes_the_lessons_about_it(made: Trade) -> None:
    lesson(made, "夏天的事", summary="也说到玉米")
    lesson(made, "玉米收了怎么存")
    lesson(made, "做好青贮")
    assert proposed(made) == []
    made.keep(100, 9)
    made.keep(112)
    made.keep(100, 9, of=made.rice)
    made.keep(104, of=made.rice)
    assert proposed(made) == [("玉米", 12, ["玉米收了怎么存", "做好青贮", "夏天的事"])]


def test_a_fall_does_too_and_the_larger_move_comes_first(made: Trade) -> None:
    lesson(made, "玉米和大米")
    for good, now in ((made.corn, 85), (made.rice, 130)):
        made.keep(100, 8, of=good)
        made.keep(now, of=good)
    assert [one[:2] for one in proposed(made)] == [("大米", 30), ("玉米", -15)]


def test_the_month_proposes_what_its_words_find_once(made: Trade) -> None:
    lesson(made, "滩羊冬季补饲")
    lesson(made, "插秧")
    assert proposed(made) == [("", 0, ["滩羊冬季补饲"])]


def test_what_may_not_air_or_lies_elsewhere_is_not_proposed(made: Trade) -> None:
    lesson(made, "羊一", state=LessonState.IN_REVIEW)
    lesson(made, "羊二", region=OTHER)
    lesson(made, "羊三", expires_on=TODAY - timedelta(days=1))
    assert proposed(made) == []
    assert proposed(made, OTHER) == [("", 0, ["羊二"])]


def test_a_doubtful_price_proposes_nothing(made: Trade) -> None:
    lesson(made, "玉米收了怎么存")
    made.keep(100, 9)
    assert made.keep(400).doubted == 1
    assert proposed(made) == []

"""Stations are found by anyone; the programme is what the village's televisions show, and nothing that gives way."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.courses import Lesson
from contentserver.guide import service
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import NotFound
from contentserver.stations import Station
from contentserver.timetable import service as planning
from contentserver.timetable.programmes import draft_of
from contentserver.timetable.publishing import publish
from schedules.airings import Rank
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, VILLAGE
from tests.contentserver.timetable.conftest import COUNTY, EVENING, MakeLesson, editor, make_lesson, reviewer, slot

__all__ = ["editor", "make_lesson", "reviewer"]
DAY = timedelta(days=1)
Plan = Callable[..., None]


@pytest.fixture
def plan(session: Session, editor: Person, reviewer: Person, signer: Signer) -> Plan:
    """Publish one lesson in a region's layer."""

    def planned(region: str, lesson: Lesson, start: datetime, rank: Rank = Rank.REGULAR, rule: str = "") -> None:
        layer = planning.layer_of(session, region)
        planning.edit(session, layer, slot(lesson, start=start, rank=rank, rule=rule), editor, NOW)
        publish(
            session,
            layer,
            draft_of(session, layer),
            signer,
            submitted_by=None,
            approved_by=reviewer,
            version=layer.draft_version,
            now=NOW,
        )

    return planned


def test_the_programme_is_the_merge_without_what_gives_way(
    session: Session,
    village: Station,
    plan: Plan,
    make_lesson: MakeLesson,
) -> None:
    plan(COUNTY, make_lesson(title="县里的课"), EVENING, Rank.MANDATORY)
    plan(VILLAGE, make_lesson(title="村里的课"), EVENING + timedelta(minutes=10))
    plan(VILLAGE, make_lesson(title="明天的课"), EVENING + DAY)
    window = (NOW, NOW + 7 * DAY)
    assert [one.lesson.title for one in service.programme(session, VILLAGE, window)] == ["县里的课", "明天的课"]
    assert [one.lesson.title for one in service.programme(session, COUNTY, window)] == ["县里的课"]
    assert service.programme(session, VILLAGE, (NOW + DAY, NOW + DAY)) == ()


def test_a_draft_is_not_seen_by_people(
    session: Session,
    village: Station,
    editor: Person,
    make_lesson: MakeLesson,
) -> None:
    layer = planning.layer_of(session, COUNTY)
    planning.edit(session, layer, slot(make_lesson()), editor, NOW)
    assert service.programme(session, VILLAGE, (NOW, NOW + 7 * DAY)) == ()
    assert service.published_until(session, VILLAGE) is None


def test_it_is_published_as_far_as_every_layer(
    session: Session,
    village: Station,
    plan: Plan,
    make_lesson: MakeLesson,
) -> None:
    plan(COUNTY, make_lesson(), EVENING)
    far = service.published_until(session, VILLAGE)
    assert far is not None
    assert far - NOW >= 14 * DAY
    planning.layer_of(session, COUNTY).window_end = NOW + 3 * DAY
    plan(VILLAGE, make_lesson(), EVENING + DAY)
    assert service.published_until(session, VILLAGE) == NOW + 3 * DAY
    assert service.published_until(session, "640205") is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("马场", True),
        ("马场村", True),
        ("平罗 马场", True),
        ("马场 平罗县", True),
        ("惠农 马场", False),
        ("没有这个村", False),
        ("%", False),
        ("", False),
        ("   ", False),
    ],
)
def test_a_station_is_found_by_its_name_and_its_place(
    session: Session, village: Station, typed: str, found: bool
) -> None:
    hits = service.stations_found(session, typed)
    assert (village.id in {station.id for station, _place in hits}) == found
    assert all(place.startswith("平罗县") for station, place in hits if station.id == village.id)


def test_the_way_down_leads_to_the_village_and_shows_no_empty_branch(session: Session, village: Station) -> None:
    code, steps = "", 0
    while not any(station.id == village.id for station in service.stations_at(session, code) if code):
        below = [region.code for region in service.regions_below(session, code)]
        assert len(below) > 1 or not steps
        (code,) = (one for one in below if VILLAGE.startswith(one))
        steps += 1
    assert code == VILLAGE
    assert steps <= 3, "levels with one region alone are passed over"
    assert service.regions_below(session, "640205") == []


@pytest.mark.parametrize("given", ["", "x", "0197a3c1-0000-7000-8000-00000000ffff", "../../etc/passwd", "0" * 500])
def test_an_unknown_station_is_not_found(session: Session, village: Station, given: str) -> None:
    with pytest.raises(NotFound):
        service.station_for_people(session, given)
    assert service.station_for_people(session, str(village.id)) is village

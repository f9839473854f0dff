"""The five ones on both databases: noted, never overwritten, within one's region; photographs removed and put back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.stars import service
from contentserver.stars.models import OneEntry, Photograph
from contentserver.stars.rules import One, OneState
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.stars import hostile
from tests.contentserver.stars.conftest import TOWNSHIP, note


def test_nothing_is_overwritten(session: Session, village: Station) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    first = note(session, village, One.PLACE, OneState.PARTLY, keeper)
    note(session, village, One.PLACE, OneState.HAS, keeper, after=first)
    standing = service.standings(session, village.id)[0]
    assert (standing.state, standing.fields["room"]) == (OneState.HAS, "有")
    assert [entry.state for entry in standing.history] == ["has", "partly"]
    assert [one.state for one in service.standings(session, village.id)[1:]] == [OneState.MISSING] * 4


def test_whoever_saw_an_older_entry_is_told_and_nothing_changes(session: Session, village: Station) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    note(session, village, One.PLACE, OneState.PARTLY, keeper)
    with pytest.raises(Conflict):
        note(session, village, One.PLACE, OneState.HAS, keeper)
    assert session.scalar(select(func.count()).select_from(OneEntry)) == 1


def test_the_same_again_is_no_new_entry(session: Session, village: Station) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    first = note(session, village, One.PLACE, OneState.HAS, keeper)
    assert note(session, village, One.PLACE, OneState.HAS, keeper, after=first) == first


@pytest.mark.parametrize(
    ("fields", "days", "wrong"),
    [
        ({"room": ""}, 0, "room"),
        ({"room": "x" * 301}, 0, "room"),
        ({"room": "x", "note": "x" * 301}, 0, "note"),
        ({"room": "x"}, 2, "since"),
        ({"room": "x"}, -20_000, "since"),
    ],
)
def test_bad_input_is_said_beside_its_field_and_changes_nothing(
    session: Session, village: Station, fields: dict[str, str], days: int, wrong: str
) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    with pytest.raises(Rejected) as refused:
        service.note_one(
            session,
            village,
            One.PLACE,
            state=OneState.HAS,
            fields=fields,
            since=NOW.date() + timedelta(days=days),
            after="",
            who=keeper,
            now=NOW,
        )
    assert set(refused.value.fields) == {wrong}
    assert session.scalar(select(func.count()).select_from(OneEntry)) == 0


@pytest.mark.parametrize(("role", "region"), [(Role.STATION_ADMIN, "640221203206"), (Role.SCHEDULER, VILLAGE)])
def test_only_those_who_keep_the_record_there_do(session: Session, village: Station, role: Role, region: str) -> None:
    with pytest.raises(Forbidden):
        note(session, village, One.PLACE, OneState.HAS, person(session, role, region))
    with pytest.raises(Forbidden):
        service.add_photograph(
            session,
            Path("never"),
            village,
            hostile.camera_jpeg(),
            one=One.PLACE,
            who=person(session, role, region),
            now=NOW,
        )


def test_the_list_says_who_lacks_what(session: Session, village: Station) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    note(session, village, One.PLACE, OneState.HAS, keeper)
    everybody = service.lacking(session, TOWNSHIP, None, "")
    without_place = service.lacking(session, TOWNSHIP, One.PLACE, "")
    assert len(everybody) == len(without_place) + 1
    assert village.id not in {station.id for station, _states in without_place}
    assert village.id in {station.id for station, _states in service.lacking(session, TOWNSHIP, One.RULES, "")}
    assert [station.id for station, _states in service.lacking(session, TOWNSHIP, None, village.name)] == [village.id]


def test_a_photograph_is_removed_and_put_back(session: Session, village: Station, tmp_path: Path) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)

    def add() -> Photograph:
        data = hostile.camera_jpeg()
        return service.add_photograph(session, tmp_path, village, data, one=One.RULES, who=keeper, now=NOW)

    def removed() -> list[bool]:
        return [one.removed_at is not None for one in service.photographs_of(session, village.id, one=One.RULES)]

    row = add()
    service.remove_photograph(session, row, keeper, NOW)
    service.remove_photograph(session, row, keeper, NOW)
    assert removed() == [True]
    assert add().id == row.id  # the same picture again is the same one, back
    assert removed() == [False]
    service.remove_photograph(session, row, keeper, NOW)
    service.remove_photograph(session, row, keeper, NOW, back=True)
    assert removed() == [False]
    assert service.photographs_of(session, village.id, one=One.PLACE) == []


def test_there_are_never_more_than_enough(session: Session, village: Station, tmp_path: Path) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    for number in range(service.MOST_PHOTOGRAPHS + 1):
        data = hostile.camera_jpeg((100 + number, 80))
        if number == service.MOST_PHOTOGRAPHS:
            with pytest.raises(Rejected):
                service.add_photograph(session, tmp_path, village, data, one=One.PLACE, who=keeper, now=NOW)
        else:
            service.add_photograph(session, tmp_path, village, data, one=One.PLACE, who=keeper, now=NOW)

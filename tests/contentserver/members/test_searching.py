"""Search on both databases: what is typed finds whom it means, within one's region, whatever became of a member."""

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.kernel.db import Database
from contentserver.members import add_member, find_everybody, look_up, members_found, rebuild_terms, searching
from contentserver.members.models import Member, MemberTerm
from contentserver.regions import Region
from contentserver.stations import Station, stations_in


def names(session: Session, words: str, root: str = "") -> list[str]:
    return [one.name for one in look_up(session, root, words)[0]]


def test_characters_pinyin_initials_and_numbers_find_somebody(session: Session, village: Station) -> None:
    for number, name in (("101", "马建国"), ("102", "单永强"), ("0427", "王小芳")):
        add_member(session, village.id, name, number)
    for words, found in (
        ("建国", ["马建国"]),
        ("shan", ["单永强"]),
        ("wxf", ["王小芳"]),
        ("10", ["马建国", "单永强"]),
        ("042", ["王小芳"]),
        ("dan", []),
        ("%", []),
        ("_", []),
        (" · ", []),
        ("", []),
    ):
        assert names(session, words) == found, words


def test_only_ones_own_region_is_searched_however_many_stations_it_has(
    session: Session, village: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = next(one for one in stations_in(session, village.region_code[:9]) if one.id != village.id)
    add_member(session, village.id, "马建国", "101")
    add_member(session, other.id, "马建军", "101")
    for few in (searching.FEW_STATIONS, 0):
        monkeypatch.setattr(searching, "FEW_STATIONS", few)
        assert names(session, "majian", village.region_code) == ["马建国"]
        assert sorted(names(session, "majian", village.region_code[:9])) == sorted(["马建军", "马建国"])
        assert names(session, "majian", "640202") == []


def test_more_than_are_shown_is_said(session: Session, village: Station) -> None:
    for number in range(4):
        add_member(session, village.id, "马建国", f"{101 + number}")
    rows, more = look_up(session, "", "mjg", 3)
    assert (len(rows), more) == (3, True)
    rows, more = look_up(session, "", "mjg", 4)
    assert (len(rows), more) == (4, False)


def test_terms_follow_every_change_of_a_member(session: Session, village: Station) -> None:
    other = next(one for one in stations_in(session, village.region_code[:9]) if one.id != village.id)
    member = add_member(session, village.id, "马建国", "101")
    member.name = "单永强"
    session.flush()
    assert (names(session, "majian"), names(session, "syq")) == ([], ["单永强"])
    member.number, member.station_id = "555", other.id
    session.flush()
    assert names(session, "55", other.region_code) == ["单永强"]
    assert names(session, "55", village.region_code) == []
    member.active = False
    session.flush()
    assert names(session, "syq") == ["单永强"]
    member.number, member.name = "-1", "原学员"
    session.flush()
    assert names(session, "原") == []
    session.delete(member)
    session.flush()
    assert session.scalars(select(MemberTerm)).all() == []


def test_who_left_comes_last_and_who_was_merged_is_not_found(session: Session, village: Station) -> None:
    first = add_member(session, village.id, "马建国", "101")
    second = add_member(session, village.id, "马建国", "102")
    first.active = False
    session.flush()
    assert [one.number for one in look_up(session, "", "mjg")[0]] == ["102", "101"]
    first.merged_into = second.id
    session.flush()
    assert [one.number for one in look_up(session, "", "mjg")[0]] == ["102"]
    here = select(Station.id).where(Station.id == village.id)
    assert [one.number for one in session.scalars(members_found(here, ""))] == ["102"]


def test_terms_made_anew_are_those_that_were_kept_in_step(session: Session, village: Station) -> None:
    for number, name in (("101", "马建国"), ("102", "吕长乐"), ("103", "Li Min")):
        add_member(session, village.id, name, number)
    session.add(Member(station_id=village.id, name="原学员", number="-1", active=False))
    session.flush()
    query = select(MemberTerm.term, MemberTerm.member_id, MemberTerm.station_id)
    before = set(session.execute(query).all())
    rebuild_terms(session)
    assert set(session.execute(query).all()) == before


def test_exactly_a_name_finds_all_who_have_it(session: Session, village: Station) -> None:
    add_member(session, village.id, "马建国", "101")
    add_member(session, village.id, "马建国强", "102")
    add_member(session, village.id, "马 建国", "103")
    found = searching.called(session, ["马建国"])
    assert sorted(one.number for one in found) == ["101", "103"]


def test_a_database_that_is_older_than_the_search_is_made_searchable_once(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Region(code="640221203205", level="village", parent_code=None, name="马场村"))
        session.flush()
        station = Station(name="马场村", kind="village", region_code="640221203205")
        session.add(station)
        session.flush()
        add_member(session, station.id, "马建国", "101")
        session.execute(delete(MemberTerm))
    assert find_everybody(database, only_where_missing=True).startswith("1 ")
    assert "nothing" in find_everybody(database, only_where_missing=True)
    assert find_everybody(database).startswith("1 ")
    with database.reader() as session:
        assert names(session, "mjg") == ["马建国"]

"""The roll: numbers that fit a remote, names that may be shown to a room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from contentserver.kernel.errors import Conflict, Rejected
from contentserver.members import add_member, expected_at, masked_roster_of, roster_of
from contentserver.members.rules import FORMER, masked
from contentserver.stations import Station

_CHINESE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)


@given(st.text(_CHINESE, min_size=1, max_size=6).filter(lambda name: name != FORMER))
def test_a_masked_name_keeps_its_ends_and_hides_the_rest(name: str) -> None:
    shown = masked(name)
    assert shown[0] == name[0]
    assert "*" in shown
    if len(name) > 2:
        assert (len(shown), shown[-1], set(shown[1:-1])) == (len(name), name[-1], {"*"})


def test_what_stands_for_somebody_who_left_years_ago_is_nobodys_name() -> None:
    assert masked(FORMER) == FORMER


def test_the_village_sees_whole_names_and_the_version_changes_with_the_roll(session: Session, village: Station) -> None:
    add_member(session, village.id, "王小芳", "0427")
    before = roster_of(session, village.id)
    assert [(one.name, one.number) for one in before.members] == [("王小芳", "0427")]
    elsewhere = masked_roster_of(session, village.id)
    assert [(one.name, one.number) for one in elsewhere.members] == [("王*芳", "0427")]
    assert elsewhere.version == before.version
    assert roster_of(session, village.id) == before
    add_member(session, village.id, "马建国", "101")
    assert roster_of(session, village.id).version != before.version
    assert expected_at(session, village.id) == 2


@pytest.mark.parametrize("number", ["", "12", "1234567", "12a", "１２３", "-12", "1 2"])
def test_a_number_that_no_remote_can_type_is_refused(session: Session, village: Station, number: str) -> None:
    with pytest.raises(Rejected):
        add_member(session, village.id, "马建国", number)


def test_a_number_belongs_to_one_person_of_a_station(session: Session, village: Station) -> None:
    add_member(session, village.id, "马建国", "101")
    with pytest.raises(Conflict):
        add_member(session, village.id, "马秀英", "101")


@pytest.mark.parametrize("card", ["123", "1" * 21, "12a4", "１２３４", "12 34", "1234\0"])
def test_a_card_that_no_reader_types_is_refused(session: Session, village: Station, card: str) -> None:
    with pytest.raises(Rejected):
        add_member(session, village.id, "马建国", "101", card)
    assert expected_at(session, village.id) == 0


def test_a_card_belongs_to_one_person_of_a_station_and_many_have_none(session: Session, village: Station) -> None:
    add_member(session, village.id, "马建国", "101", "0004127790")
    for number in ("102", "103"):
        add_member(session, village.id, "马秀英", number)
    with pytest.raises(Conflict):
        add_member(session, village.id, "马德福", "104", "0004127790")
    assert [one.card for one in roster_of(session, village.id).members] == ["0004127790", "", ""]

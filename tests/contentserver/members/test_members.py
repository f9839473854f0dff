"""The roll: numbers that fit a remote, names that may be shown to a room."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from contentserver.kernel.errors import Conflict, Rejected
from contentserver.members import add_member, expected_at, roster_of
from contentserver.members.rules import masked
from contentserver.stations import Station


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6))
def test_a_masked_name_keeps_its_ends_and_hides_the_rest(name: str) -> None:
    shown = masked(name)
    assert shown[0] == name[0]
    assert "*" in shown
    if len(name) > 2:
        assert (len(shown), shown[-1], set(shown[1:-1])) == (len(name), name[-1], {"*"})


def test_the_roster_shows_masked_names_and_changes_its_version_with_the_roll(
    session: Session, village: Station
) -> None:
    add_member(session, village.id, "王小芳", "0427")
    before = roster_of(session, village.id)
    assert [(one.name, one.number) for one in before.members] == [("王*芳", "0427")]
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

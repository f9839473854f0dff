"""Branches and roles: the tree, what may hang below what, dissolving and bringing back."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import add_member, branches, roles
from contentserver.members.branches import Words
from contentserver.members.models import Branch
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

TODAY = date(2026, 11, 23)
COUNTY, TOWNSHIP = VILLAGE[:6], VILLAGE[:9]


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, COUNTY)


def founded(session: Session, who: Person, name: str, region: str = TOWNSHIP, parent: Branch | None = None) -> Branch:
    words = Words(name, "branch", region, parent.id if parent else None, date(2001, 7, 1))
    return branches.found(session, words, who, NOW, TODAY)


def test_branches_stand_in_a_tree_with_their_people(session: Session, village: Station, who: Person) -> None:
    committee = founded(session, who, "镇党委")
    below = founded(session, who, "马场村支部", VILLAGE, committee)
    add_member(session, village.id, "马建国", "101").branch_id = below.id
    session.flush()
    (top,) = branches.tree(session, COUNTY)
    assert (top.row.name, top.people, top.all_people) == ("镇党委", 0, 1)
    assert [one.row.name for one in top.below] == ["马场村支部"]
    (alone,) = branches.tree(session, VILLAGE)
    assert alone.row.id == below.id
    assert [one.name for one in branches.choices_for(session, VILLAGE)] == ["马场村支部", "镇党委"]
    assert branches.tree(session, "640202") == []


def test_a_branch_that_cannot_stand_says_what_is_wrong_with_each_field(session: Session, who: Person) -> None:
    founded(session, who, "镇党委")
    elsewhere = founded(session, who, "村支部", VILLAGE)
    for words, field in (
        (Words("", "branch", TOWNSHIP), "name"),
        (Words("镇党委", "branch", TOWNSHIP), "name"),
        (Words("新", "club", TOWNSHIP), "kind"),
        (Words("新", "branch", TOWNSHIP, elsewhere.id), "parent"),
        (Words("新", "branch", TOWNSHIP, None, TODAY + timedelta(days=1)), "founded_on"),
    ):
        with pytest.raises(Rejected) as refused:
            branches.found(session, words, who, NOW, TODAY)
        assert field in refused.value.fields
    with pytest.raises(Forbidden):
        branches.found(session, Words("新", "branch", "640202"), who, NOW, TODAY)


def test_no_branch_comes_to_hang_below_itself(session: Session, who: Person) -> None:
    first = founded(session, who, "一")
    second = founded(session, who, "二", parent=first)
    for parent in (first, second):
        with pytest.raises(Rejected) as refused:
            branches.change(session, first, Words("一", "branch", TOWNSHIP, parent.id), who, NOW, TODAY)
        assert "parent" in refused.value.fields
    branches.change(session, second, Words("二号", "group", TOWNSHIP), who, NOW, TODAY)
    assert (second.name, second.kind, second.parent_id) == ("二号", "group", None)


def test_one_that_is_dissolved_takes_nobody_and_can_be_brought_back(
    session: Session, village: Station, who: Person
) -> None:
    above = founded(session, who, "镇党委")
    row = founded(session, who, "村支部", VILLAGE, above)
    member = add_member(session, village.id, "马建国", "101")
    member.branch_id = row.id
    role = roles.begin(session, member, row.id, "secretary", date(2020, 1, 1), who, NOW, TODAY)
    with pytest.raises(Rejected):
        branches.dissolve(session, row, " ", who, NOW, TODAY)
    with pytest.raises(Conflict):
        branches.dissolve(session, above, "合并", who, NOW, TODAY)
    assert branches.dissolve(session, row, "合并", who, NOW, TODAY) == 1
    assert role.until == TODAY
    with pytest.raises(Rejected) as refused:
        branches.require_takes(session, row.id, VILLAGE, TODAY)
    assert "村支部" in str(refused.value.sentence)
    with pytest.raises(Rejected):
        roles.begin(session, member, row.id, "deputy", TODAY, who, NOW, TODAY)
    with pytest.raises(Conflict):
        roles.end(session, member, role.id, None, who, NOW, TODAY, undo=True)
    branches.dissolve(session, above, "合并", who, NOW, TODAY)
    with pytest.raises(Conflict):
        branches.bring_back(session, row, who, NOW)
    branches.bring_back(session, above, who, NOW)
    branches.bring_back(session, row, who, NOW)
    assert [one.row.until for one in roles.held_by(session, member.id)] == [None]
    assert branches.require_takes(session, row.id, VILLAGE, TODAY) is row


def test_roles_have_days_and_stay_to_be_read(session: Session, village: Station, who: Person) -> None:
    row, member = founded(session, who, "村支部", VILLAGE), add_member(session, village.id, "马建国", "101")
    for branch, role, since, field in (
        (None, "secretary", TODAY, "branch"),
        (row.id, "king", TODAY, "role"),
        (row.id, "secretary", TODAY + timedelta(days=1), "since"),
        (row.id, "secretary", None, "since"),
    ):
        with pytest.raises(Rejected) as refused:
            roles.begin(session, member, branch, role, since, who, NOW, TODAY)
        assert field in refused.value.fields
    held = roles.begin(session, member, row.id, "secretary", date(2020, 1, 1), who, NOW, TODAY)
    with pytest.raises(Conflict):
        roles.begin(session, member, row.id, "secretary", TODAY, who, NOW, TODAY)
    with pytest.raises(Rejected):
        roles.end(session, member, held.id, date(2019, 12, 31), who, NOW, TODAY)
    roles.end(session, member, held.id, date(2025, 12, 31), who, NOW, TODAY)
    roles.begin(session, member, row.id, "secretary", TODAY, who, NOW, TODAY)
    assert [one.row.until for one in roles.held_by(session, member.id)] == [None, date(2025, 12, 31)]
    assert len(roles.held_in(session, row.id)) == 2
    other = add_member(session, village.id, "马秀英", "102")
    with pytest.raises(NotFound):
        roles.end(session, other, held.id, TODAY, who, NOW, TODAY)


def test_only_who_administers_everything_changes_what_there_is_to_do(session: Session, village: Station) -> None:
    chief, staff = person(session, Role.SYSTEM_ADMIN, ""), person(session, Role.COUNTY_STAFF, COUNTY)
    with pytest.raises(Forbidden):
        roles.add_kind(session, "联络员", staff, NOW)
    row = roles.add_kind(session, "联络员", chief, NOW)
    with pytest.raises(Rejected):
        roles.add_kind(session, "联络员", chief, NOW)
    assert roles.names(session)[row.code] == "联络员"
    roles.retire_kind(session, row.code, chief, NOW)
    assert row.code not in {one.code for one in roles.kinds(session)}
    roles.retire_kind(session, row.code, chief, NOW, undo=True)
    assert row.code in {one.code for one in roles.kinds(session)}

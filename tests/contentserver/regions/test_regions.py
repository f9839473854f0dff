"""The tree: real data, and lists that are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import regions
from contentserver.admin import OWN_REGIONS
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.regions import Region
from contentserver.regions.rules import LENGTHS, ancestors_and_self, depth_of, in_subtree

CODES = st.text("0123456789", min_size=12, max_size=12)


@given(CODES)
def test_a_village_has_five_levels_and_lies_below_each(code: str) -> None:
    path = ancestors_and_self(code)
    assert [len(one) for one in path] == list(LENGTHS)
    assert [depth_of(one) for one in path] == [0, 1, 2, 3, 4]
    assert all(in_subtree(code, one) for one in path)


def test_the_real_regions_come_in_whole_and_a_second_time_change_nothing(session: Session) -> None:
    for _ in range(2):
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            assert regions.import_csv(session, lines) == 367
        assert session.scalar(select(func.count()).select_from(Region)) == 367
    names = [region.name for region in regions.path_of(session, "640221203205")]
    assert names == ["宁夏回族自治区", "石嘴山市", "平罗县", "通伏乡", "马场村委会"]
    assert len(regions.children_of(session, "6402")) == 3


@pytest.mark.parametrize(
    "row",
    [
        "64x,province,,宁夏",
        "6402,province,64,石嘴山市",
        "6402,city,63,石嘴山市",
        "6402,city,62,石嘴山市",
        "6,province,,宁夏",
    ],
)
def test_a_wrong_row_is_named_and_nothing_comes_in(session: Session, row: str) -> None:
    with pytest.raises(Rejected) as refusal:
        regions.import_csv(session, ["code,level,parent,name", "64,province,,宁夏", row])
    assert refusal.value.code == "region_row_wrong"
    assert session.scalar(select(func.count()).select_from(Region)) == 0


def test_an_unknown_region_is_said_to_be_unknown(session: Session) -> None:
    with pytest.raises(NotFound):
        regions.region_named(session, "99")

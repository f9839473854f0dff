"""What a group of stations may be, and which stations its rule holds for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.stations import rules
from contentserver.stations.rules import KINDS, NAME_MAX, GroupFault, GroupWords

codes = st.sampled_from(("64", "6402", "640221", "640221203", "640221203205", "640221204", "640205", "6402050001"))
kinds = st.sampled_from((*KINDS, "barn"))
words_drawn = st.builds(
    GroupWords,
    region_code=codes,
    name=st.text(max_size=80),
    picked=st.booleans(),
    kinds=st.lists(kinds, max_size=4).map(tuple),
    below=st.just("") | codes,
)


@given(words_drawn)
def test_tidied_words_stay_as_they_are(words: GroupWords) -> None:
    tidied = words.tidied
    assert tidied.tidied == tidied
    assert "\n" not in tidied.name
    assert tidied.name == tidied.name.strip()
    if tidied.picked:
        assert (tidied.kinds, tidied.below) == ((), "")
    assert set(tidied.kinds) <= set(words.kinds)


@given(words_drawn, codes, kinds)
def test_no_group_without_a_fault_holds_what_lies_outside_its_region(words: GroupWords, code: str, kind: str) -> None:
    words = words.tidied
    if rules.group_faults(words):
        return
    holds = words.may_hold(code, kind)
    assert not holds or code.startswith(words.region_code)
    if holds and words.kinds:
        assert kind in words.kinds
    if not words.picked:
        assert words.may_hold(words.root, next(iter(words.kinds), "village"))


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        (GroupWords(region_code="64", name=" \n\u200b"), [("name", GroupFault.NO_NAME)]),
        (GroupWords(region_code="64", name="字" * (NAME_MAX + 1)), [("name", GroupFault.NAME_LONG)]),
        (GroupWords(region_code="", name="农场"), [("region_code", GroupFault.NO_REGION)]),
        (GroupWords(region_code="64", name="农场", picked=False), [("kinds", GroupFault.NO_RULE)]),
        (GroupWords(region_code="64", name="农场", picked=False, below="64"), [("kinds", GroupFault.NO_RULE)]),
        (
            GroupWords(region_code="64", name="农场", picked=False, kinds=("barn",)),
            [("kinds", GroupFault.KIND_UNKNOWN)],
        ),
        (GroupWords(region_code="6402", name="农场", picked=False, below="6403"), [("below", GroupFault.NOT_BELOW)]),
        (GroupWords(region_code="6402", name="农场", picked=False, below="64"), [("below", GroupFault.NOT_BELOW)]),
        (GroupWords(region_code="64", name="农场", picked=True, kinds=("barn",), below="99"), []),
        (GroupWords(region_code="64", name="农场", picked=False, kinds=("farm", "farm")), []),
    ],
)
def test_each_fault_stands_beside_its_field(words: GroupWords, faults: list[tuple[str, GroupFault]]) -> None:
    assert list(rules.group_faults(words.tidied)) == faults

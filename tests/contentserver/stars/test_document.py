"""The document of the rules: the shipped one holds, and every fault is named with its line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.stars import document
from contentserver.stars.document import FaultKind

SHIPPED = document.shipped()


def test_the_shipped_rules_hold_together() -> None:
    found = document.read(SHIPPED)
    assert found.faults == ()
    assert found.rules is not None
    assert sum(one.weight for one in found.rules.criteria) == 100
    assert list(found.rules.thresholds) == sorted(set(found.rules.thresholds))
    assert len(found.rules.items) == 6


def _line(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


@pytest.mark.parametrize(
    ("old", "new", "kind", "name"),
    [
        ("weight = 20", 'weight = "20"', FaultKind.NOT_A_NUMBER, "criteria.held.weight"),
        ("weight = 20", "weight = true", FaultKind.NOT_A_NUMBER, "criteria.held.weight"),
        ("weight = 20", "weight = 20.5", FaultKind.NOT_A_NUMBER, "criteria.held.weight"),
        ("weight = 20", "weight = 101", FaultKind.OUT_OF_RANGE, "criteria.held.weight"),
        ("weight = 20", "weigth = 20", FaultKind.UNKNOWN, "criteria.held.weigth"),
        ("[criteria.held]", "[criteria.heldd]", FaultKind.UNKNOWN, "criteria.heldd"),
        ("five = 90", "five = 80", FaultKind.NOT_RISING, "stars.five"),
        ("five = 90", "five = 0", FaultKind.OUT_OF_RANGE, "stars.five"),
        ("percent = 10", "percent = -1", FaultKind.OUT_OF_RANGE, "inspection.percent"),
        ("days = 15", "days = 0", FaultKind.OUT_OF_RANGE, "appeal.days"),
        ("full = 60", "full = 0", FaultKind.OUT_OF_RANGE, "criteria.coverage.full"),
        ('title = "', "title = 5 #", FaultKind.NOT_A_TEXT, "title"),
        ("[appeal]", "[appeal]\nhow = 1", FaultKind.UNKNOWN, "appeal.how"),
    ],
)
def test_a_fault_is_named_with_its_line(old: str, new: str, kind: FaultKind, name: str) -> None:
    text = SHIPPED.replace(old, new, 1)
    found = document.read(text)
    assert found.rules is None
    fault = next(one for one in found.faults if (one.kind, one.name) == (kind, name))
    assert fault.line == _line(text, new.splitlines()[-1])


def test_weights_that_do_not_come_to_a_hundred_are_said_with_their_sum() -> None:
    found = document.read(SHIPPED.replace("weight = 20", "weight = 21", 1))
    assert [(one.kind, one.least, one.most) for one in found.faults] == [(FaultKind.WEIGHTS, 101, 100)]


def test_a_border_above_the_other_is_a_fault() -> None:
    text = SHIPPED.replace("none = 50\nfull = 95", "none = 95\nfull = 95", 1)
    assert [one.kind for one in document.read(text).faults] == [FaultKind.NONE_ABOVE_FULL]


def test_a_need_for_something_without_weight_is_a_fault() -> None:
    start, end = SHIPPED.index("[criteria.held]"), SHIPPED.index("[criteria.hours]")
    text = (SHIPPED[:start] + SHIPPED[end:]).replace("weight = 15", "weight = 35", 1)
    assert [(one.kind, one.name) for one in document.read(text).faults] == [(FaultKind.NOT_WEIGHED, "needs.five.held")]


@pytest.mark.parametrize("items", ["[]", "[1]", '["一", "一"]', '"一"', "[" + ", ".join(['"x"'] * 21) + "]"])
def test_items_are_a_list_of_different_texts(items: str) -> None:
    start, end = SHIPPED.index("items = ["), SHIPPED.index("]\n", SHIPPED.index("items = [")) + 1
    found = document.read(f"{SHIPPED[:start]}items = {items}{SHIPPED[end:]}")
    assert [(one.kind, one.name) for one in found.faults] == [(FaultKind.NOT_ITEMS, "inspection.items")]


def test_a_missing_table_is_one_fault() -> None:
    start = SHIPPED.index("[stars]")
    end = SHIPPED.index("[needs.four]")
    assert [(one.kind, one.name) for one in document.read(SHIPPED[:start] + SHIPPED[end:]).faults] == [
        (FaultKind.MISSING, "stars")
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a =", 1), ("a = 1\nb = \n", 2), ("a = 1\n\n[x\n", 3), ("[" * 3000, 1), ("a = " + "9" * 5000, 1)],
)
def test_what_cannot_be_read_is_said_with_its_line(text: str, line: int) -> None:
    found = document.read(text)
    assert found.rules is None
    assert [one.kind for one in found.faults] == [FaultKind.UNREADABLE]
    assert found.faults[0].line == line


def test_a_document_without_end_is_refused() -> None:
    assert [one.kind for one in document.read("#" * 20_001).faults] == [FaultKind.TOO_LONG]


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    found = document.read(text)
    assert (found.rules is None) == bool(found.faults)


@given(st.data())
def test_no_damaged_document_breaks_the_reader(data: st.DataObject) -> None:
    """A stretch of the shipped one is cut out or replaced."""
    start = data.draw(st.integers(0, len(SHIPPED)))
    end = data.draw(st.integers(start, min(len(SHIPPED), start + 80)))
    text = SHIPPED[:start] + data.draw(st.text(max_size=20)) + SHIPPED[end:]
    found = document.read(text)
    assert (found.rules is None) == bool(found.faults)
    assert all(1 <= one.line <= text.count("\n") + 1 for one in found.faults)

"""Identity numbers: the form, the birthday, the check digit."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.members.identity import Fault, Identity, check_of, masked_identity, read

TODAY = date(2026, 11, 28)


def numbered(day: date, region: str = "640221", sequence: str = "001") -> str:
    digits = f"{region}{day:%Y%m%d}{sequence}"
    return digits + check_of(digits)


def test_the_standards_own_example() -> None:
    assert read("11010519491231002X", TODAY) == Identity("11010519491231002X", date(1949, 12, 31))
    assert read(" 110105 19491231 002x ", TODAY) == Identity("11010519491231002X", date(1949, 12, 31))
    assert read("１１０１０５１９４９１２３１００２Ｘ", TODAY) == Identity("11010519491231002X", date(1949, 12, 31))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.FORM),
        ("110105491231002", Fault.FORM),
        ("1101051949123100XX", Fault.FORM),
        ("010105194912310021", Fault.FORM),
        ("٣١٠١٠٥١٩٤٩١٢٣١٠٠٢X", Fault.FORM),
        ("110105194902300020", Fault.BIRTHDAY),
        ("110105189912310021", Fault.BIRTHDAY),
        ("110105194912310021", Fault.CHECK),
    ],
)
def test_what_is_no_identity_number_is_told_by_its_fault(text: str, fault: Fault) -> None:
    assert read(text, TODAY) is fault


def test_nobody_is_born_tomorrow() -> None:
    assert read(numbered(TODAY), TODAY) == Identity(numbered(TODAY), TODAY)
    assert read(numbered(TODAY + timedelta(days=1)), TODAY) is Fault.BIRTHDAY


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(day: date, sequence: int, place: int, more: int) -> None:
    number = numbered(day, sequence=f"{sequence:03}")
    assert read(number, TODAY) == Identity(number, day)
    wrong = number[:place] + str((int(number[place]) + more) % 10) + number[place + 1 :]
    assert isinstance(read(wrong, TODAY), Fault)
    assert number[6:14] not in masked_identity(number)

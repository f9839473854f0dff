"""What an entry may say: whatever is typed is kept whole or refused, and what is kept is kept the same again."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from contentserver.ledger import kinds, rules
from contentserver.ledger.rules import Belongs, Fault, Field, FieldType, KindOfEntry, Named
from contentserver.processes import due_on, is_working_day

TYPES = [one for one in FieldType if one is not FieldType.DURATION]
CHOICES = (Named("一", "one"), Named("二", "two"))


def field(kind: FieldType, *, required: bool = False) -> Field:
    """One field of a type."""
    return Field("name", "名", "Name", kind, required, choices=CHOICES if kind is FieldType.CHOICE else ())


def of(*fields: Field) -> KindOfEntry:
    """A kind with these fields."""
    return KindOfEntry(zh="类", en="Kind", fields=fields)


@given(st.sampled_from(TYPES), st.text(max_size=200), st.booleans())
def test_whatever_is_typed_is_a_value_or_a_fault_and_reads_the_same_again(
    kind: FieldType, text: str, required: bool
) -> None:
    found = rules.check(of(field(kind, required=required)), {"name": text})
    assert not (found.values and found.faults)
    if not found.values and not found.faults:
        assert not required
        assert rules.clean(text, lines=True) == ""
    if found.values and kind is not FieldType.MONEY:
        assert rules.check(of(field(kind)), found.values).values == found.values


@given(st.integers(-(10**9), 10**9))
def test_money_is_kept_in_cents_and_stands_in_the_form_as_it_was(cents: int) -> None:
    yuan = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
    assert rules.read(field(FieldType.MONEY), yuan) == str(cents)


def test_money_and_numbers_as_people_type_them() -> None:
    money, people = field(FieldType.MONEY), field(FieldType.PEOPLE)
    assert [rules.read(money, one) for one in ("1,200", "¥1200.5", "１２００元")] == ["120000", "120050", "120000"]
    assert [rules.read(money, one) for one in ("1.234", "1e5", "一百", "--1")] == [Fault.NO_MONEY] * 4
    assert [rules.read(people, one) for one in ("２３", "1,000", "0")] == ["23", "1000", "0"]
    assert [rules.read(people, one) for one in ("-1", "3.5", "many")] == [Fault.NO_NUMBER] * 3
    assert rules.read(people, "100001") is Fault.TOO_MANY_PEOPLE


@given(st.text(max_size=60))
def test_no_direction_or_control_character_is_kept(text: str) -> None:
    kept = rules.clean(f"a{text}\u202e\u0007b")
    assert "\u202e" not in kept
    assert "\u0007" not in kept
    assert "\n" not in kept


@given(st.lists(st.text("马李王甲乙丙", min_size=1, max_size=4), max_size=30))
def test_who_signed_stands_there_once(names: list[str]) -> None:
    kept, fault = rules.check_signers("、".join(names))
    assert fault is None
    assert kept.split("\n") == list(dict.fromkeys(names)) or (kept, names) == ("", [])


def test_too_many_and_too_long_signatures_are_faults() -> None:
    assert rules.check_signers("\n".join(f"甲{number}" for number in range(201)))[1] is Fault.TOO_MANY_SIGNERS
    assert rules.check_signers("甲" * 31)[1] is Fault.SIGNER_TOO_LONG


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_months_before_lie_before(day: date, back: int) -> None:
    month = rules.month_of(day)
    before = rules.month_before(month, back)
    assert before.day == 1
    assert (month.year - before.year) * 12 + month.month - before.month == back
    assert rules.last_of(month) + timedelta(days=1) == rules.month_before(month, -1)


def test_a_month_closes_on_a_working_day_after_its_end_and_holidays_do_not_count() -> None:
    closes = due_on(rules.last_of(date(2026, 9, 1)), rules.CLOSES_AFTER)
    assert is_working_day(closes)
    assert closes > date(2026, 10, 8)  # the first week of October is a holiday
    assert not rules.is_closed(closes, closes)
    assert rules.is_closed(closes, closes + timedelta(days=1))


def test_what_must_belong_to_an_entry_is_asked_for() -> None:
    kind = KindOfEntry(zh="类", en="Kind", fields=(), photographs=Belongs.MUST, signatures=Belongs.MUST)
    assert set(rules.lacks(kind, photographs=0, signatures=0, signers="")) == {"photographs", "signers"}
    assert rules.lacks(kind, photographs=1, signatures=1, signers="") == {}
    assert rules.lacks(kind, photographs=1, signatures=0, signers="马建国") == {}


def test_the_shipped_kinds_are_whole_and_can_be_written_as_people_write_them() -> None:
    for code, one in kinds.KINDS.shipped.items():
        assert one.fields[0].type is FieldType.TEXT, code
        assert one.version >= 1
        if not one.arises:
            again = kinds.KINDS.read(kinds.written(one))
            assert (again.fields, again.monthly, again.signatures) == (one.fields, one.monthly, one.signatures), code

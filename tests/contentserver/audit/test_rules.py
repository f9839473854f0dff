"""The chain by property: whatever is altered, taken out, put in or swapped is found, at its number."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from contentserver.audit.rules import NOTHING, Fault, Link, canonical, check, differences, link

WORDS = st.text(max_size=12)
IDS = st.uuids()


@st.composite
def links(draw: st.DrawFn) -> Link:
    """A row with any contents, without number and hash."""
    at = draw(st.datetimes(timezones=st.just(UTC)).filter(lambda one: 2000 <= one.year < 3000))
    names = ("action", "subject", "before", "after", "address", "request")
    texts: dict[str, Any] = {name: draw(WORDS) for name in names}
    ids: dict[str, Any] = {name: draw(st.none() | IDS) for name in ("account_id", "for_account_id")}
    return Link(number=0, id=draw(IDS), at=at, **ids, **texts)


def chained(rows: list[Link]) -> list[Link]:
    """The rows with their numbers and hashes."""
    made, last = [], NOTHING
    for number, row in enumerate(rows, 1):
        numbered = replace(row, number=number)
        last = link(last, numbered)
        made.append(replace(numbered, hash=last))
    return made


CHAINS = st.lists(links(), min_size=2, max_size=6).map(chained)


def end_of(chain: list[Link]) -> tuple[int, str]:
    return chain[-1].number, chain[-1].hash


@given(CHAINS)
def test_a_whole_chain_holds(chain: list[Link]) -> None:
    found = check(chain, end_of(chain))
    assert (found.fault, found.number, found.hash) == (None, *end_of(chain))


@given(CHAINS, st.data())
def test_an_altered_row_is_found(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    field = data.draw(st.sampled_from([name for name in Link.__dataclass_fields__ if name not in ("number", "hash")]))
    later = chain[place].at + timedelta(microseconds=1)
    changes: dict[str, object] = {"id": UUID(int=chain[place].id.int ^ 1), "at": later}
    for name in ("account_id", "for_account_id"):
        changes[name] = UUID(int=5) if getattr(chain[place], name) is None else None
    change = changes.get(field, str(getattr(chain[place], field)) + "x")
    altered = replace(chain[place], **{field: change})  # type: ignore[arg-type]  # each value fits its field
    found = check([*chain[:place], altered, *chain[place + 1 :]], end_of(chain))
    assert (found.fault, found.broken_at, found.number) == (Fault.ALTERED, place + 1, place)


@given(CHAINS, st.data())
def test_a_row_taken_out_is_found(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    found = check([*chain[:place], *chain[place + 1 :]], end_of(chain))
    assert (found.fault, found.broken_at) == (Fault.CUT_OFF if place == len(chain) - 1 else Fault.MISSING, place + 1)


@given(CHAINS, links(), st.data())
def test_a_row_put_in_is_found_whether_the_rest_is_numbered_anew_or_not(
    chain: list[Link], stranger: Link, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(chain)))
    before = chain[place - 1].hash if place else NOTHING
    stranger = replace(stranger, number=place + 1)
    stranger = replace(stranger, hash=link(before, stranger))
    rest = [replace(row, number=row.number + 1) for row in chain[place:]]
    found = check([*chain[:place], stranger, *rest], end_of(chain))
    assert found.fault is not None
    assert found.broken_at == (place + 2 if rest else place + 1)
    twice = check([*chain[:place], stranger, *chain[place:]], end_of(chain))
    assert twice.fault is Fault.INSERTED
    assert check(chain, end_of(chain), unnumbered=1).fault is Fault.INSERTED


@given(CHAINS, st.data())
def test_swapped_rows_are_found(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 2))
    first, second = chain[place], chain[place + 1]
    swapped = [replace(second, number=first.number), replace(first, number=second.number)]
    found = check([*chain[:place], *swapped, *chain[place + 2 :]], end_of(chain))
    assert (found.fault, found.broken_at) == (Fault.ALTERED, place + 1)


@given(CHAINS)
def test_another_head_is_found(chain: list[Link]) -> None:
    found = check(chain, (len(chain), NOTHING))
    assert (found.fault, found.broken_at) == (Fault.ALTERED, len(chain))
    assert check(chain[:1], end_of(chain)).fault is Fault.CUT_OFF


@given(links(), links())
def test_different_rows_are_written_differently(one: Link, other: Link) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


def test_what_changed_is_told_field_by_field() -> None:
    before, after = '{"a": 1, "b": "x"}', '{"a": 2, "b": "x", "c": ["y", "z"]}'
    assert differences(before, after) == [("a", "1", "2"), ("c", "", "y, z")]
    assert differences("", '{"a": null}') == [("a", "", "null")]
    assert differences("not json", "3") == [("", "not json", "3")]

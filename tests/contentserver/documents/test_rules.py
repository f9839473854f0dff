"""What a document may say, its number, its deadlines, answers, and whose matter it is that somebody is late."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.documents import rules
from contentserver.documents.rules import AnswerFault, Asked, Change, Fault, Progress, Receipt, ReplyKind
from contentserver.processes import due_on
from tests.contentserver.documents.samples import COUNTY, TOWNSHIP, VILLAGE, words

MONDAY = date(2026, 11, 23)
days = st.dates(date(2026, 1, 1), date(2026, 12, 1))


def found(**changes: object) -> set[tuple[str, Fault]]:
    return {(one.field, one.fault) for one in rules.faults(rules.tidied(words(**changes)))}


def test_a_document_needs_somebody_to_read_it_a_title_and_words() -> None:
    assert found() == set()
    assert found(regions=(), title=" ", text="\n") == {
        ("regions", Fault.NOBODY),
        ("title", Fault.NO_TITLE),
        ("text", Fault.NO_TEXT),
    }
    assert found(to_offices=False, to_stations=False) == {("to_offices", Fault.NEITHER)}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": "长" * 81}, ("title", Fault.TITLE_LONG)),
        ({"text": "长" * 6001}, ("text", Fault.TEXT_LONG)),
        ({"read_days": 0}, ("read_days", Fault.DAYS)),
        ({"read_days": 91}, ("read_days", Fault.DAYS)),
        ({"reply": ReplyKind.TEXT, "reply_days": 2}, ("reply_days", Fault.REPLY_BEFORE_READING)),
        ({"reply": ReplyKind.CHOICE, "options": ("一",)}, ("options", Fault.FEW_OPTIONS)),
        ({"reply": ReplyKind.CHOICE, "options": tuple("一二三四五")}, ("options", Fault.MANY_OPTIONS)),
        ({"reply": ReplyKind.CHOICE, "options": ("长" * 25, "短")}, ("options", Fault.OPTION_LONG)),
        ({"reply": ReplyKind.FIELDS}, ("options", Fault.NO_FIELDS)),
        ({"reply": ReplyKind.FIELDS, "options": tuple("123456789")}, ("options", Fault.MANY_FIELDS)),
        ({"reply": ReplyKind.FIELDS, "options": ("长" * 41,)}, ("options", Fault.FIELD_LONG)),
    ],
)
def test_every_fault_stands_beside_its_field(changes: dict[str, object], fault: tuple[str, Fault]) -> None:
    assert found(**changes) == {fault}


def test_signs_that_nobody_sees_are_gone() -> None:
    tidy = rules.tidied(words(title="通知\u202e\u200f改", text="一\u0000\n\n  二\u2066  三"))
    assert (tidy.title, tidy.text) == ("通知 改", "一\n二 三")


def test_a_number_as_offices_print_it() -> None:
    assert rules.number_of("平农发", 2026, 12) == "平农发〔2026〕12号"
    assert [rules.usual_word(one) for one in ("平罗县", "石嘴山市", "黄渠桥镇", "市区")] == [
        "平罗发",
        "石嘴山发",
        "黄渠桥发",
        "市区发",
    ]


def test_how_far_it_has_come() -> None:
    asked = Asked(2, ReplyKind.YES_NO, None, None)
    assert rules.progress(Receipt(received=False, read_version=0, replied=False), asked) is Progress.SENT
    assert rules.progress(Receipt(received=True, read_version=1, replied=True), asked) is Progress.RECEIVED
    assert rules.progress(Receipt(received=True, read_version=2, replied=False), asked) is Progress.READ
    assert rules.progress(Receipt(received=True, read_version=2, replied=True), asked) is Progress.REPLIED


@given(days, st.integers(1, 30))
def test_a_recipient_is_reminded_on_the_working_day_before_a_deadline_and_never_earlier(day: date, ahead: int) -> None:
    due = due_on(day, ahead)
    receipt, asked = Receipt(received=True, read_version=0, replied=False), Asked(1, ReplyKind.NONE, due, None)
    assert rules.reminds(receipt, asked, day) == (ahead == 1)
    assert rules.reminds(receipt, asked, due + timedelta(days=1))
    assert not rules.reminds(Receipt(received=True, read_version=1, replied=False), asked, due + timedelta(days=1))


@given(days, st.integers(0, 40))
def test_lateness_climbs_one_office_after_every_three_working_days_and_stops_at_the_issuer(due: date, on: int) -> None:
    today = due + timedelta(days=on)
    reached = rules.escalated_to(VILLAGE, COUNTY, due, today)
    assert reached == (TOWNSHIP, COUNTY)[: len(reached)]
    assert bool(reached) == (on > 0)
    assert (len(reached) == 2) == (today > due_on(due, 3))
    assert (due <= rules.late_before(0, today)) == (len(reached) >= 1)
    assert (due <= rules.late_before(1, today)) == (len(reached) == 2)


def test_an_office_that_is_late_is_the_matter_of_the_one_above() -> None:
    friday = MONDAY + timedelta(days=4)
    assert rules.escalated_to(TOWNSHIP, COUNTY, MONDAY, friday) == (COUNTY,)
    assert rules.escalated_to(VILLAGE, TOWNSHIP, MONDAY, friday + timedelta(days=30)) == (TOWNSHIP,)


@pytest.mark.parametrize(
    ("kind", "options", "answer", "fault"),
    [
        (ReplyKind.YES_NO, (), ("yes",), None),
        (ReplyKind.YES_NO, (), ("maybe",), AnswerFault.NOT_OFFERED),
        (ReplyKind.CHOICE, ("参加", "不参加"), ("参加",), None),
        (ReplyKind.CHOICE, ("参加", "不参加"), (), AnswerFault.EMPTY),
        (ReplyKind.TEXT, (), ("已部署",), None),
        (ReplyKind.TEXT, (), ("",), AnswerFault.EMPTY),
        (ReplyKind.TEXT, (), ("长" * 501,), AnswerFault.LONG),
        (ReplyKind.FIELDS, ("亩", "户"), ("12", "3"), None),
        (ReplyKind.FIELDS, ("亩", "户"), ("12", ""), AnswerFault.EMPTY),
        (ReplyKind.FIELDS, ("亩", "户"), ("12",), AnswerFault.EMPTY),
    ],
)
def test_what_an_answer_must_be(
    kind: ReplyKind, options: tuple[str, ...], answer: tuple[str, ...], fault: AnswerFault | None
) -> None:
    assert rules.answer_fault(kind, options, answer) is fault


paragraphs = st.lists(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=4), max_size=8)


@given(paragraphs, paragraphs)
def test_a_difference_has_all_of_both_versions(before: list[str], after: list[str]) -> None:
    changes = rules.difference("\n".join(before), "\n".join(after))
    assert [line for what, line in changes if what is not Change.GONE and line] == after
    assert [line for what, line in changes if what is not Change.ADDED and line] == before


def test_a_television_with_a_wrong_clock_reads_neither_in_the_future_nor_before_it_was_sent() -> None:
    noon = datetime(2026, 11, 23, 4, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert rules.read_at(noon + hour, noon, noon - hour) == noon
    assert rules.read_at(noon - 9 * hour, noon, noon - hour) == noon - hour

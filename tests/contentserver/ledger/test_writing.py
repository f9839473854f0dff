"""Entries on both databases: written, refused, corrected with history, marked when their month is closed."""

import io
from datetime import UTC, date, datetime

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Rejected
from contentserver.ledger import drafting, history, kinds, listing, service
from contentserver.ledger.drafting import Typed
from contentserver.ledger.models import LedgerDraft, LedgerEntry, LedgerPhotograph
from contentserver.stars import photograph_file
from schedules.holidays import PUBLISHED
from tests.contentserver.ledger.conftest import DAY, MONTH, WRITTEN_AT, Book, meeting, picture, write

LATER = datetime(2026, 12, 20, 2, 0, tzinfo=UTC)


def wrong(caught: pytest.ExceptionInfo[Refusal]) -> set[str]:
    """The fields that a refusal names."""
    return set(caught.value.fields)


def correct(
    session: Session, row: LedgerEntry, typed: Typed, book: Book, *, why: str = "数错了", now: datetime = WRITTEN_AT
) -> None:
    """Set an entry right as the keeper."""
    service.correct(
        session,
        row,
        typed,
        why=why,
        saved=str(row.saved),
        without=frozenset(),
        brought=(),
        folder=book.folder,
        who=book.keeper,
        now=now,
        calendar=PUBLISHED,
    )


def test_an_entry_is_written_with_its_month_headline_and_version(session: Session, book: Book) -> None:
    row = write(session, book, meeting())
    assert (row.day, row.month, row.title, row.version, row.late) == (DAY, MONTH, "讨论冬灌", ":1", False)
    assert history.values_of(row)["people"] == "23"
    assert row.signers == "马建国\n李伟"
    assert [one.row.id for one in listing.month_of_station(session, book.station.id, MONTH)] == [row.id]


def test_what_is_wrong_is_named_field_by_field_and_nothing_is_written(session: Session, book: Book) -> None:
    typed = Typed("2026-11-24", {"subject": "", "form": "9", "place": "x", "chair": "y" * 121, "people": "viele"})
    with pytest.raises(Rejected) as caught:
        write(session, book, typed)
    assert wrong(caught) == {"day", "subject", "form", "chair", "people", "signers"}
    for day in ("", "2026-13-01", "20261120", "1999-12-31"):
        with pytest.raises(Rejected) as caught:
            write(session, book, meeting(day))
        assert wrong(caught) == {"day"}
    assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_only_those_of_the_region_write_and_what_arises_is_not_typed(session: Session, book: Book) -> None:
    kind = kinds.KINDS.one(session, book.station.region_code, "meeting")
    with pytest.raises(Forbidden):
        service.write(session, book.station, kind, meeting(), book.outsider, WRITTEN_AT, PUBLISHED)
    with pytest.raises(Forbidden):
        write(session, book, meeting(), "lesson")


def test_a_correction_keeps_what_was_said_before(session: Session, book: Book) -> None:
    row = write(session, book, meeting())
    correct(session, row, meeting(people="25"), book)
    (change, before) = history.changes_of(session, row.id)[0]
    assert (change.what, change.why, change.by, change.late) == ("corrected", "数错了", book.keeper.id, False)
    assert (before.fields["people"], history.values_of(row)["people"]) == ("23", "25")
    assert row.saved == 2


def test_a_correction_without_a_reason_without_a_change_or_over_somebody_elses_is_refused(
    session: Session, book: Book
) -> None:
    row = write(session, book, meeting())
    with pytest.raises(Rejected) as caught:
        correct(session, row, meeting(people="25"), book, why=" ")
    assert wrong(caught) == {"why"}
    with pytest.raises(Rejected):
        correct(session, row, meeting(), book)
    assert (row.saved, history.changes_of(session, row.id)) == (1, [])
    seen = row.saved
    correct(session, row, meeting(people="25"), book)
    with pytest.raises(Conflict):
        service.correct(
            session,
            row,
            meeting(people="26"),
            why="again",
            saved=str(seen),
            without=frozenset(),
            brought=(),
            folder=book.folder,
            who=book.staff,
            now=WRITTEN_AT,
            calendar=PUBLISHED,
        )
    assert history.values_of(row)["people"] == "25"


def test_what_comes_after_the_month_was_closed_is_marked_for_ever(session: Session, book: Book) -> None:
    in_time, late = write(session, book, meeting()), write(session, book, meeting(), now=LATER)
    assert (in_time.late, late.late) == (False, True)
    correct(session, in_time, meeting(people="25"), book, now=LATER)
    assert in_time.late
    assert history.changes_of(session, in_time.id)[0][0].late


def test_an_entry_moved_out_of_a_closed_month_is_marked_too(session: Session, book: Book) -> None:
    row = write(session, book, meeting("2026-12-05"), now=LATER)
    before = (row.late, row.month)
    correct(session, row, meeting("2026-11-05"), book, now=LATER)
    assert (before, row.late, row.month) == ((False, date(2026, 12, 1)), True, MONTH)


def test_taken_out_and_put_back_stands_in_the_history(session: Session, book: Book) -> None:
    row = write(session, book, meeting())
    service.remove(session, row, "写错了本子", book.staff, WRITTEN_AT, PUBLISHED, back=False)
    assert listing.month_of_station(session, book.station.id, MONTH) == []
    service.remove(session, row, "", book.staff, WRITTEN_AT, PUBLISHED, back=True)
    service.remove(session, row, "", book.staff, WRITTEN_AT, PUBLISHED, back=True)
    assert [change.what for change, _said in history.changes_of(session, row.id)] == ["put_back", "removed"]
    service.annotate(session, row, "见照片", book.staff, WRITTEN_AT, PUBLISHED)
    assert history.changes_of(session, row.id)[0][0].what == "noted"
    with pytest.raises(Rejected):
        service.annotate(session, row, "长" * 501, book.staff, WRITTEN_AT, PUBLISHED)


def test_a_draft_is_there_again_and_its_photographs_go_into_the_entry_without_a_place(
    session: Session, book: Book
) -> None:
    typed = Typed("2026-11-20", {"subject": "清理水渠", "place": "三组", "people": "9"})
    draft = drafting.keep_draft(session, book.station, "activity", typed, book.keeper, WRITTEN_AT)
    assert drafting.keep_draft(session, book.station, "activity", typed, book.keeper, WRITTEN_AT).id == draft.id
    assert drafting.typed_in(draft) == typed
    with pytest.raises(Rejected) as caught:
        write(session, book, typed, "activity")
    assert wrong(caught) == {"photographs"}
    drafting.add_pictures(session, book.folder, [picture(), picture()], who=book.keeper, now=WRITTEN_AT, draft=draft)
    row = write(session, book, typed, "activity")
    (kept,) = history.photographs_of(session, [row.id])
    data = photograph_file(book.folder, kept.digest).read_bytes()
    assert not Image.open(io.BytesIO(data)).getexif()
    assert session.scalars(select(LedgerDraft)).all() == []


def test_a_photographed_sheet_counts_as_signature(session: Session, book: Book) -> None:
    typed = Typed("2026-11-20", meeting().values)
    draft = drafting.keep_draft(session, book.station, "meeting", typed, book.keeper, WRITTEN_AT)
    drafting.add_pictures(session, book.folder, [picture(signature=True)], who=book.keeper, now=WRITTEN_AT, draft=draft)
    row = write(session, book, typed)
    assert row.signers == ""
    assert [one.signature for one in history.photographs_of(session, [row.id])] == [True]


def test_a_draft_that_is_thrown_away_leaves_nothing(session: Session, book: Book) -> None:
    draft = drafting.keep_draft(session, book.station, "meeting", meeting(), book.keeper, WRITTEN_AT)
    drafting.add_pictures(session, book.folder, [picture()], who=book.keeper, now=WRITTEN_AT, draft=draft)
    drafting.throw_away(session, draft)
    assert session.scalars(select(LedgerDraft)).all() == []
    assert session.scalars(select(LedgerPhotograph)).all() == []


def test_what_was_written_last_is_offered_once_the_newest_first(session: Session, book: Book) -> None:
    write(session, book, meeting("2026-11-18", chair="李伟"))
    write(session, book, meeting("2026-11-19"))
    write(session, book, meeting("2026-11-20"))
    offered = service.offered(session, book.station.id, kinds.KINDS.one(session, book.station.region_code, "meeting"))
    assert offered["chair"] == ["马建国", "李伟"]
    assert set(offered) == {"subject", "place", "chair"}


OWN = """zh = "环境整治"
en = "Clean-up"
monthly = 2
fields = [{ name = "subject", zh = "内容", en = "What", type = "text", required = true }]
"""


def test_a_county_adds_a_kind_and_old_entries_keep_their_version(session: Session, book: Book) -> None:
    made = kinds.KINDS.adopt(session, "clean_up", OWN, book.staff, WRITTEN_AT)
    assert made.version == "640221:1"
    assert "clean_up" in kinds.KINDS.holding(session, book.station.region_code)
    assert "clean_up" not in kinds.KINDS.holding(session, "640202")
    row = write(session, book, Typed("2026-11-20", {"subject": "三组水渠"}), "clean_up")
    second = OWN.replace("内容", "整治内容")
    assert kinds.KINDS.adopt(session, "clean_up", second, book.staff, WRITTEN_AT).version == "640221:2"
    assert kinds.KINDS.named(session, row.kind, row.version, row.region_code).fields[0].zh == "内容"
    kinds.KINDS.adopt(session, "clean_up", second, book.staff, WRITTEN_AT, ended=True)
    with pytest.raises(NotFound):
        kinds.KINDS.one(session, book.station.region_code, "clean_up")
    assert listing.month_of_station(session, book.station.id, MONTH)[0].row.id == row.id


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("Clean", OWN),
        ("clean_up", "zh = "),
        ("clean_up", OWN.replace("monthly = 2", "monthly = 61")),
        ("clean_up", OWN.replace('type = "text"', 'type = "picture"')),
        ("clean_up", OWN.replace("required = true", "required = false")),
        ("clean_up", OWN.replace('name = "subject"', 'name = "photographs"')),
        ("clean_up", OWN.replace('"内容"', '""')),
        ("clean_up", OWN + 'arises = "sessions"\n'),
        ("clean_up", OWN.replace('type = "text"', 'type = "choice"')),
        ("clean_up", OWN + "x = " + "[" * 500),
        ("lesson", OWN),
    ],
)
def test_a_kind_with_a_fault_is_refused_with_a_sentence(session: Session, book: Book, code: str, text: str) -> None:
    with pytest.raises(Rejected) as caught:
        kinds.KINDS.adopt(session, code, text, book.staff, WRITTEN_AT)
    assert wrong(caught) & {"code", "document"}
    assert kinds.KINDS.regions_with_own(session) == set()


def test_only_those_who_assess_a_county_change_kinds(session: Session, book: Book) -> None:
    for who in (book.keeper, _in(book.staff, "640221203")):
        with pytest.raises(Forbidden):
            kinds.KINDS.adopt(session, "clean_up", OWN, who, WRITTEN_AT)


def _in(who: Person, region: str) -> Person:
    return Person(id=who.id, username=who.username, display_name="", role=who.role, region_code=region)


def test_the_list_is_filtered_by_month_kind_words_and_region(session: Session, book: Book) -> None:
    row = write(session, book, meeting())
    write(session, book, meeting("2026-10-20"), now=datetime(2026, 10, 21, tzinfo=UTC))
    for region, kind, typed, expected in (
        ("640221", "", "", [row.id]),
        ("640221", "meeting", "冬灌", [row.id]),
        ("640221", "visit", "", []),
        ("640221", "", "%", []),
        ("640202", "", "", []),
    ):
        page = listing.page_of_entries(session, region, MONTH, kind=kind, words_=typed, number=99)
        assert [one.id for one in page.rows] == expected
    assert date(2026, 11, 20) == row.day

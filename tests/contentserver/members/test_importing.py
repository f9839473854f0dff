"""A sheet of people: rows looked at one by one, duplicates by evidence, merged cells, GB 18030."""

import io
from uuid import UUID

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Member, branches, expected_at, importing, record
from contentserver.members.identity import check_of
from contentserver.members.importing import Alike, Line
from contentserver.members.record import Facts
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

SEAL = Seal("s" * 40, "personal data")


def identity(sequence: int, day: str = "19680509") -> str:
    digits = f"640221{day}{sequence:03}"
    return digits + check_of(digits)


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.STATION_ADMIN, VILLAGE)


def csv(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join(rows).encode(encoding)


def looked(session: Session, data: bytes, who: Person) -> list[Line]:
    return importing.looked_at(session, importing.rows_in(data), SEAL, who, NOW)


def kept(session: Session, data: bytes, who: Person, choices: dict[int, str] | None = None) -> tuple[int, int]:
    return importing.keep(session, importing.rows_in(data), choices or {}, SEAL, who, NOW)


def test_a_sheet_in_gb_18030_is_read_and_everybody_gets_a_number(
    session: Session, village: Station, who: Person
) -> None:
    data = csv("姓名,手机,住址", "马建国,13800000001,三组", "王小芳,,", encoding="gb18030")
    assert kept(session, data, who) == (2, 0)
    rows = session.scalars(select(Member).where(Member.station_id == village.id).order_by(Member.number)).all()
    assert [(one.name, one.number) for one in rows] == [("马建国", "101"), ("王小芳", "102")]
    assert record.opened(rows[0], SEAL, whole=True) == record.Sealed(phone="13800000001", address="三组")


def test_merged_cells_and_a_title_above_are_what_they_look_like(session: Session, village: Station) -> None:
    who = person(session, Role.COUNTY_STAFF, VILLAGE[:6])
    branches.found(session, branches.Words("村支部", "branch", VILLAGE), who, NOW, NOW.date())
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["崇岗镇学员名单"])
    sheet.merge_cells("A1:D1")
    sheet.append(["站点", "支部", "姓名", "编号"])
    sheet.append([VILLAGE, "村支部", "马建国", 201])
    sheet.append([None, None, "王小芳", 202.0])
    sheet.append([None, None, None, 203])
    sheet.merge_cells("A3:A5")
    sheet.merge_cells("B3:B5")
    made = io.BytesIO()
    book.save(made)
    lines = looked(session, made.getvalue(), who)
    assert [(one.row.number, one.name, bool(one.fault)) for one in lines] == [
        (3, "马建国", False),
        (4, "王小芳", False),
        (5, "", True),
    ]
    assert lines[1].station is village
    assert lines[1].facts is not None
    assert lines[1].facts.branch is not None
    assert lines[1].facts.number == "202"
    assert kept(session, made.getvalue(), who, {5: "skip"}) == (2, 0)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        (f"马建国,,{identity(1)[:-1]}{'0' if identity(1)[-1] != '0' else '1'},", "last digit"),
        ("马建国,,6.40221E+17,", "rounded"),
        ("马建国,,,12345", "mobile"),
        ("马建国,12,,", "three to six"),
        ("=1+1,,,", "formula"),
        ("马,,,", "name"),
        (f"马建国,{'1' * 201},,", "200"),
    ],
)
def test_what_is_wrong_is_named_in_its_row_and_nobody_is_entered(
    session: Session, village: Station, who: Person, row: str, word: str
) -> None:
    data = csv("姓名,编号,身份证号,手机", "李伟,105,,", row)
    good, bad = looked(session, data, who)
    assert (good.fault, bad.row.number) == ("", 3)
    assert word in str(bad.fault)
    with pytest.raises(Rejected) as refused:
        kept(session, data, who)
    assert "3" in str(refused.value.sentence)


def test_one_number_twice_in_a_sheet_is_said(session: Session, village: Station, who: Person) -> None:
    number = identity(1)
    lines = looked(session, csv("姓名,编号,身份证号", f"马建国,,{number}", f"马建军,,{number}", "李,1,"), who)
    assert "Row 2" in str(lines[1].fault)


def test_who_is_known_is_found_by_evidence(session: Session, village: Station, who: Person) -> None:
    for facts in (
        Facts("马建国", identity=identity(1)),
        Facts("王小芳", birthday="1970-01-02"),
        Facts("李伟", phone="13800000003"),
        Facts("杨秀英"),
        Facts("赵强", identity=identity(5, "19800101")),
    ):
        record.enter(session, village, facts, SEAL, who, NOW)
    lines = looked(
        session,
        csv(
            "姓名,身份证号,出生日期,手机",
            f"马建国国,{identity(1)},,",
            "王小芳,,1970/1/2,",
            "李伟,,,13800000003",
            "杨秀英,,,",
            f"赵强,{identity(6, '19800101')},,",
            "王小芳,,1971年3月4日,",
        ),
        who,
    )
    assert [one.twins[0].alike if one.twins else None for one in lines] == [
        Alike.IDENTITY,
        Alike.BIRTHDAY,
        Alike.PHONE,
        Alike.NAME,
        None,
        None,
    ]
    assert [one.usual if one.usual in ("", "new") else "same" for one in lines] == ["same", "new", "", "", "new", "new"]


def test_two_people_with_one_name_and_birthday_stay_two_unless_somebody_says_otherwise(
    session: Session, village: Station, who: Person
) -> None:
    first = record.enter(session, village, Facts("马建国", birthday="1968-05-09"), SEAL, who, NOW)
    data = csv("姓名,出生日期,手机", "马建国,19680509,13800000001")
    assert kept(session, data, who) == (1, 0)
    assert expected_at(session, village.id) == 2
    second = csv("姓名,出生日期,住址", "马建国,1968.5.9,三组")
    assert kept(session, second, who, {2: str(first.id)}) == (0, 1)
    assert expected_at(session, village.id) == 2
    assert record.opened(first, SEAL, whole=True).address == "三组"
    assert record.opened(first, SEAL, whole=True).phone == ""


def test_somebody_has_to_say_who_it_is_where_only_the_name_is_the_same(
    session: Session, village: Station, who: Person
) -> None:
    known = record.enter(session, village, Facts("马建国", phone="13800000009"), SEAL, who, NOW)
    data = csv("姓名,手机,住址", "马建国,13800000001,三组")
    with pytest.raises(Rejected):
        kept(session, data, who)
    assert kept(session, data, who, {2: "skip"}) == (0, 0)
    assert kept(session, data, who, {2: str(known.id)}) == (0, 1)
    assert record.opened(known, SEAL, whole=True) == record.Sealed(phone="13800000009", address="三组")
    with pytest.raises(Rejected):
        kept(session, data, who, {2: str(UUID(int=1))})


@pytest.mark.parametrize("data", [b"", b"PK broken", "名字\n马建国".encode(), "姓名\n".encode(), b"\xff\xfe\x00"])
def test_what_is_no_sheet_of_people_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected):
        importing.rows_in(data)

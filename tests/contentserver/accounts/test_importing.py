"""People from a sheet: all of them or nobody, every wrong row by its number."""

from collections.abc import Sequence
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import importing, inviting, people
from contentserver.accounts.models import Account
from contentserver.accounts.people import Facts
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Rejected
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

GOOD = "土豆 要 早 挖 别 等 霜 降"
COUNTY = "640221"
HEAD = ["姓名", "账号", "角色", "区域"]


def sheet(*rows: Sequence[object], head: Sequence[str] = HEAD) -> bytes:
    book, made = Workbook(), BytesIO()
    assert book.active is not None
    for row in (head, *rows):
        book.active.append(row)
    book.save(made)
    return made.getvalue()


@pytest.mark.parametrize("code", ["utf-8-sig", "gb18030"])
def test_people_come_from_a_text_file_of_either_kind(session: Session, village: Station, code: str) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, COUNTY)
    rows = (
        "姓名,账号,角色,区域,邮箱",
        f"马建国,Ma.Jianguo,站点管理员,{village.region_code},",
        f"李敏,li.min,节目编排,{COUNTY},li@x.cn",
    )
    text = "\n".join(rows)
    lines = importing.read(session, text.encode(code), admin)
    assert [line.fault for line in lines] == ["", ""]
    made = importing.keep(session, [line.facts for line in lines if line.facts], admin, NOW)
    assert [(one.username, one.role, one.region_code, one.mail) for one, _token in made] == [
        ("ma.jianguo", "station_admin", VILLAGE, ""),
        ("li.min", "scheduler", COUNTY, "li@x.cn"),
    ]
    session.flush()
    for account, token in made:
        assert inviting.accept(session, token, GOOD, NOW) is account


def test_every_wrong_row_is_named_and_nobody_is_invited(session: Session, village: Station) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, COUNTY)
    person(session, Role.REVIEWER, COUNTY, "taken")
    rows = (
        ["马建国", "ma", "站点管理员", village.region_code],
        ["马建国", "MA", "站点管理员", village.region_code],
        ["甲", "taken", "审核员", COUNTY],
        ["=1+1", "formula", "审核员", COUNTY],
        ["乙", "+86138", "审核员", COUNTY],
        ["丙", "bing", "皇帝", COUNTY],
        ["丁", "ding", "审核员", "640202"],
        ["戊", "wu", "审核员", ""],
        ["己", "ji", "审核员", "没有这个村"],
        ["", "geng", "审核员", COUNTY],
    )
    text = "\n".join(",".join(row) for row in (HEAD, *rows))
    lines = importing.read(session, text.encode(), admin)
    assert [line.row for line in lines if line.facts is not None] == [2]
    assert [line.row for line in lines if line.fault] == list(range(3, 12))
    assert all(str(line.fault) for line in lines if line.facts is None)
    good = next(line.facts for line in lines if line.facts is not None)
    beyond = Facts("x1", "乙", Role.SYSTEM_ADMIN, "640202")
    before = len(session.scalars(select(Account)).all())
    with pytest.raises(Rejected):
        importing.keep(session, [good, beyond], admin, NOW)
    with pytest.raises(Rejected):
        importing.keep(session, [good, good], admin, NOW)
    assert len(session.scalars(select(Account)).all()) == before


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04 broken", b"\xff\xfe\x00", b"a,b\n1,2\n", sheet(), b"\x89PNG"],
    ids=["empty", "broken", "no_text", "other_columns", "no_rows", "picture"],
)
def test_what_is_no_sheet_of_people_is_refused(session: Session, data: bytes) -> None:
    with pytest.raises(Rejected):
        importing.read(session, data, person(session, Role.SYSTEM_ADMIN, COUNTY))


def test_the_sheet_to_fill_in_reads_back(session: Session, village: Station) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, village.region_code[:9])
    made = importing.template(session, admin)
    assert len(load_workbook(BytesIO(made)).sheetnames) == 3
    lines = importing.read(session, made, admin)
    assert [line.facts is not None for line in lines] == [True]


def test_a_county_of_villages_comes_at_once(session: Session, village: Station) -> None:
    admin = person(session, Role.SYSTEM_ADMIN, "")
    codes = [code for code in people.Places(session, "").paths if len(code) == 12]
    assert village.region_code in codes
    lines = importing.read(session, sheet(*[["站长", f"v{code}", "站点管理员", code] for code in codes]), admin)
    facts_ = [line.facts for line in lines if line.facts is not None]
    assert len(facts_) == len(codes) > 200
    made = importing.keep(session, facts_, admin, NOW)
    session.flush()
    assert len({token for _account, token in made}) == len(codes)

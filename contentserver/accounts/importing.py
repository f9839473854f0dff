"""People from a spreadsheet: every row looked at before anything is kept; either all are invited or nobody.

A region is named by its code, or by its name with the township before it. How files are opened, and the limits on
them: `schedules.exchange.spreadsheet`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts import inviting, people, rules
from contentserver.accounts.models import Account
from contentserver.accounts.people import Facts, Places
from contentserver.audit import audit
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.display import role_name
from contentserver.kernel.errors import Rejected
from contentserver.kernel.sheets import Column as SheetColumn
from contentserver.kernel.sheets import Table, as_xlsx
from schedules.exchange.imports import FileRefused
from schedules.exchange.spreadsheet import named_rows

MAX_ROWS = 2000
MAX_CELL = 200
_FORMULA = ("=", "+", "-", "@")


class Column(StrEnum):
    """What a row says; the mail address it need not."""

    NAME = "name"
    ACCOUNT = "account"
    ROLE = "role"
    REGION = "region"
    MAIL = "mail"


COLUMNS = {
    "姓名": Column.NAME,
    "name": Column.NAME,
    "账号": Column.ACCOUNT,
    "account": Column.ACCOUNT,
    "角色": Column.ROLE,
    "role": Column.ROLE,
    "区域": Column.REGION,
    "region": Column.REGION,
    "邮箱": Column.MAIL,
    "mail": Column.MAIL,
}
NEEDED = set(Column) - {Column.MAIL}
ROLES = {
    "站点管理员": Role.STATION_ADMIN,
    "节目编排": Role.SCHEDULER,
    "审核员": Role.REVIEWER,
    "县教育局": Role.COUNTY_STAFF,
    "值班员": Role.DUTY_OFFICER,
    "系统管理员": Role.SYSTEM_ADMIN,
    "专家": Role.EXPERT,
    "审计员": Role.AUDITOR,
}
_REFUSED = {
    "too_large": _("This file is too large to be a list of people."),
    "no_header": _("The first row must name the columns: 姓名, 账号, 角色, 区域, and where wanted 邮箱."),
    "too_many_rows": _("At most %(count)s people at once.", count=MAX_ROWS),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the sheet, as its program counts; `fault` says why it cannot be taken."""

    row: int
    name: str
    account: str
    facts: Facts | None = None
    fault: object = ""


def read(session: Session, data: bytes, who: Person) -> Sequence[Line]:
    """What a sheet holds, row by row; changes nothing.

    Raises:
        Rejected: it is no sheet, or not one of people.
    """
    rows = _rows(data)
    return _looked_at(session, rows, who)


def keep(session: Session, facts: Sequence[Facts], who: Person, now: datetime) -> Sequence[tuple[Account, str]]:
    """Invite all of them; gives each account and the secret of its link.

    Raises:
        Rejected: one of them cannot be; nobody was.
    """
    rows = [(number, _row_of(one)) for number, one in enumerate(facts, 1)]
    lines = _looked_at(session, rows, who)
    for line in lines:
        if line.facts is None:
            sentence = _("Nobody was invited. %(account)s: %(why)s", account=line.account, why=line.fault)
            raise Rejected("row_wrong", sentence)
    made = []
    for line in lines:
        if line.facts is not None:
            account = people.add_row(session, line.facts, now)
            made.append((account, line.facts))
    session.flush()
    for account, one in made:
        after = {"role": one.role.value, "region": one.region_code, "username": one.username}
        audit(session, who=who, action="person.invited", subject=f"account {account.id}", now=now, after=after)
    return [(account, inviting.invite(session, account, who, now)) for account, _facts in made]


def template(session: Session, who: Person) -> bytes:
    """A workbook to fill in, with one row as an example; its other sheets list the roles and the regions."""
    heads = (gettext("Name"), gettext("Account"), gettext("Role"), gettext("Region"), gettext("Mail"))
    places = Places(session, who.region_code).paths
    example = next((code for code in sorted(places, key=len, reverse=True)), "")
    rows = [[gettext("Li Min"), "li.min", role_name(Role.STATION_ADMIN), example, ""]]
    roles = [[role_name(role)] for role in people.grantable(who)]
    return as_xlsx(
        (),
        Table(gettext("Staff"), [SheetColumn(head, width=20) for head in heads], rows),
        Table(gettext("Roles"), [SheetColumn(gettext("Role"), width=24)], roles),
        Table(
            gettext("Regions"),
            [SheetColumn(gettext("Region"), width=16), SheetColumn(gettext("Name"), width=44)],
            [[code, path] for code, path in places.items()],
        ),
    )


def _looked_at(session: Session, rows: Sequence[tuple[int, Mapping[Column, str]]], who: Person) -> list[Line]:
    places = Places(session, who.region_code)
    names = [row.get(Column.ACCOUNT, "").lower() for _number, row in rows]
    taken = set(session.scalars(select(Account.username).where(Account.username.in_(names))))
    lines, seen = [], dict[str, int]()
    for number, row in rows:
        name, account = row.get(Column.NAME, "")[:MAX_CELL], row.get(Column.ACCOUNT, "")[:MAX_CELL].lower()
        try:
            facts = _facts(row, account, places, who)
            if account in seen:
                raise Rejected("twice", _("Row %(row)s has the same account.", row=seen[account]))
            if account in taken:
                raise Rejected("username_taken", _("This account name is taken."))
        except Rejected as error:
            lines.append(Line(number, name, account, fault=error.sentence))
        else:
            lines.append(Line(number, name, account, facts))
        seen.setdefault(account, number)
    return lines


def _facts(row: Mapping[Column, str], account: str, places: Places, who: Person) -> Facts:
    if any(cell.startswith(_FORMULA) for cell in row.values()):
        raise Rejected("formula", _("A cell begins like a formula. Write words and figures alone."))
    if max(map(len, row.values())) > MAX_CELL:
        raise Rejected("cell_long", _("A cell has more than 200 characters."))
    role = role_called(row.get(Column.ROLE, ""))
    if role is None:
        raise Rejected("role_unknown", _("There is no role of this name: %(name)s", name=row.get(Column.ROLE, "")[:60]))
    if not row.get(Column.REGION):
        raise Rejected("region_missing", _("The region is missing: its code, or its name with the township before it."))
    region = places.find(row[Column.REGION])
    facts = Facts(account, row.get(Column.NAME, ""), role, region, row.get(Column.MAIL, ""))
    if fault := people.fault_of(facts):
        raise fault
    if not rules.may_grant(who, role, facts.region_code):
        raise Rejected("beyond_own_rights", _("You can give only rights that you have, in your own region."))
    return facts


def role_called(text: str) -> Role | None:
    """The role of a name: its own, the Chinese, or that of the language of the page; whose a scheduler is, is apart."""
    named = text.strip().lower()
    for role in Role:
        shown = {role.value, role_name(role).lower(), role.value.replace("_", " ")}
        if named in shown or ROLES.get(named) is role:
            return role
    return None


def _row_of(facts: Facts) -> dict[Column, str]:
    return {
        Column.NAME: facts.display_name,
        Column.ACCOUNT: facts.username,
        Column.ROLE: facts.role.value,
        Column.REGION: facts.region_code,
        Column.MAIL: facts.mail,
    }


def _rows(data: bytes) -> list[tuple[int, dict[Column, str]]]:
    """The rows that say anything, numbered as the sheet's program does."""
    try:
        rows = list(named_rows(data, COLUMNS, NEEDED, MAX_ROWS))
    except FileRefused as error:
        sentence = _REFUSED.get(error.code, _("This is no sheet (.xlsx, .csv), or it is damaged."))
        raise Rejected(f"file_{error.code}", sentence) from error
    if not rows:
        raise Rejected("file_empty", _("Below its first row a sheet has one row for each person."))
    return rows

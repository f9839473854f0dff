"""Pages of sheets of people: what one holds and whom it may mean, keeping it, and taking the list along."""

import re
from uuid import UUID

import msgspec
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE, Column, Table, as_xlsx
from contentserver.members import exporting, importing, rules
from contentserver.members.importing import ALIKE, Line, Row
from contentserver.members.ports import HOURS
from contentserver.members.record import REASON_CHARS
from contentserver.members.views import seal

blueprint = Blueprint("member_sheets", __name__, url_prefix="/members/sheet", template_folder="templates")
scoping.free(blueprint, "kind", because="a kind of file; the list in it is of the person's own region")
ROWS_SHOWN = 200
_CHOICE = re.compile(r"row-(\d{1,6})")


@blueprint.get("")
@auth.require(Right.KEEP_MEMBERS)
def begin() -> ResponseReturnValue:
    """Choose a sheet."""
    return render_template("members/sheet.html", wrong="")


@blueprint.get("/template.xlsx")
@auth.require(Right.KEEP_MEMBERS)
def template() -> ResponseReturnValue:
    """A sheet to fill in."""
    heads = ["姓名", "站点", "编号", "卡号", "支部", "手机", "身份证号", "出生日期", "住址"]
    made = as_xlsx((), Table(_("Members"), [Column(head, width=18) for head in heads], []))
    return Response(made, content_type=XLSX_TYPE, headers={"Content-Disposition": "attachment; filename=members.xlsx"})


@blueprint.post("/read")
@auth.require(Right.KEEP_MEMBERS)
def read() -> ResponseReturnValue:
    """What a sheet holds; nobody is entered yet."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Rejected("no_file", _("Choose a file."))
        rows = importing.rows_in(file.read())
    except Refusal as error:
        if http.wants_json():
            raise
        return render_template("members/sheet.html", wrong=str(error.sentence)), http.status_of(error)
    return _page(file.filename[:80], rows)


@blueprint.post("")
@auth.require(Right.KEEP_MEMBERS)
def keep() -> ResponseReturnValue:
    """Enter them as was chosen."""
    session, who, form = http.db_session(), auth.person(), request.form
    try:
        rows = msgspec.json.decode(form.get("sheet_rows", ""), type=list[Row])
    except msgspec.MsgspecError as error:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat.")) from error
    if not 0 < len(rows) <= importing.MAX_ROWS:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat."))
    choices = {int(found[1]): value for name, value in form.items() if (found := _CHOICE.fullmatch(name))}
    try:
        new, filled = importing.keep(session, rows, choices, seal(), who, http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        session.rollback()
        return _page(form.get("file_name", "")[:80], rows, error, choices), http.status_of(error)
    flash(ngettext("%(num)s person is entered.", "%(num)s people are entered.", new))
    if filled:
        flash(ngettext("%(num)s record is filled in.", "%(num)s records are filled in.", filled))
    return redirect(url_for("transcripts.members"))


@blueprint.post("/export.<any(csv, xlsx):kind>")
@auth.require(Right.SEE_MEMBERS, Right.KEEP_MEMBERS)
def taken(kind: str) -> ResponseReturnValue:
    """The list to take along; whole where somebody may read it and says why."""
    reason = "".join(filter(str.isprintable, request.form.get("reason", ""))).strip()[:REASON_CHARS]
    if reason:
        auth.require_right(Right.UNMASK)
    session, who, now = http.db_session(), auth.person(), http.now()
    made = exporting.sheet_of(session, kind, reason, seal(), current_app.extensions[HOURS], who, now)
    response = Response(made, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename=members-{clock.local(now):%Y-%m-%d}.{kind}"
    return response


def _page(name: str, rows: list[Row], error: Refusal | None = None, choices: dict[int, str] | None = None) -> str:
    lines = importing.looked_at(http.db_session(), rows, seal(), auth.person(), http.now())
    good = [line for line in lines if not line.fault]
    chosen = {line.row.number: (choices or {}).get(line.row.number, line.usual) for line in good}
    return render_template(
        "members/sheet_read.html",
        name=name,
        faults=[line for line in lines if line.fault],
        alike=[line for line in good if line.twins],
        plain=[line for line in good if not line.twins],
        rows=msgspec.json.encode([line.row for line in good]).decode(),
        rows_shown=ROWS_SHOWN,
        chosen=chosen,
        words=ALIKE,
        masked=rules.masked,
        error=error,
        same=_same,
    )


def _same(line: Line, member_id: UUID) -> bool:
    """Whether a record is the one that the identity number says."""
    return line.usual == str(member_id)

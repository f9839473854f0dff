"""Pages of announced boxes: who is on the way, a sheet of them read and shown before it is saved, removal and undo."""

from uuid import UUID

import msgspec
from flask import Response, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contentserver.boxes import enrolling, listing, sheets
from contentserver.boxes.enrolling import Announcement
from contentserver.boxes.views import blueprint
from contentserver.kernel import auth, http
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected

ROWS_SHOWN = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNDO = "withdrawn"


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One announcement as the preview carries it; nothing about it is believed when it comes back."""

    serial: str
    station: UUID
    note: str = ""


@blueprint.get("/boxes/expected")
@auth.require(Right.CLAIM_BOX)
def expected() -> ResponseReturnValue:
    return _page()


@blueprint.get("/boxes/expected/template.xlsx")
@auth.require(Right.CLAIM_BOX)
def expected_template() -> ResponseReturnValue:
    """An empty sheet, with the stations of the person's region beside it."""
    made = sheets.template(http.db_session(), auth.person().region_code)
    return Response(made, content_type=XLSX, headers={"Content-Disposition": "attachment; filename=televisions.xlsx"})


@blueprint.post("/boxes/expected/read")
@auth.require(Right.CLAIM_BOX)
def expected_read() -> ResponseReturnValue:
    """What a sheet announces; saves nothing."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Rejected("no_file", _("Choose a file."))
        good, faults = sheets.read(http.db_session(), file.read(), auth.person())
    except Refusal as error:
        if http.wants_json():
            raise
        return _page(wrong=str(error.sentence)), http.status_of(error)
    rows = [Row(one.announcement.serial, one.announcement.station_id, one.announcement.note) for one in good]
    return render_template(
        "boxes/expected_read.html",
        good=good,
        faults=faults,
        rows=msgspec.json.encode(rows).decode(),
        rows_shown=ROWS_SHOWN,
        name=file.filename[:80],
    )


@blueprint.post("/boxes/expected")
@auth.require(Right.CLAIM_BOX)
def announce() -> ResponseReturnValue:
    """Save what was shown, all of it or nothing."""
    try:
        rows = msgspec.json.decode(request.form.get("rows", ""), type=list[Row])
    except msgspec.MsgspecError as error:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat.")) from error
    announced = [Announcement(one.serial, one.station, one.note[: sheets.MAX_CELL]) for one in rows[: sheets.MAX_ROWS]]
    verdicts = enrolling.announce(http.db_session(), announced, auth.person(), http.now())
    if verdicts:
        first = verdicts[0]
        sentence = _("Nothing was saved. %(serial)s: %(why)s", serial=first.serial, why=first.sentence)
        if http.wants_json():
            raise Rejected("unannounceable", sentence)
        return _page(wrong=sentence), 422
    flash(ngettext("%(num)s television is expected.", "%(num)s televisions are expected.", len(announced)))
    return redirect(url_for("boxes.expected"))


@blueprint.post("/boxes/expected/withdraw")
@auth.require(Right.CLAIM_BOX)
def withdraw() -> ResponseReturnValue:
    gone = enrolling.withdraw(http.db_session(), request.form.get("serial", ""), auth.person(), http.now())
    session[_UNDO] = [gone.serial, str(gone.station_id), gone.note]
    return redirect(url_for("boxes.expected", q=request.form.get("q") or None))


def _page(wrong: str = "") -> str:
    """The list of those who have not come, and the form for a sheet."""
    words = request.args.get("q", "").strip()[:60]
    page = listing.expected_boxes(http.db_session(), auth.person().region_code, words, request.args.get("page", 1, int))
    return render_template(
        "boxes/expected.html", page=page, words=words, wrong=wrong, withdrawn=session.pop(_UNDO, None)
    )

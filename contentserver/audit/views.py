"""Pages of the trail: rows of one's region with what changed, files to take along, and the published heads."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Final

import msgspec
from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.audit import chain, heads, service
from contentserver.audit.models import AuditEntry, AuditHead
from contentserver.audit.ports import People
from contentserver.audit.rules import differences
from contentserver.audit.searching import WORDS_CHARS, Found, account_in, entries, names_of
from contentserver.audit.words import ACTIONS, subject_words
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.kernel.errors import NotFound, Rejected
from contentserver.kernel.pagination import paginate
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE, Cell, Column, Kind, Table, as_csv, as_xlsx

blueprint = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")
scoping.free(blueprint, "kind", because="a kind of file")
FILES: Final = {"csv": CSV_TYPE, "xlsx": XLSX_TYPE, "jsonl": "application/jsonl; charset=utf-8"}
MOST: Final = 50_000
"""Rows of one file."""


@blueprint.get("")
@auth.require(Right.AUDIT)
def index() -> ResponseReturnValue:
    """Rows of the trail that are looked for."""
    session, found = http.db_session(), _asked()
    page = paginate(session, entries(_people(), auth.person().region_code, found), request.args.get("page", 1, int))
    return render_template(
        "audit/index.html",
        page=page,
        found=found,
        actions=ACTIONS,
        names=names_of(session, _people(), page.rows),
        account_in=account_in,
        subject_words=subject_words,
        differences=differences,
        head=session.get_one(AuditHead, chain.HEAD),
    )


@blueprint.get("/check")
@auth.require(Right.AUDIT)
@http.limiter.limit("6 per minute")
def check() -> ResponseReturnValue:
    """Look at the whole chain now; what is found stands on the page. Nothing of the trail changes."""
    heads.verify(_database(), http.now())
    flash(_("The whole audit trail was looked at."))
    return redirect(url_for("audit.index"))


@blueprint.get("/entries.<kind>")
@auth.require(Right.AUDIT)
@http.limiter.limit("20 per minute")
def file(kind: str) -> ResponseReturnValue:
    """The same rows as a file, with their hashes; that somebody took it along is a row of the trail, too."""
    if kind not in FILES:
        raise NotFound("file_unknown", _("There is no such page."))
    session, found, who, now = http.db_session(), _asked(), auth.person(), http.now()
    rows = session.scalars(entries(_people(), who.region_code, found).limit(MOST + 1)).all()
    if len(rows) > MOST:
        raise Rejected("too_many_rows", _("These are more than %(most)s rows. Choose fewer days.", most=f"{MOST:,}"))
    names = {str(key): name for key, name in names_of(session, _people(), rows).items()}
    with _database().unit_of_work() as unit:
        after = {"rows": len(rows), "kind": kind} | {name: str(value or "") for name, value in asdict(found).items()}
        service.audit(unit, who=who, action="audit.taken_along", subject="audit", now=now, after=after)
    if kind == "jsonl":
        made = b"".join(msgspec.json.encode(_line(row)) + b"\n" for row in rows)
    else:
        tops, table = [_("Audit trail"), _("Data as of %(moment)s", moment=moment(now))], _table(rows, names)
        made = as_csv(tops, table) if kind == "csv" else as_xlsx(tops, table)
    name = f"audit-{clock.local(now):%Y%m%d}.{kind}"
    return Response(made, content_type=FILES[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'})


@blueprint.get("/heads")
@http.limiter.limit("60 per minute")
def published() -> ResponseReturnValue:
    """For everybody: the end of the chain on each day. Whoever notes one can have it checked later."""
    found = heads.published(current_app.extensions["services"].settings.data_dir)
    return render_template("audit/heads.html", heads=found, day_of=lambda head: clock.local(head.at).date())


def _asked() -> Found:
    words = {name: request.args.get(name, "").strip()[:WORDS_CHARS] for name in ("person", "action", "words")}
    return Found(**words, first=_day("first"), last=_day("last"))


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if clock.EARLIEST <= found <= clock.LATEST else None


def _people() -> People:
    found: People = current_app.extensions["audit_people"]
    return found


def _database() -> Database:
    found: Database = current_app.extensions["database"]
    return found


def _line(row: AuditEntry) -> dict[str, object]:
    """All that is hashed, as it stands in the database, and the hash."""
    return asdict(chain.link_of(row))


def _table(rows: Sequence[AuditEntry], names: Mapping[str, str]) -> Table:
    columns = [
        Column(_("Number"), Kind.COUNT),
        Column(_("When"), width=20),
        Column(_("By"), width=14),
        Column(_("In place of"), width=14),
        Column(_("Action"), width=24),
        Column(_("What it was about"), width=32),
        Column(_("Before"), width=32),
        Column(_("After"), width=32),
        Column(_("Address"), width=16),
        Column(_("Request"), width=16),
        Column(_("Chain hash"), width=66),
    ]
    lines: list[list[Cell]] = [
        [
            row.number,
            moment(row.at, seconds=True),
            names.get(str(row.account_id), ""),
            names.get(str(row.for_account_id), ""),
            str(ACTIONS.get(row.action, row.action)),
            row.subject,
            row.before,
            row.after,
            row.address,
            row.request,
            row.hash,
        ]
        for row in rows
    ]
    return Table(_("Audit trail"), columns, lines)

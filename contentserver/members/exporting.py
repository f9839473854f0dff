"""People of a region as a sheet to take along: masked; whole, with what is sealed, only with a reason that is kept."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.display import moment
from contentserver.kernel.sealing import Seal
from contentserver.kernel.sheets import Cell, Column, Kind, Table, as_csv, as_xlsx
from contentserver.members import record, rules
from contentserver.members.models import Branch, Member
from contentserver.members.ports import Hours
from contentserver.regions import parents_named, subtree_filter
from contentserver.stations import Station


def sheet_of(session: Session, form: str, reason: str, seal: Seal, hours: Hours, who: Person, now: datetime) -> bytes:
    """Everybody of the person's region, as CSV or as a workbook; whole where a reason is given."""
    query = (
        select(Member, Station)
        .join(Station, Station.id == Member.station_id)
        .where(subtree_filter(Station.region_code, who.region_code), Member.merged_into.is_(None))
        .order_by(Station.region_code, Member.number)
    )
    found: Sequence[tuple[Member, Station]] = [(member, station) for member, station in session.execute(query)]
    sums = hours(session, [member for member, _station in found])
    names = {row.id: row.name for row in session.scalars(select(Branch))}
    above = parents_named(session, {station.region_code for _member, station in found})
    rows: list[list[Cell]] = []
    for member, station in found:
        sealed, sum_ = record.opened(member, seal, whole=bool(reason)), sums.get(member.id)
        rows.append(
            [
                above[station.region_code],
                station.name,
                member.number,
                member.name if reason else rules.masked(member.name),
                names.get(member.branch_id, "") if member.branch_id else "",
                sealed.phone,
                sealed.identity,
                sealed.birthday,
                sealed.address,
                _("yes") if member.active else _("no"),
                sum_.sessions if sum_ else 0,
                sum_.credit_ms / 3_600_000 if sum_ else 0.0,
            ]
        )
    after = {"rows": len(rows), "whole": bool(reason), "reason": reason[: record.REASON_CHARS], "form": form}
    subject = f"region {who.region_code or '*'}"
    audit(session, who=who, action="members.taken_along", subject=subject, now=now, after=after)
    table = Table(_("Members"), _columns(), rows)
    tops = [f"{_('Members')} {moment(now)}"]
    return as_csv(tops, table) if form == "csv" else as_xlsx(tops, table)


def _columns() -> list[Column]:
    return [
        Column(_("Region"), width=18),
        Column(_("Station"), width=18),
        Column(_("Number")),
        Column(_("Name"), width=14),
        Column(_("Branch"), width=20),
        Column(_("Mobile number"), width=16),
        Column(_("Identity number"), width=22),
        Column(_("Birthday"), width=14),
        Column(_("Address"), width=28),
        Column(_("On the roll")),
        Column(_("Sessions"), Kind.COUNT),
        Column(_("Hours that count"), Kind.HOURS),
    ]

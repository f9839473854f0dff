"""A round's scores to take along: CSV, spreadsheet, PDF; the page's numbers, what they are of on top."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import render_template
from flask_babel import gettext as _

from contentserver.assessments import service, words
from contentserver.assessments.models import AssessmentRound
from contentserver.assessments.results import Line
from contentserver.kernel import pdf
from contentserver.kernel.display import day, moment
from contentserver.kernel.sheets import Cell, Column, Kind, Table, as_csv, as_xlsx

Places = Mapping[str, str]


def tops(row: AssessmentRound, region: str, now: datetime) -> list[str]:
    """What the table is of, and as of when."""
    published = _("published %(moment)s", moment=moment(row.published_at)) if row.published_at else _("not published")
    made = _("Data as of %(moment)s", moment=moment(now))
    days = _("forms from %(first)s to %(last)s", first=day(row.begun_on), last=day(row.collected_on))
    return [row.title, region, made, published, days]


def table(row: AssessmentRound, lines: Sequence[Line], places: Places) -> Table:
    """A row for each who is assessed: place, scores by part with the forms behind them, remark."""
    scheme = service.scheme_of(row)
    columns = [Column(_("Assessed"), width=26), Column(_("Region"), width=26), Column(_("Place"), Kind.COUNT)]
    columns += [Column(_("Score"), width=10), Column(_("As the forms give it"), width=10)]
    for part in scheme.parts:
        name = words.name_of(part)
        columns += [Column(name, width=10), Column(_("%(part)s: forms", part=name), width=10)]
    columns += [Column(_("Round before"), width=10), Column(_("Recommended")), Column(_("Remark"), width=40)]
    return Table(_("Results"), columns, [_row(line, places) for line in lines])


def remark(line: Line) -> str:
    """What has to be said beside a score: left, missing parts, a correction."""
    said = []
    if line.row.gone:
        why = words.GONE[line.row.gone]
        said.append(f"{why}: {line.row.gone_because}" if line.row.gone_because else str(why))
    if line.score.missing and not line.row.gone:
        said.append(_("too few forms: %(parts)s", parts=words.listed(line.score.missing)))
    if line.row.corrected is not None:
        told = {"before": words.number(line.score.shown), "after": words.number(line.row.corrected)}
        said.append(_("%(before)s corrected to %(after)s after an objection", **told))
    return "; ".join(said)


def csv_of(row: AssessmentRound, region: str, lines: Sequence[Line], places: Places, now: datetime) -> bytes:
    """As comma-separated values."""
    return as_csv(tops(row, region, now), table(row, lines, places))


def xlsx_of(row: AssessmentRound, region: str, lines: Sequence[Line], places: Places, now: datetime) -> bytes:
    """As a workbook."""
    return as_xlsx(tops(row, region, now), table(row, lines, places))


def pdf_of(row: AssessmentRound, region: str, lines: Sequence[Line], places: Places, now: datetime) -> bytes:
    """As pages of A4, with the chart."""
    bars = [line for line in lines if line.final is not None][:20]
    page = render_template(
        "assessments/print.html",
        tops=tops(row, region, now),
        tables=[table(row, lines, places)],
        lines=lines,
        bars=bars,
        words=words,
    )
    return pdf.pdf_of(page)


def _row(line: Line, places: Places) -> list[Cell]:
    cells: list[Cell] = [line.title, places.get(line.row.region_code, ""), line.place]
    cells += [words.number(line.final), words.number(line.score.shown)]
    for one in line.score.parts:
        cells += [words.exact(one.score), f"{one.tally.sent}/{one.tally.asked}"]
    return [*cells, words.number(line.before), _("yes") if line.row.recommended else "", remark(line)]

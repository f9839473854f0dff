"""A round's results to take along: CSV and spreadsheet, the same rows as the page, what they are of on top."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask_babel import gettext as _

from contentserver.kernel.display import day, moment
from contentserver.kernel.sheets import Cell, Column, Kind, Table
from contentserver.stars import gathering, rules, words
from contentserver.stars.models import StarResult, StarRound
from contentserver.stars.rules import Criterion, Rules
from contentserver.stations import Station


def tops(found: StarRound, region: str) -> list[str]:
    """What the table is of, and as of when."""
    state = _("published %(moment)s", moment=moment(found.published_at)) if found.published_at else _("draft")
    return [
        _("Stars of %(region)s %(year)s", region=region, year=found.year),
        _(
            "evidence of %(first)s to %(last)s, read %(moment)s",
            first=day(found.first),
            last=day(found.last),
            moment=moment(found.counted_at),
        ),
        state,
    ]


def table(
    written: Rules, rows: Sequence[StarResult], stations: Mapping[UUID, Station], places: Mapping[str, str]
) -> Table:
    """One row for each station; evidence in its own unit, hours where it is lesson time."""
    criteria = [one.criterion for one in written.criteria]
    columns = [
        Column(_("Station"), width=20),
        Column(_("Region"), width=24),
        Column(_("Stars"), Kind.COUNT),
        Column(_("Stars as counted"), Kind.COUNT),
        Column(_("Points"), width=10),
    ]
    for criterion in criteria:
        name = str(words.CRITERIA[criterion])
        columns += [
            Column(name, Kind.HOURS if criterion is Criterion.HOURS else Kind.COUNT),
            Column(_("of how many"), Kind.COUNT),
        ]
    columns.append(Column(_("Remark"), width=40))
    return Table(
        _("Results"),
        columns,
        [_row(row, criteria, stations[row.station_id].name, places[row.region_code]) for row in rows],
    )


def _row(row: StarResult, criteria: Sequence[Criterion], name: str, place: str) -> list[Cell]:
    evidence = gathering.unpacked(row.evidence)
    cells: list[Cell] = [name, place, row.stars, row.counted, words.points(row.points)]
    for criterion in criteria:
        found = evidence.get(criterion, rules.Evidence())
        hours = criterion is Criterion.HOURS
        cells += [found.have / rules.MS_PER_HOUR if hours else found.have, found.of]
    return [*cells, row.reason]

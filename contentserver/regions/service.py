"""Load and import regions."""

import csv
from collections.abc import Iterable, Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.regions.models import Region
from contentserver.regions.rules import LENGTHS, LEVELS, ancestors_and_self, depth_of


def region_named(session: Session, code: str) -> Region:
    """The region with this code.

    Raises:
        NotFound: there is none.
    """
    region = session.get(Region, code)
    if region is None:
        raise NotFound("region_unknown", _("There is no region with the code %(code)s.", code=code))
    return region


def region_asked(session: Session, code: str, who: Person) -> Region:
    """The region with this code, where it is the person's or lies below theirs.

    Raises:
        Forbidden: it lies elsewhere, if there is such a region at all.
        NotFound: there is none.
    """
    if not who.reaches(code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return region_named(session, code)


def children_of(session: Session, code: str) -> Sequence[Region]:
    """The regions directly below, in order of code."""
    return session.scalars(select(Region).where(Region.parent_code == code).order_by(Region.code)).all()


def regions_in(session: Session, root: str) -> Sequence[Region]:
    """A region and everything below it, each before its children; the empty root gives all."""
    return session.scalars(select(Region).where(subtree_filter(Region.code, root)).order_by(Region.code)).all()


def parents_named(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """For each code, the names of the county and the township it lies in, one after the other."""
    wanted = set(codes)
    above = {code: [one for one in ancestors_and_self(code)[:-1] if depth_of(one) >= 2] for code in wanted}
    names = region_names(session, (one for path in above.values() for one in path))
    return {code: " ".join(names[one] for one in path if one in names) for code, path in above.items()}


def region_names(session: Session, codes: Iterable[str]) -> dict[str, str]:
    """What each region is called, by its code; without those that there are not."""
    return dict(session.execute(select(Region.code, Region.name).where(Region.code.in_(set(codes)))).all())


def path_of(session: Session, code: str) -> Sequence[Region]:
    """From the province down to the region itself."""
    codes = ancestors_and_self(code)
    return session.scalars(select(Region).where(Region.code.in_(codes)).order_by(Region.code)).all()


def subtree_filter(column: InstrumentedAttribute[str], root: str) -> ColumnElement[bool]:
    """SQL: the column's code is `root` or lies below it."""
    return column.startswith(root, autoescape=True)


def near_filter(column: InstrumentedAttribute[str], root: str) -> ColumnElement[bool]:
    """SQL: the column's code is `root`, lies below it, or is one of the regions above it."""
    above = ancestors_and_self(root) if root else ()
    return or_(subtree_filter(column, root), column.in_(above))


def import_csv(session: Session, lines: Iterable[str]) -> int:
    """Insert or rename the regions of a CSV with the columns code, level, parent, name; nothing is deleted.

    Returns:
        The number of regions read.

    Raises:
        Rejected: a row is wrong; nothing was changed.
    """
    rows = list(csv.DictReader(lines))
    known = {row["code"] for row in rows} | set(session.scalars(select(Region.code)))
    for number, row in enumerate(rows, start=2):
        code, level, parent = row["code"], row["level"], row["parent"] or None
        shape_wrong = len(code) not in LENGTHS or not code.isdigit() or LEVELS[LENGTHS.index(len(code))] != level
        if shape_wrong or (parent is not None and (parent not in known or not code.startswith(parent))):
            raise Rejected("region_row_wrong", _("Row %(number)s of the region list is wrong.", number=number))
    standing = {region.code: region for region in session.scalars(select(Region))}
    for length in LENGTHS:  # parents before children
        for row in (row for row in rows if len(row["code"]) == length):
            code, name = row["code"], row["name"].strip()
            if code in standing:
                standing[code].name, standing[code].parent_code = name, row["parent"] or None
            else:
                standing[code] = Region(code=code, level=row["level"], parent_code=row["parent"] or None, name=name)
                session.add(standing[code])
        session.flush()
    return len(rows)

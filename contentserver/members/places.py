"""A station as people name it: the code of its region, or its name, with the township before it where two have it."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from contentserver.kernel.errors import Rejected
from contentserver.regions import Region, parents_named, subtree_filter
from contentserver.stations import Station

OFFERED = 60


def station_called(session: Session, root: str, text: str) -> Station:
    """The station of a subtree that somebody names.

    Raises:
        Rejected: there is none, or several.
    """
    words = text.split()
    if not words:
        sentence = _("Name the station: the code of its region, or its name with the township before it.")
        raise Rejected("station_missing", sentence, {"station": sentence})
    query = (
        select(Station)
        .join(Region, Region.code == Station.region_code)
        .where(
            subtree_filter(Station.region_code, root),
            or_(Station.region_code == words[-1], Station.name == words[-1], Region.name == words[-1]),
        )
    )
    found = session.scalars(query.limit(OFFERED)).all()
    above = parents_named(session, [one.region_code for one in found])
    found = [one for one in found if all(word in above[one.region_code] for word in words[:-1])]
    if len(found) != 1:
        none, several = _("There is no such station in your region."), _("Several stations are called that.")
        sentence = several if found else none
        raise Rejected("station_unknown", sentence, {"station": sentence})
    return found[0]


def stations_offered(session: Session, root: str) -> Sequence[str]:
    """What may be typed, where the stations of a subtree are few; nothing of many."""
    query = select(Station).where(subtree_filter(Station.region_code, root)).order_by(Station.region_code)
    found = session.scalars(query.limit(OFFERED + 1)).all()
    if len(found) > OFFERED:
        return ()
    above = parents_named(session, [one.region_code for one in found])
    return [" ".join([*above[one.region_code].split()[-1:], one.name]) for one in found]

"""Notices to regions and groups, on the television and on paper, and who has read them: front door."""

from flask import Blueprint

from contentserver.notices import views
from contentserver.notices.models import NoticeGroup, NoticeReading, NoticeRegion, NoticeRow
from contentserver.notices.reaching import group_uses
from contentserver.notices.reading import take_readings
from contentserver.notices.service import OLD_NOTICES, lay_out
from contentserver.stations import StationGroup

__all__ = [
    "MADE_OF",
    "OLD_NOTICES",
    "NoticeReading",
    "NoticeRow",
    "blueprints",
    "group_uses",
    "lay_out",
    "take_readings",
]

MADE_OF = (NoticeRow, NoticeRegion, NoticeGroup, StationGroup)
"""The tables of which a station's paper is made."""


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

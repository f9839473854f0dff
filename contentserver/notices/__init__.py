"""Notices to regions, on the televisions and on paper, and who has read them. Front door for the slices above."""

from flask import Blueprint

from contentserver.notices import views
from contentserver.notices.reading import take_readings
from contentserver.notices.service import OLD_NOTICES, lay_out

__all__ = ["OLD_NOTICES", "blueprints", "lay_out", "take_readings"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

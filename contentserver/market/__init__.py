"""Prices, and what villages offer and look for; both on their televisions. Front door."""

from flask import Blueprint

from contentserver.market import api, desk, keeping, views
from contentserver.market.bulletin import OLD_OFFERS
from contentserver.market.models import Commodity, MarketPlace, Offer, Price
from contentserver.market.publishing import lay_out

__all__ = ["MADE_OF", "OLD_OFFERS", "blueprints", "lay_out"]

MADE_OF = (Commodity, MarketPlace, Offer, Price)
"""The tables of which a station's paper is made."""


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return (views.blueprint, keeping.blueprint, desk.blueprint, api.blueprint)

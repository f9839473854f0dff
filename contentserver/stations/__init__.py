"""Stations: places where people watch. Front door for the slices above."""

from flask import Blueprint

from contentserver.stations import views
from contentserver.stations.models import Station
from contentserver.stations.rules import MOST_STARS
from contentserver.stations.service import (
    add_village_stations,
    keep_join_addresses,
    note_stars,
    renew_join_address,
    station_card,
    station_joined,
    station_named,
    stations_in,
    where_station,
)

__all__ = [
    "MOST_STARS",
    "Station",
    "add_village_stations",
    "blueprints",
    "keep_join_addresses",
    "note_stars",
    "renew_join_address",
    "station_card",
    "station_joined",
    "station_named",
    "stations_in",
    "where_station",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

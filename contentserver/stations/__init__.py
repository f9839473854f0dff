"""Stations: places where people watch, and groups of them. Front door for the slices above."""

from flask import Blueprint

from contentserver.stations import desk, views
from contentserver.stations.groups import (
    groups_concerning,
    groups_with,
    groups_within,
    stations_by_group,
    stations_of_groups,
)
from contentserver.stations.models import Station, StationGroup
from contentserver.stations.ports import GroupUse, GroupUses
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
    "GroupUse",
    "GroupUses",
    "Station",
    "StationGroup",
    "add_village_stations",
    "blueprints",
    "groups_concerning",
    "groups_with",
    "groups_within",
    "keep_join_addresses",
    "note_stars",
    "renew_join_address",
    "station_card",
    "station_joined",
    "station_named",
    "stations_by_group",
    "stations_in",
    "stations_of_groups",
    "where_station",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, desk.blueprint)

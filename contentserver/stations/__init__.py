"""Stations: places where people watch. Front door for the slices above."""

from flask import Blueprint

from contentserver.stations import views
from contentserver.stations.models import Station
from contentserver.stations.service import add_village_stations, station_card, station_named, stations_in

__all__ = ["Station", "add_village_stations", "blueprints", "station_card", "station_named", "stations_in"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

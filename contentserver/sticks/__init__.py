"""USB sticks: lessons and timetable carried to a station, its boxes' journals carried back. Front door."""

from flask import Blueprint

from contentserver.sticks import views

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

"""Reports: true numbers over sessions. The topmost slice of the main job."""

from flask import Blueprint

from contentserver.reports import views


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

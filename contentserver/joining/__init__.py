"""Joining: the page behind the square on a television, on which a station's people sign in by phone. Front door."""

from flask import Blueprint

from contentserver.joining import earlier, views

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, earlier.blueprint)

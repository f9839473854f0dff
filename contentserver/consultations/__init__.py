"""Green channel: questions of stations and people, answered by experts. Front door."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return ()

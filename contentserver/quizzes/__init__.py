"""Questions that lessons ask the room, and how rooms answered. Front door."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return ()

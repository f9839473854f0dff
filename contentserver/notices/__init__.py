"""Notices to regions, and who has read them. Front door."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return ()

"""Alerts: warnings that pre-empt everything on the televisions of a region. Front door for the slices above."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return ()

"""Prices, and what villages offer and look for. Front door."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return ()

"""Readiness: will this box be able to play that airing? Computed before it starts. Front door for the slices above."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return ()

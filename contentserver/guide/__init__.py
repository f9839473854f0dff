"""The programme guide for people: a public page for each station, its poster, its feeds. Front door for the slices above."""

from flask import Blueprint

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and its API."""
    return ()

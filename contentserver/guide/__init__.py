"""The programme guide for people: each station's public page, poster and feeds. Front door for the slices above."""

from flask import Blueprint

from contentserver.guide import views

__all__ = ["blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and feeds; all of them public."""
    return (views.blueprint,)

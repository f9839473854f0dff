"""The public site: news, the catalogue, reading for phones; and the pages on which they are written. Front door."""

from flask import Blueprint

from contentserver.portal import everywhere, public, views
from contentserver.portal.publishing import ArticleKind

__all__ = ["ArticleKind", "blueprints"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, public.blueprint, everywhere.blueprint)

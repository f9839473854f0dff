"""Stars: the five ones of a station, rules by version, rounds with spot checks, appeals. Front door."""

from flask import Blueprint

from contentserver.stars import desk, inspecting, public, ruling, views
from contentserver.stars.photographs import file_of as photograph_file
from contentserver.stars.photographs import folder_of as photograph_folder
from contentserver.stars.photographs import keep as keep_photograph
from contentserver.stars.photographs import old_photographs

__all__ = ["blueprints", "keep_photograph", "old_photographs", "photograph_file", "photograph_folder"]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, ruling.blueprint, desk.blueprint, inspecting.blueprint, public.blueprint)

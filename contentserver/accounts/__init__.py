"""People of the web pages: accounts, sessions in the database, audit. Front door for the slices above."""

from flask import Blueprint

from contentserver.accounts import views
from contentserver.accounts.models import Account
from contentserver.accounts.service import audit, audited_since, create_account, load_person, touch_session
from contentserver.accounts.views import SESSION_KEY

__all__ = [
    "SESSION_KEY",
    "Account",
    "audit",
    "audited_since",
    "blueprints",
    "create_account",
    "load_person",
    "touch_session",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint,)

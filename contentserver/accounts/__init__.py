"""People of the web pages: accounts, sessions in the database. Front door for the slices above."""

from flask import Blueprint

from contentserver.accounts import at_machine, desk, me, views
from contentserver.accounts.confirming import ask_again, refuse_readers
from contentserver.accounts.inviting import OLD_INVITATIONS
from contentserver.accounts.me import offers as stand_in_offers
from contentserver.accounts.models import Account
from contentserver.accounts.ports import SendMail
from contentserver.accounts.service import (
    OLD_LOCKS,
    OLD_SESSIONS,
    audited_about,
    create_account,
    load_person,
    named_or_administrator,
    person_of,
    touch_session,
)
from contentserver.accounts.standing_in import OVER as ENDED_DELEGATIONS
from contentserver.accounts.trail import AuditedPeople
from contentserver.accounts.views import SESSION_KEY

__all__ = [
    "ENDED_DELEGATIONS",
    "OLD_INVITATIONS",
    "OLD_LOCKS",
    "OLD_SESSIONS",
    "SESSION_KEY",
    "Account",
    "AuditedPeople",
    "SendMail",
    "ask_again",
    "at_machine",
    "audited_about",
    "blueprints",
    "create_account",
    "load_person",
    "named_or_administrator",
    "person_of",
    "refuse_readers",
    "stand_in_offers",
    "touch_session",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    return (views.blueprint, me.blueprint, desk.blueprint)

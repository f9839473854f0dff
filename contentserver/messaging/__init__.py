"""Messages: short messages and mails to groups of people, by real gateways, with what became of each. Front door."""

from flask import Blueprint

from contentserver.messaging import api, desk, views
from contentserver.messaging.api import token_of as gateway_token
from contentserver.messaging.models import Message
from contentserver.messaging.ports import (
    Fate,
    Gateway,
    GatewayAway,
    Incoming,
    Outgoing,
    Receipt,
    Source,
    Submitted,
    Telling,
)
from contentserver.messaging.releasing import ReleaseKind
from contentserver.messaging.rules import Channel, Way
from contentserver.messaging.sending import Post
from contentserver.messaging.sending import start as start_post
from contentserver.messaging.service import Means

__all__ = [
    "Channel",
    "Fate",
    "Gateway",
    "GatewayAway",
    "Incoming",
    "Means",
    "Message",
    "Outgoing",
    "Post",
    "Receipt",
    "ReleaseKind",
    "Source",
    "Submitted",
    "Telling",
    "Way",
    "blueprints",
    "gateway_token",
    "start_post",
]


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages and the addresses for gateways."""
    return (views.blueprint, desk.blueprint, api.blueprint)

"""Where an HTTP gateway calls: delivery reports, and what people send back.

The last part of the address is a secret of this server, which only the gateway's settings have.
"""

import hmac

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.kernel import http, scoping
from contentserver.kernel.errors import Unauthenticated
from contentserver.kernel.sealing import Seal
from contentserver.messaging import receiving
from contentserver.messaging.ports import Incoming, Receipt
from contentserver.messaging.rules import Way

blueprint = Blueprint("messages_api", __name__, url_prefix="/api/v1/messages")
http.csrf.exempt(blueprint)
scoping.free(blueprint, "token", because="a secret of this server; whoever has it speaks for the gateway")
_TYPES = {"1": Way.DELIVERED, "2": Way.FAILED, "16": Way.FAILED, "34": Way.FAILED}
"""Kannel's types of delivery reports that end a message."""
TEXT_CHARS = 500


@blueprint.route("/receipts/<token>", methods=["GET", "POST"])
@http.limiter.exempt
def receipts(token: str) -> ResponseReturnValue:
    """What became of a message: `reference`, `type`, `answer`."""
    _require(token)
    said, way = request.values, _TYPES.get(request.values.get("type", ""))
    if way is not None:
        error = "" if way is Way.DELIVERED else said.get("answer", "")[:TEXT_CHARS]
        receiving.receipt(http.db_session(), Receipt(said.get("reference", ""), way, error), http.now())
    return {"status": "ok"}


@blueprint.route("/incoming/<token>", methods=["GET", "POST"])
@http.limiter.exempt
def incoming(token: str) -> ResponseReturnValue:
    """What somebody wrote back: `from`, `text`."""
    seal = _require(token)
    said = Incoming(request.values.get("from", ""), request.values.get("text", "")[:TEXT_CHARS])
    receiving.incoming(http.db_session(), said, seal, http.now())
    return {"status": "ok"}


def token_of(seal: Seal) -> str:
    """The secret in these addresses."""
    return seal.mark("gateway calls")[:32]


def _require(token: str) -> Seal:
    seal: Seal = current_app.extensions["services"].personal
    if not hmac.compare_digest(token.encode(), token_of(seal).encode()):
        raise Unauthenticated("gateway_unknown", _("This gateway is not known here."))
    return seal

"""JSON for boxes: enrolment, desired state, reports, time. Messages: `schedules.wire.messages`."""

import base64
from uuid import UUID

from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from contentserver.boxes import rules, service
from contentserver.boxes.models import Box
from contentserver.boxes.ports import OnReport
from contentserver.kernel import clock, http
from contentserver.kernel.errors import Rejected, Unauthenticated
from contentserver.members import roster_of
from schedules.wire.messages import (
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentState,
    Reported,
    ServerTime,
)
from schedules.wire.signing import ALGORITHM

blueprint = Blueprint("boxes_api", __name__, url_prefix="/api/v1")
http.csrf.exempt(blueprint)
PROOF_HEADER = "X-Yuanjiao-Proof"
JOSE = "application/jose"


def box_of_request() -> Box:
    """The box whose token the request carries.

    Raises:
        Unauthenticated: none, unknown or revoked.
    """
    if "box" not in g:
        g.box = service.box_with_token(http.db_session(), _bearer())
    found: Box = g.box
    return found


@blueprint.post("/enrolments")
@http.limiter.limit("120 per minute")
def enrol() -> ResponseReturnValue:
    """Open an enrolment for a box that proves possession of its key by signing the request's body."""
    wanted = http.json_body(EnrolmentRequest)
    _check_proof(wanted.public_key, request.headers.get(PROOF_HEADER, ""), request.get_data())
    enrolment, token = service.open_enrolment(http.db_session(), wanted, http.now())
    public_url = current_app.extensions["services"].settings.public_url
    offer = EnrolmentOffer(
        enrolment=str(enrolment.id),
        claim_code=rules.shown_claim_code(enrolment.claim_code),
        claim_url=f"{public_url}/boxes/claim?code={enrolment.claim_code}",
        poll_token=token,
        expires_at=enrolment.expires_at,
    )
    return http.json_response(offer, 201)


@blueprint.get("/enrolments/<uuid:enrolment_id>")
def credentials(enrolment_id: UUID) -> ResponseReturnValue:
    """Credentials, once somebody has entered the code; the same ones however often the box asks."""
    box = service.claimed_box(http.db_session(), enrolment_id, _bearer(), http.now())
    if box is None:
        return http.json_response(EnrolmentState())
    services = current_app.extensions["services"]
    settings = services.settings
    given = service.credentials_of(
        box, settings.secret_key, settings.box_broker_host, settings.broker_port, services.signer
    )
    return http.json_response(EnrolmentState(credentials=given))


@blueprint.get("/box/desired")
def desired() -> ResponseReturnValue:
    """The same signed bytes that the broker retains."""
    return Response(box_of_request().desired_jws, content_type=JOSE)


@blueprint.get("/box/roster")
def roster() -> ResponseReturnValue:
    """Who may sign in at the box's station."""
    found = roster_of(http.db_session(), box_of_request().station_id)
    response = http.json_response(found)
    response.set_etag(found.version)
    return response.make_conditional(request)


@blueprint.post("/box/reported")
def reported() -> ResponseReturnValue:
    """A report by HTTP, where MQTT does not reach."""
    report = http.json_body(Reported)
    if report.box != box_of_request().id:
        raise Rejected("wrong_box", _("The report speaks of another box."))
    service.accept_report(http.db_session(), box_of_request(), report, http.now(), live=True)
    on_report: OnReport = current_app.extensions["on_report"]
    on_report(http.db_session(), report, http.now())
    return Response(status=204)


@blueprint.get("/time")
def time() -> ResponseReturnValue:
    """The server's two of four timestamps."""
    received = clock.now()
    return http.json_response(ServerTime(received_at=received, sent_at=clock.now()))


def _bearer() -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("no_token", _("Not signed in as a box."))
    return token


def _check_proof(public_key: str, proof: str, body: bytes) -> None:
    try:
        base64.urlsafe_b64decode(public_key + "==")
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public_key})
        signed = jws.deserialize_compact(proof, key, algorithms=[ALGORITHM, "EdDSA"])
    except (JoseError, ValueError, TypeError) as error:
        raise Rejected("proof_wrong", _("The box did not prove that the key is its own.")) from error
    if signed.payload != body:
        raise Rejected("proof_wrong", _("The box did not prove that the key is its own."))

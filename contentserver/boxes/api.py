"""JSON for boxes: enrolment, desired state, reports, time. Messages: `schedules.wire.messages`."""

from uuid import UUID

import msgspec
import structlog
from flask import Blueprint, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from contentserver.boxes import credentials as keys
from contentserver.boxes import enrolling, releasing, service
from contentserver.boxes.models import Box
from contentserver.boxes.ports import OnReport, ReleaseStore
from contentserver.kernel import clock, http, scoping
from contentserver.kernel.errors import NotFound, Rejected, Unauthenticated
from contentserver.members import roster_of
from contentserver.papers import of_kind
from schedules.wire.messages import (
    CredentialRequest,
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentReveal,
    EnrolmentState,
    Reported,
    ServerTime,
    SigningKeys,
)

blueprint = Blueprint("boxes_api", __name__, url_prefix="/api/v1")
scoping.free(blueprint, "enrolment_id", because="a box that is not let in yet asks, with the token of its enrolment")
scoping.free(blueprint, "sha256", because="releases are for every box")
scoping.free(blueprint, "kind", because="a kind of paper; the box gets that of its own station")
http.csrf.exempt(blueprint)
PROOF_HEADER = "X-Yuanjiao-Proof"
JOSE = "application/jose"
PEM = "application/x-pem-file"


def box_of_request() -> Box:
    """The box whose token the request carries.

    Raises:
        Unauthenticated: none, unknown or ended.
    """
    if "box" not in g:
        token = _bearer()
        g.box = keys.box_with_token(http.db_session(), token)
        structlog.contextvars.bind_contextvars(box=g.box.id)
        if keys.is_first_use(g.box, token):
            _note_first_use(g.box)
    found: Box = g.box
    return found


@blueprint.get("/authority")
def authority() -> ResponseReturnValue:
    """The certificate authority by which this server is known; a box asks for it at first contact."""
    pem = current_app.extensions["services"].introduction.authority
    if not pem:
        raise NotFound("no_authority", _("This server has no certificate authority."))
    return Response(pem, content_type=PEM)


@blueprint.post("/enrolments")
@http.limiter.limit("120 per minute")
def enrol() -> ResponseReturnValue:
    """Open an enrolment for a box that proves possession of its key by signing the request's body."""
    wanted = http.json_body(EnrolmentRequest)
    if not keys.proves(wanted.public_key, request.headers.get(PROOF_HEADER, ""), request.get_data()):
        raise Rejected("proof_wrong", _("The box did not prove that the key is its own."))
    enrolment, token = enrolling.open_enrolment(http.db_session(), wanted, http.now())
    public_url = current_app.extensions["services"].settings.public_url
    offer = EnrolmentOffer(
        enrolment=str(enrolment.id),
        claim_code="",
        claim_url=f"{public_url}/boxes/claim",
        poll_token=token,
        expires_at=enrolment.expires_at,
        claim_stem=enrolment.claim_stem,
        server_nonce=enrolment.server_nonce,
    )
    return http.json_response(offer, 201)


@blueprint.post("/enrolments/<uuid:enrolment_id>/nonce")
def reveal(enrolment_id: UUID) -> ResponseReturnValue:
    """The box's nonce; a box that somebody has announced is let in by it."""
    services = current_app.extensions["services"]
    box = enrolling.reveal(
        http.db_session(),
        enrolment_id,
        _bearer(),
        http.json_body(EnrolmentReveal),
        authority=services.introduction.authority,
        signer=services.signer,
        secret=services.settings.secret_key,
        now=http.now(),
    )
    return _enrolment_state(box)


@blueprint.get("/enrolments/<uuid:enrolment_id>")
def credentials(enrolment_id: UUID) -> ResponseReturnValue:
    """Credentials, once the box is let in; the same ones however often it asks."""
    return _enrolment_state(enrolling.claimed_box(http.db_session(), enrolment_id, _bearer(), http.now()))


@blueprint.post("/box/credentials")
@http.limiter.limit("600 per minute")
def newest_credentials() -> ResponseReturnValue:
    """The newest credential of a box that shows one it had, and proves its key."""
    services = current_app.extensions["services"]
    box = keys.newest_for(
        http.db_session(),
        http.json_body(CredentialRequest),
        token=_bearer(),
        proof=request.headers.get(PROOF_HEADER, ""),
        body=request.get_data(),
        secret=services.settings.secret_key,
        now=http.now(),
    )
    return http.json_response(keys.credentials_of(box, services.settings.secret_key, services.introduction))


@blueprint.get("/box/desired")
def desired() -> ResponseReturnValue:
    """The same signed bytes that the broker retains."""
    return Response(box_of_request().desired_jws, content_type=JOSE)


@blueprint.get("/box/keys")
def signing_keys() -> ResponseReturnValue:
    """The keys that the box is to trust from now on; believed because of the authority, not of any of them."""
    box_of_request()
    about = current_app.extensions["services"].introduction
    return http.json_response(SigningKeys(keys_no=about.keys_no, keys=msgspec.Raw(about.signing_keys)))


@blueprint.get("/box/roster")
def roster() -> ResponseReturnValue:
    """Who may sign in at the box's station."""
    found = roster_of(http.db_session(), box_of_request().station_id)
    response = http.json_response(found)
    response.set_etag(found.version)
    return response.make_conditional(request)


@blueprint.get("/box/papers/<kind>")
def paper(kind: str) -> ResponseReturnValue:
    """What the box's station reads beside its timetable."""
    found = of_kind(http.db_session(), box_of_request().station_id, kind)
    if found is None:
        raise NotFound("no_paper", _("This station has nothing of that kind to read."))
    version, body = found
    response = Response(body, content_type="application/json")
    response.set_etag(version)
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


@blueprint.get("/box/release/<sha256>")
def release(sha256: str) -> ResponseReturnValue:
    """The archive of a release, with ranges."""
    box_of_request()
    row = releasing.release_with_hash(http.db_session(), sha256)
    store: ReleaseStore = current_app.extensions["services"].store
    return store.send_release(row.sha256)


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


def _enrolment_state(box: Box | None) -> ResponseReturnValue:
    if box is None:
        return http.json_response(EnrolmentState())
    services = current_app.extensions["services"]
    given = keys.credentials_of(box, services.settings.secret_key, services.introduction)
    return http.json_response(EnrolmentState(credentials=given))


def _note_first_use(box: Box) -> None:
    """A request that only reads holds no lock to write with, so that the fact is kept apart from it."""
    if request.method not in http.SAFE_METHODS:
        keys.new_token_used(box)
        return
    with current_app.extensions["services"].database.unit_of_work() as session:
        keys.new_token_used(session.get_one(Box, box.id))
    current_app.extensions["committed"]()

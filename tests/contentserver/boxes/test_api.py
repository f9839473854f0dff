"""What a stranger may ask of the boxes' API: nothing without proof, not too often, and every refusal is a Problem."""

import base64
from pathlib import Path

import pytest
from cryptography import x509
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OKPKey
from sqlalchemy import select

from contentserver import boxes, regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.app import create_app
from contentserver.boxes.models import Enrolment
from contentserver.deploy import authority
from contentserver.kernel import clock
from contentserver.settings import Settings
from schedules import claim
from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentReveal,
    EnrolmentState,
    Problem,
    ServerTime,
)
from tests.migrated import make_tables
from tests.serving import write_key


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    key = tmp_path / "key.jwk"
    write_key(key)
    authority.make_authority(tmp_path / "authority.pem", clock.now())
    settings = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/test.db",
        data_dir=tmp_path / "data",
        broker_password="p",
        signing_key_file=key,
    )
    make_tables(settings.database_url)
    return create_app(settings).test_client()


NONCE = "0123456789abcdef" * 2


def _request(key: OKPKey) -> tuple[bytes, str]:
    public = key.as_dict(private=False)
    body = encode(EnrolmentRequest(public_key=str(public["x"]), commitment=claim.commitment(NONCE)))
    return body, _proof(key, body)


def _proof(key: OKPKey, body: bytes) -> str:
    return jws.serialize_compact({"alg": "Ed25519"}, body, key, algorithms=["Ed25519"])


def _enrol(client: FlaskClient, body: bytes, proof: str) -> tuple[int, bytes]:
    answer = client.post("/api/v1/enrolments", data=body, headers={"X-Yuanjiao-Proof": proof})
    return answer.status_code, answer.data


def test_a_box_that_proves_its_key_is_offered_half_a_code_and_computes_the_other(client: FlaskClient) -> None:
    key = OKPKey.generate_key("Ed25519")
    status, data = _enrol(client, *_request(key))
    offer = decode(data, EnrolmentOffer)
    assert (status, offer.claim_code, len(offer.claim_stem)) == (201, "", claim.STEM_LENGTH)
    assert "code" not in offer.claim_url
    bearer = {"Authorization": f"Bearer {offer.poll_token}"}
    address = f"/api/v1/enrolments/{offer.enrolment}"
    wrong = client.post(f"{address}/nonce", data=encode(EnrolmentReveal(nonce="ab" * 16)), headers=bearer)
    assert (wrong.status_code, decode(wrong.data, Problem).code) == (422, "nonce_wrong")
    assert client.post(f"{address}/nonce", data=encode(EnrolmentReveal(nonce=NONCE))).status_code == 401
    for _ in range(2):
        told = client.post(f"{address}/nonce", data=encode(EnrolmentReveal(nonce=NONCE)), headers=bearer)
        assert (told.status_code, decode(told.data, EnrolmentState).credentials) == (200, None)
    code = claim.claim_code(
        stem=offer.claim_stem,
        public_key=str(key.as_dict(private=False)["x"]),
        authority=client.get("/api/v1/authority").text,
        box_nonce=NONCE,
        server_nonce=offer.server_nonce,
    )
    with client.application.extensions["services"].database.reader() as session:
        assert session.scalars(select(Enrolment.claim_code)).one() == code
    assert decode(client.get(address, headers=bearer).data, EnrolmentState).credentials is None


def test_anybody_may_have_the_authority(client: FlaskClient) -> None:
    pem = client.get("/api/v1/authority")
    assert pem.status_code == 200
    assert x509.load_pem_x509_certificate(pem.data)
    assert b"PRIVATE" not in pem.data


def test_a_rotated_box_uses_its_old_token_until_it_has_used_the_new_one(client: FlaskClient) -> None:
    services = client.application.extensions["services"]
    with services.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203")
        station = stations.stations_in(session, "640221203205")[0]
        box = boxes.enrol_for_trial(session, station, "1", services.signer, "s" * 40, clock.now())
        old = boxes.credentials_of(box, "s" * 40, services.introduction).http_token
        boxes.rotate(session, box, None, services.signer, "s" * 40, clock.now())
        new = boxes.credentials_of(box, "s" * 40, services.introduction).http_token

    def status(token: str) -> int:
        return client.get("/api/v1/box/desired", headers={"Authorization": f"Bearer {token}"}).status_code

    assert [status(old), status(old), status(new), status(new), status(old)] == [200, 200, 200, 200, 401]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"box":1,"at":"2026-11-23T11:30:00"}', b'{"box":"x","at":0}'])
def test_rubbish_gets_no_credentials(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/box/credentials", data=body, headers={"Authorization": "Bearer guess"})
    assert answer.status_code in {401, 422}
    assert decode(answer.data, Problem).title


@pytest.mark.parametrize("proof", ["", "nonsense", "a.b.c", "é"])
def test_without_the_proof_there_is_no_code(client: FlaskClient, proof: str) -> None:
    body, _proof = _request(OKPKey.generate_key("Ed25519"))
    status, data = _enrol(client, body, proof)
    assert (status, decode(data, Problem).code) == (422, "proof_wrong")


def test_another_boxs_key_and_another_body_are_no_proof(client: FlaskClient) -> None:
    body, proof = _request(OKPKey.generate_key("Ed25519"))
    other, other_proof = _request(OKPKey.generate_key("Ed25519"))
    for wrong in ((body, other_proof), (other, proof), (body + b" ", proof)):
        assert _enrol(client, *wrong)[0] == 422


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"public_key":7}', b'{"public_key":"' + b"A" * 9000 + b'"}'])
def test_rubbish_is_refused_in_words(client: FlaskClient, body: bytes) -> None:
    status, data = _enrol(client, body, base64.b64encode(b"x").decode())
    assert status == 422
    assert decode(data, Problem).title


def test_nobody_floods_the_server_with_enrolments(client: FlaskClient) -> None:
    body, proof = _request(OKPKey.generate_key("Ed25519"))
    statuses = [_enrol(client, body, proof)[0] for _ in range(121)]
    assert statuses[:120] == [201] * 120
    assert statuses[120] == 429


@pytest.mark.parametrize(
    "path",
    ["/api/v1/box/desired", "/api/v1/box/roster", "/api/v1/layers/region-64", "/api/v1/packages/sha256-0"],
)
@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer guess", "Basic Zm9v"])
def test_what_is_for_boxes_is_for_no_stranger(client: FlaskClient, path: str, header: str) -> None:
    answer = client.get(path, headers={"Authorization": header})
    assert answer.status_code == 401
    assert decode(answer.data, Problem).title


def test_anybody_may_ask_the_time(client: FlaskClient) -> None:
    said = decode(client.get("/api/v1/time").data, ServerTime)
    assert said.received_at <= said.sent_at


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_cookie_that_came_by_tls_never_goes_without(client: FlaskClient, scheme: str) -> None:
    answer = client.get("/sign-in", headers={"X-Forwarded-Proto": scheme})
    assert ("; Secure" in answer.headers["Set-Cookie"]) == (scheme == "https")

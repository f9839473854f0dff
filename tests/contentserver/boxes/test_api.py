"""What a stranger may ask of the boxes' API: nothing without proof, not too often, and every refusal is a Problem."""

import base64
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import OKPKey

from contentserver.admin import migrate
from contentserver.app import create_app
from contentserver.settings import Settings
from schedules.wire.codec import decode, encode
from schedules.wire.messages import EnrolmentOffer, EnrolmentRequest, EnrolmentState, Problem, ServerTime
from schedules.wire.signing import new_private_jwk


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    key = tmp_path / "key.jwk"
    key.write_bytes(new_private_jwk())
    settings = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/test.db",
        data_dir=tmp_path / "data",
        broker_password="p",
        signing_key_file=key,
    )
    migrate(settings.database_url)
    return create_app(settings).test_client()


def _request(key: OKPKey) -> tuple[bytes, str]:
    public = key.as_dict(private=False)
    body = encode(EnrolmentRequest(public_key=str(public["x"])))
    return body, jws.serialize_compact({"alg": "Ed25519"}, body, key, algorithms=["Ed25519"])


def _enrol(client: FlaskClient, body: bytes, proof: str) -> tuple[int, bytes]:
    answer = client.post("/api/v1/enrolments", data=body, headers={"X-Yuanjiao-Proof": proof})
    return answer.status_code, answer.data


def test_a_box_that_proves_its_key_is_offered_a_code(client: FlaskClient) -> None:
    status, data = _enrol(client, *_request(OKPKey.generate_key("Ed25519")))
    offer = decode(data, EnrolmentOffer)
    assert status == 201
    assert len(offer.claim_code) == 9
    bearer = {"Authorization": f"Bearer {offer.poll_token}"}
    answer = client.get(f"/api/v1/enrolments/{offer.enrolment}", headers=bearer)
    assert decode(answer.data, EnrolmentState).credentials is None


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

"""The other side of the contract, small but real: it signs, checks proofs, acknowledges, serves ranges."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as mqtt
from flask import Flask, Response, request, send_file
from joserfc import jws
from joserfc.jwk import OKPKey
from paho.mqtt.enums import CallbackAPIVersion
from werkzeug.serving import make_server

from media_pipeline.manifest import encode_manifest, package_name
from schedules import claim
from schedules.airings import Airing, LayerId, PackageName
from schedules.wire import topics
from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    Ack,
    Approval,
    BrokerAccess,
    Credentials,
    Desired,
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentReveal,
    EnrolmentState,
    EventBatch,
    EventRecord,
    LayerMessage,
    Message,
    PackageAccess,
    Paper,
    Problem,
    Reported,
    Roster,
    ServerTime,
    SigningKeys,
    StationCard,
)
from schedules.wire.signing import Signer, jwk_set, new_private_jwk
from schedules.wire.topics import BoxId
from tests.tvclient.evening import ROSTER, lesson
from tests.tvclient.packing import pack

logging.getLogger("werkzeug").setLevel(logging.ERROR)

BOX = BoxId(7)
TOKEN = "http-token"
STEM, SERVER_NONCE = "7K4M9", "ab" * 16
LAYER = LayerId("region-640221")


def now() -> datetime:
    return datetime.now(UTC)


class Counterpart:
    """A server for one box. Its attributes are what a test looks at and changes."""

    def __init__(self, folder: Path, broker_port: int) -> None:
        self.signer = Signer(new_private_jwk())
        self.keys = jwk_set([self.signer.public_jwk])
        self.keys_no = 0
        self.packages = folder / "packages"
        self.packages.mkdir(parents=True)
        self.claimed = False
        self.expired = False
        self.ended = ""
        self.unknown = False
        self.token, self.credential_no = TOKEN, 1
        self.claim_code = ""
        self.authority = ""
        self.asked: EnrolmentRequest | None = None
        self.generation = "g1"
        self.rows: dict[tuple[str, int], EventRecord] = {}
        self.batches = 0
        self.mqtt_batches = 0
        self.reported: Reported | None = None
        self.online: bytes | None = None
        self.roster: Roster = ROSTER
        self.roster_answers: list[int] = []
        self.papers: dict[str, Paper] = {}
        self.answer_files: dict[str, bytes] = {}
        self.desired_token = b""
        self.layer_tokens: dict[str, bytes] = {}
        self.approvals: dict[str, str] = {}
        self.ranges: list[str | None] = []
        self.cut_after: int | None = None
        self.withheld: str | None = None
        self.mute = False
        self.requests: list[str] = []
        self._broker_port = broker_port
        self._http = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._mqtt: mqtt.Client | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def start(self) -> None:
        self._thread.start()
        if self._broker_port == 9:
            return
        self._mqtt = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="ingest", protocol=mqtt.MQTTv5)
        self._mqtt.on_connect = self._connected
        self._mqtt.on_message = self._message
        self._mqtt.reconnect_delay_set(1, 1)
        self._mqtt.connect("127.0.0.1", self._broker_port)
        self._mqtt.loop_start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)
        if self._mqtt:
            self._mqtt.disconnect()
            self._mqtt.loop_stop()

    # --- what a test does ---

    def credentials(self) -> Credentials:
        access = BrokerAccess(host="127.0.0.1", port=self._broker_port, username="box-7", password="secret")
        return Credentials(
            box=BOX,
            http_token=self.token,
            broker=access,
            signing_keys=msgspec.Raw(self.keys),
            credential_no=self.credential_no,
            keys_no=self.keys_no,
        )

    def want(
        self, version: int = 1, layers: tuple[LayerId, ...] = (LAYER,), roster_version: str = "1", **more: object
    ) -> bytes:
        station = StationCard(id="s", name="马场村站点")
        wanted = Desired(box=BOX, version=version, station=station, layers=layers, roster_version=roster_version)
        self.desired_token = self.signer.sign(msgspec.structs.replace(wanted, **more))
        self.publish(topics.desired(BOX), self.desired_token)
        return self.desired_token

    def layer_message(self, revision: int, *airings: Airing, layer: LayerId = LAYER) -> LayerMessage:
        start = now()
        return LayerMessage(
            layer=layer,
            owner="惠农区",
            depth=2,
            revision=revision,
            published_at=start,
            window_start=start,
            window_end=start + timedelta(days=14),
            airings=airings,
        )

    def plan(self, revision: int, *airings: Airing, layer: LayerId = LAYER) -> bytes:
        token = self.signer.sign(self.layer_message(revision, *airings, layer=layer))
        self.layer_tokens[layer] = token
        self.publish(topics.layer(layer), token)
        return token

    def publish(self, topic: str, data: bytes) -> None:
        if self._mqtt:
            self._mqtt.publish(topic, data, 1, retain=True)

    def add_package(
        self, seed: bytes = b"a", *, seconds: float = 4, size: int = 5000, muxed: bool = False
    ) -> PackageName:
        """A package whose media are just bytes."""
        files, manifest = pack(seed, seconds, size, muxed=muxed)
        data = encode_manifest(manifest)
        name = PackageName(package_name(data))
        for path, content in {**files, "manifest.json": data}.items():
            at = self.packages / name / path
            at.parent.mkdir(parents=True, exist_ok=True)
            at.write_bytes(content)
        self.approve(name)
        return name

    def approve(
        self,
        name: PackageName,
        *,
        as_name: PackageName | None = None,
        signer: Signer | None = None,
        until: datetime | None = None,
    ) -> None:
        word = Approval(
            package=as_name or name, lesson=lesson(), approved_at=now(), approved_by="县审核", expires_at=until
        )
        self.approvals[name] = (signer or self.signer).sign(word).decode()

    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(self.rows[key].body) for key in sorted(self.rows)]

    # --- the server ---

    def commit(self, batch: EventBatch) -> Ack:
        self.batches += 1
        for row in batch.events:
            known = self.rows.setdefault((batch.epoch, row.sequence), row)
            assert bytes(known.body) == bytes(row.body), "the same key with another body"
        have = {sequence for epoch, sequence in self.rows if epoch == batch.epoch}
        through = 0
        while through + 1 in have:
            through += 1
        missing = [n for n in range(through + 1, max(have, default=0)) if n not in have]
        gaps = tuple((n, n) for n in missing)
        return Ack(box=BOX, epoch=batch.epoch, generation=self.generation, through=through, gaps=gaps)

    def _connected(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe([(topics.ALL_EVENTS, 1), (topics.ALL_REPORTED, 1), (topics.ALL_ONLINE, 1)])
        if self.desired_token:
            self.publish(topics.desired(BOX), self.desired_token)
        for layer, token in self.layer_tokens.items():
            self.publish(topics.layer(LayerId(layer)), token)

    def _message(self, client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        data = bytes(message.payload)
        match topics.box_of(message.topic):
            case (_, "events"):
                self.mqtt_batches += 1
                if not self.mute:
                    client.publish(topics.acks(BOX), encode(self.commit(decode(data, EventBatch))), 1)
            case (_, "reported"):
                self.reported = decode(data, Reported)
            case (_, "online"):
                self.online = data

    def _app(self) -> Flask:
        app = Flask("counterpart")
        app.add_url_rule("/api/v1/enrolments", view_func=self._enrol, methods=["POST"])
        app.add_url_rule("/api/v1/enrolments/e-1", view_func=self._enrolment)
        app.add_url_rule("/api/v1/enrolments/e-1/nonce", view_func=self._nonce, methods=["POST"])
        app.add_url_rule("/api/v1/box/credentials", view_func=self._newest, methods=["POST"])
        app.add_url_rule("/api/v1/authority", endpoint="authority", view_func=lambda: Response(self.authority))
        app.add_url_rule("/api/v1/time", view_func=lambda: _json(ServerTime(received_at=now(), sent_at=now())))
        app.add_url_rule("/packages/<name>/<path:path>", view_func=self._package_file)
        for rule, view, method in (
            ("/api/v1/box/desired", lambda: _signed(self.desired_token), "GET"),
            ("/api/v1/box/keys", lambda: _json(SigningKeys(keys_no=self.keys_no, keys=msgspec.Raw(self.keys))), "GET"),
            ("/api/v1/layers/<layer>", lambda layer: _signed(self.layer_tokens.get(layer, b"")), "GET"),
            ("/api/v1/box/roster", self._roster, "GET"),
            ("/api/v1/box/papers/<kind>", self._paper, "GET"),
            ("/api/v1/box/answer-files/<sha256>", self._answer_file, "GET"),
            ("/api/v1/box/events", lambda: _json(self.commit(decode(request.get_data(), EventBatch))), "POST"),
            ("/api/v1/box/reported", self._report, "POST"),
            ("/api/v1/packages/<name>", self._package, "GET"),
        ):
            app.add_url_rule(rule, endpoint=rule, view_func=self._for_boxes(view), methods=[method])
        return app

    def _for_boxes(self, view: Callable[..., Response]) -> Callable[..., Response]:
        def guarded(**arguments: str) -> Response:
            self.requests.append(request.path)
            if self.ended:
                return _json(Problem(code="box_revoked", title=self.ended), 401)
            if self.unknown or request.headers.get("Authorization") != f"Bearer {self.token}":
                return _json(Problem(code="box_unknown", title="Not a box"), 401)
            return view(**arguments)

        return guarded

    def _enrol(self) -> Response:
        wanted = decode(request.get_data(), EnrolmentRequest)
        key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": wanted.public_key})
        proof = jws.deserialize_compact(request.headers["X-Yuanjiao-Proof"], key, algorithms=["Ed25519", "EdDSA"])
        assert proof.payload == request.get_data()
        self.expired = False
        self.asked = wanted
        return _json(
            EnrolmentOffer(
                enrolment="e-1",
                claim_code="",
                claim_url=f"{self.url}/claim",
                claim_stem=STEM,
                server_nonce=SERVER_NONCE,
                poll_token="poll",
                expires_at=now() + timedelta(minutes=30),
            ),
            201,
        )

    def _enrolment(self) -> Response:
        assert request.headers["Authorization"] == "Bearer poll"
        if self.expired:
            return _json(Problem(code="expired", title="Too old"), 410)
        if self.claimed:
            self.unknown = False
        return _json(EnrolmentState(credentials=self.credentials() if self.claimed else None))

    def _nonce(self) -> Response:
        said = decode(request.get_data(), EnrolmentReveal)
        assert self.asked is not None
        assert claim.commitment(said.nonce) == self.asked.commitment
        self.claim_code = claim.shown(
            claim.claim_code(
                stem=STEM,
                public_key=self.asked.public_key,
                authority=self.authority,
                box_nonce=said.nonce,
                server_nonce=SERVER_NONCE,
            )
        )
        return self._enrolment()

    def _newest(self) -> Response:
        self.requests.append(request.path)
        if self.ended:
            return _json(Problem(code="box_revoked", title=self.ended), 401)
        if self.unknown:
            return _json(Problem(code="box_unknown", title="Never seen"), 401)
        return _json(self.credentials())

    def _roster(self) -> Response:
        answer = _json(self.roster)
        answer.set_etag(self.roster.version)
        answer.make_conditional(request)
        self.roster_answers.append(answer.status_code)
        return answer

    def _paper(self, kind: str) -> Response:
        return _json(self.papers[kind]) if kind in self.papers else _json(Problem(code="no_paper", title="None"), 404)

    def _answer_file(self, sha256: str) -> Response:
        found = self.answer_files.get(sha256)
        return Response(found) if found is not None else _json(Problem(code="file_unknown", title="None"), 404)

    def _report(self) -> Response:
        self.reported = decode(request.get_data(), Reported)
        return Response(status=204)

    def _package(self, name: str) -> Response:
        if name not in self.approvals:
            return _json(Problem(code="not_found", title="No such package"), 404)
        expires_at = now() + timedelta(hours=1)
        return _json(
            PackageAccess(
                approval=self.approvals[name], base=f"/packages/{name}/", query="?sig=x", expires_at=expires_at
            )
        )

    def _package_file(self, name: str, path: str) -> Response:
        assert request.args["sig"] == "x"
        self.requests.append(request.path)
        self.ranges.append(request.headers.get("Range"))
        at = self.packages / name / path
        if self.withheld is not None and request.path.endswith(self.withheld):
            return Response(status=503)
        if self.cut_after is not None and "Range" not in request.headers and at.stat().st_size > self.cut_after:
            short = at.read_bytes()[: self.cut_after]
            return Response(iter([short]), headers={"Content-Type": "video/mp4"})
        return send_file(BytesIO(at.read_bytes()), mimetype="application/octet-stream", conditional=True)


def _json(message: Message, status: int = 200) -> Response:
    return Response(encode(message), status=status, content_type="application/json")


def _signed(token: bytes) -> Response:
    if not token:
        return _json(Problem(code="not_found", title="Nothing yet"), 404)
    return Response(token, content_type="application/jose")

"""The broker as configured: nobody without an account, every box on its own topics alone, accounts given again."""

import queue
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from contentserver.adapters.broker import Broker
from contentserver.boxes.rules import broker_account
from contentserver.deploy import authority as authorities
from contentserver.kernel import clock
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.topics import BoxId
from tests.integration.conftest import RunningBroker
from tvclient.adapters import mqtt_packets
from tvclient.adapters.trust import trusting

SECRET = "s" * 40
WILL = ("yj/v1/boxes/1/online", b"{}")
LAYER = region_layer("640221")
ONE = broker_account(SECRET, BoxId(1), 1, (LAYER,))
OTHER = broker_account(SECRET, BoxId(2), 1, (region_layer("640202"),))


@pytest.fixture
def server(broker: RunningBroker) -> Iterator[Broker]:
    with _serving(broker) as link:
        link.keep_accounts([ONE])
        link.keep_accounts([OTHER])
        yield link


@contextmanager
def _serving(broker: RunningBroker) -> Iterator[Broker]:
    link = broker.server()
    link.start([], lambda _topic, _payload: None, lambda: None)
    assert link.connected.wait(10)
    yield link
    link.stop()


class Client:
    """A plain MQTT 5 client that notes what the broker says."""

    def __init__(
        self,
        port: int,
        username: str | None,
        password: str | None,
        client_id: str,
        authority: str = "",
        will: str = "",
    ) -> None:
        self.inbox: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._said: queue.Queue[ReasonCode] = queue.Queue()
        self._down = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = lambda _c, _d, _f, reason, _p: self._said.put(reason)
        self._client.on_subscribe = lambda _c, _d, _m, reasons, _p: self._said.put(reasons[0])
        self._client.on_publish = lambda _c, _d, _m, reason, _p: self._said.put(reason)
        self._client.on_disconnect = lambda *_: self._down.set()
        self._client.on_message = lambda _c, _d, message: self.inbox.put((message.topic, bytes(message.payload)))
        if will:
            self._client.will_set(will, b"x", qos=1, retain=True)
        if authority:
            self._client.tls_set_context(trusting(authority))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.connected = self._said.get(timeout=10)

    def subscribe(self, topic: str) -> ReasonCode:
        self._client.subscribe(topic, qos=1)
        return self._said.get(timeout=10)

    def publish(self, topic: str, payload: bytes = b"x", *, retain: bool = False) -> ReasonCode:
        self._client.publish(topic, payload, qos=1, retain=retain)
        return self._said.get(timeout=10)

    def ended(self) -> bool:
        """Whether the broker cuts the connection soon."""
        return self._down.wait(10)

    def die(self) -> None:
        """The line breaks: the broker says the last will."""
        sock = self._client.socket()
        assert isinstance(sock, socket.socket)
        sock.shutdown(socket.SHUT_RDWR)
        self._client.loop_stop()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def _box(
    port: int, username: str | None, password: str | None, client_id: str = "box-1", authority: str = ""
) -> Iterator[Client]:
    client = Client(port, username, password, client_id, authority)
    yield client
    client.close()


def test_nobody_enters_without_an_account(broker: RunningBroker, server: Broker) -> None:
    for username, password, client_id in (
        (None, None, "box-1"),
        ("box-1", "wrong", "box-1"),
        ("box-9", ONE.password, "box-9"),
        ("box-1", ONE.password, "box-2"),
    ):
        with _box(broker.port, username, password, client_id) as client:
            assert client.connected.is_failure


def test_a_box_reads_and_writes_its_own_topics_and_no_others(broker: RunningBroker, server: Broker) -> None:
    with _box(broker.port, ONE.username, ONE.password) as box:
        assert not box.connected.is_failure
        for topic in ONE.read:
            assert not box.subscribe(topic).is_failure, topic
        for topic in (*OTHER.read, "#", "yj/#", "yj/v1/boxes/+/events", "yj/v1/layers/+", "$CONTROL/#", "$SYS/#"):
            assert box.subscribe(topic).is_failure, topic
        for topic in ONE.publish:
            assert not box.publish(topic).is_failure, topic
        for topic in (*OTHER.publish, *ONE.read, "$CONTROL/dynamic-security/v1", "elsewhere"):
            assert box.publish(topic).is_failure, topic


@pytest.mark.parametrize("client_id", ["box-2", "box-1/x", "box-+", "#", "box-1 ", "BOX-1", "b" * 65_535, ""])
def test_a_box_has_no_other_client_id_than_its_own(broker: RunningBroker, server: Broker, client_id: str) -> None:
    with (
        _box(broker.port, ONE.username, ONE.password) as box,
        _box(broker.port, ONE.username, ONE.password, client_id) as thief,
    ):
        assert thief.connected.is_failure
        assert not box.publish(ONE.publish[0]).is_failure, "the box was not disturbed"


def test_a_client_id_with_a_nul_is_no_client(broker: RunningBroker, server: Broker) -> None:
    told = mqtt_packets.connect("box-1\0", ONE.username, ONE.password, keepalive_s=60, expiry_s=0, will=WILL)
    with socket.create_connection(("127.0.0.1", broker.port), 5) as line:
        line.sendall(told)
        answer = b""
        with suppress(ConnectionResetError):
            answer = line.recv(100)
        assert not answer or answer[3] >= 0x80, "a refusal"


def test_no_trick_leads_to_others_topics(broker: RunningBroker, server: Broker) -> None:
    others = (*OTHER.read, *OTHER.publish)
    with _box(broker.port, OTHER.username, OTHER.password, OTHER.username) as other:
        for topic in OTHER.read:
            assert not other.subscribe(topic).is_failure
        with _box(broker.port, ONE.username, ONE.password) as box:
            for topic in (*others, "#", "+/+/#", "$SYS/#", "$CONTROL/#", "$SYS/broker/clients/total"):
                assert box.subscribe(topic).is_failure, topic
                assert box.subscribe(f"$share/ingest/{topic}").is_failure, topic
            assert box.subscribe(f"$share/ingest/{topics.ALL_EVENTS}").is_failure
            for topic in others:
                assert box.publish(topic, b"x" * 1_000_000, retain=True).is_failure, topic
                assert box.publish(topic, b"", retain=True).is_failure, topic
            assert not box.publish(ONE.publish[0], b"x" * 1_000_000).is_failure
        for topic in OTHER.read:
            wicked = Client(broker.port, ONE.username, ONE.password, ONE.username, will=topic)
            wicked.die()
        assert not other.publish(OTHER.publish[0]).is_failure, "the other box was not disturbed"
        with _box(broker.port, ONE.username, ONE.password) as box:  # the wills were due before it was let in again
            assert not box.connected.is_failure
        assert not other.publish(OTHER.publish[0]).is_failure
        assert other.inbox.empty()


def test_a_removed_account_is_cut_off(broker: RunningBroker, server: Broker) -> None:
    server.drop_account(ONE.username)
    with _box(broker.port, ONE.username, ONE.password) as box:
        assert box.connected.is_failure


def test_an_account_kept_again_takes_new_layers(broker: RunningBroker, server: Broker) -> None:
    server.keep_accounts([broker_account(SECRET, BoxId(1), 2, (region_layer("640202"),))])
    with _box(broker.port, ONE.username, ONE.password) as box:
        assert box.connected.is_failure
    renewed = broker_account(SECRET, BoxId(1), 2, (region_layer("640202"),))
    with _box(broker.port, renewed.username, renewed.password) as box:
        assert box.subscribe(topics.layer(LAYER)).is_failure
        assert not box.subscribe(topics.layer(region_layer("640202"))).is_failure


def test_a_box_comes_by_tls_and_its_name_opens_nothing_beside_it(broker: RunningBroker, server: Broker) -> None:
    ours = broker.authority_file.read_text()
    with _box(broker.secure_port, ONE.username, ONE.password, authority=ours) as box:
        assert not box.connected.is_failure
        for username, password, client_id in (
            (ONE.username, ONE.password, "thief"),
            (ONE.username, ONE.password, OTHER.username),
            (OTHER.username, ONE.password, OTHER.username),
            (None, None, ONE.username),
        ):
            with _box(broker.secure_port, username, password, client_id, ours) as thief:
                assert thief.connected.is_failure
        assert not box.publish(ONE.publish[0]).is_failure, "the box was not disturbed"


def test_a_box_believes_no_broker_of_another_authority_and_none_of_another_name(
    broker: RunningBroker, server: Broker, tmp_path: Path
) -> None:
    authorities.make_authority(tmp_path / "theirs.pem", clock.now())
    ours, theirs = broker.authority_file.read_text(), (tmp_path / "theirs.pem").read_text()
    with _raw(broker) as line, trusting(ours).wrap_socket(line, server_hostname="127.0.0.1") as secure:
        assert secure.version() in {"TLSv1.2", "TLSv1.3"}
    for authority, host in ((theirs, "127.0.0.1"), (ours, "localhost"), (ours, "127.0.0.2"), ("", "127.0.0.1")):
        with _raw(broker) as line, pytest.raises(ssl.SSLCertVerificationError):
            trusting(authority).wrap_socket(line, server_hostname=host)


def _raw(broker: RunningBroker) -> socket.socket:
    return socket.create_connection(("127.0.0.1", broker.secure_port), 5)


def test_where_boxes_come_nobody_is_heard_without_tls_or_with_an_old_one(broker: RunningBroker, server: Broker) -> None:
    with _raw(broker) as plain:
        plain.sendall(mqtt_packets.connect("box-1", ONE.username, ONE.password, keepalive_s=60, expiry_s=0, will=WILL))
        with suppress(ConnectionResetError):
            assert plain.recv(100)[:1] != b"\x20", "no CONNACK"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=broker.authority_file.read_text())
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match=r"TLSVersion\.TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with _raw(broker) as old, pytest.raises(ssl.SSLError):
        context.wrap_socket(old, server_hostname="127.0.0.1")


def test_a_changed_password_ends_the_connection_that_used_the_old_one(broker: RunningBroker, server: Broker) -> None:
    renewed = broker_account(SECRET, BoxId(1), 2, (LAYER,))
    ours = broker.authority_file.read_text()
    with _box(broker.secure_port, ONE.username, ONE.password, authority=ours) as box:
        server.keep_accounts([renewed])
        assert box.ended()
    with _box(broker.secure_port, renewed.username, renewed.password, authority=ours) as box:
        assert not box.connected.is_failure
        server.drop_account(renewed.username)
        assert box.ended()

"""The broker as configured: nobody without an account, every box on its own topics alone, accounts given again."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from contentserver.adapters.broker import Broker
from contentserver.boxes.rules import broker_account
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.topics import BoxId
from tests.integration.conftest import RunningBroker

SECRET = "s" * 40
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

    def __init__(self, port: int, username: str | None, password: str | None, client_id: str) -> None:
        self.inbox: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._said: queue.Queue[ReasonCode] = queue.Queue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = lambda _c, _d, _f, reason, _p: self._said.put(reason)
        self._client.on_subscribe = lambda _c, _d, _m, reasons, _p: self._said.put(reasons[0])
        self._client.on_publish = lambda _c, _d, _m, reason, _p: self._said.put(reason)
        self._client.on_message = lambda _c, _d, message: self.inbox.put((message.topic, bytes(message.payload)))
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self.connected = self._said.get(timeout=10)

    def subscribe(self, topic: str) -> ReasonCode:
        self._client.subscribe(topic, qos=1)
        return self._said.get(timeout=10)

    def publish(self, topic: str) -> ReasonCode:
        self._client.publish(topic, b"x", qos=1)
        return self._said.get(timeout=10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextmanager
def _box(port: int, username: str | None, password: str | None, client_id: str = "box-1") -> Iterator[Client]:
    client = Client(port, username, password, client_id)
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

"""A fleet's way to the broker does for the real link what paho's does for a television's."""

import itertools
import random
from collections.abc import Iterator

import pytest

from schedules.wire import topics
from schedules.wire.codec import encode
from schedules.wire.messages import EventBatch, Online
from tests.tvclient.adapters.test_link import Heard
from tests.tvclient.awaiting import eventually
from tests.tvclient.broker import Broker
from tests.tvclient.counterpart import BOX, LAYER, Counterpart
from tvclient.adapters.link import Link
from tvclient.fleet.lines import QUALITIES, Quality, Way
from tvclient.fleet.wire import Wire
from tvclient.fleet.wire_client import WireClient

ONLINE, OFFLINE = encode(Online(online=True)), encode(Online(online=False))


@pytest.fixture
def wire() -> Iterator[Wire]:
    found = Wire()
    yield found
    found.close()


def link_over(wire: Wire, server: Counterpart, heard: Heard, way: Way | None = None) -> Link:
    return Link(server.credentials(), heard, make_client=lambda name: WireClient(name, wire, way))  # type: ignore[arg-type, return-value]


def way(quality: Quality) -> Way:
    return Way(quality, random.Random(1))


@pytest.mark.parametrize("quality", ["none", "good", "village", "bad"])
def test_retained_words_come_and_the_farewell_leaves(wire: Wire, server: Counterpart, quality: str) -> None:
    desired, layer = server.want(), server.plan(1)
    heard = Heard()
    link = link_over(wire, server, heard, None if quality == "none" else way(QUALITIES[quality]))
    link.start()
    eventually(lambda: desired in heard.desired, "desired")
    assert not heard.layers
    link.follow((LAYER,))
    eventually(lambda: layer in heard.layers, "the layer")
    eventually(lambda: server.online == ONLINE, "presence")
    link.close()
    eventually(lambda: server.online == OFFLINE, "the farewell")


def test_what_a_dying_broker_has_not_confirmed_is_said_again(wire: Wire, server: Counterpart, broker: Broker) -> None:
    heard = Heard()
    link = link_over(wire, server, heard, way(Quality(latency_ms=150)))
    link.start()
    eventually(lambda: heard.online == [True], "the line")
    assert link.send_events(encode(EventBatch(box=BOX, epoch="e", events=())))
    broker.kill()
    eventually(lambda: heard.online == [True, False], "no line")
    assert server.mqtt_batches == 0
    assert not link.report(b"{}")
    broker.start()
    eventually(lambda: heard.online == [True, False, True], "the line again")
    eventually(lambda: server.mqtt_batches == 1, "what was said before")
    link.close()


def test_layers_that_are_followed_no_more_stay_away(wire: Wire, server: Counterpart) -> None:
    heard = Heard()
    link = link_over(wire, server, heard)
    link.start()
    eventually(lambda: heard.online == [True], "the line")
    link.follow((LAYER,))
    layer = server.plan(1)
    eventually(lambda: layer in heard.layers, "the layer")
    link.follow(())
    revisions = itertools.count(2)

    def stays_away() -> bool:
        number = next(revisions)
        later, desired = server.plan(number), server.want(number)
        eventually(lambda: desired in heard.desired, "what was said after it")
        return later not in heard.layers

    eventually(stays_away, "the broker has heard it")
    link.close()


def test_during_an_outage_nothing_passes_and_afterwards_everything(wire: Wire, server: Counterpart) -> None:
    heard = Heard()
    broken = way(Quality(outages_per_day=86_400 / 2, outage_s=3))
    link = link_over(wire, server, heard, broken)
    link.start()
    eventually(lambda: True in heard.online, "the line")
    link.follow((LAYER,))
    revisions = itertools.count(1)

    def broken_twice() -> bool:
        server.plan(next(revisions))
        return broken.outages()[0] >= 2 and broken.down_until(broken.now()) is not None

    eventually(broken_twice, "an outage")
    layer, desired = server.plan(next(revisions)), server.want()
    assert layer not in heard.layers
    eventually(lambda: layer in heard.layers and desired in heard.desired, "the newest words")
    link.close()


def test_a_hundred_links_take_one_thread(wire: Wire, server: Counterpart) -> None:
    all_heard = [Heard() for _ in range(100)]
    clients = [WireClient(f"box-{topics.BoxId(1000 + number)}", wire, None) for number in range(100)]
    links = [
        Link(server.credentials(), heard, make_client=lambda _name, client=client: client)  # type: ignore[misc]
        for heard, client in zip(all_heard, clients, strict=True)
    ]
    for link in links:
        link.start()
    eventually(lambda: all(heard.online == [True] for heard in all_heard), "all are connected")
    desired = server.want()
    eventually(lambda: all(desired in heard.desired for heard in all_heard), "all have heard it")
    for link in links:
        link.close()
    eventually(lambda: all(heard.online == [True, False] for heard in all_heard), "all have parted")

"""Topics: built and read back; nobody's topic can be smuggled into another's."""

import pytest

from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.topics import BoxId


@pytest.mark.parametrize("build", [topics.desired, topics.acks, topics.reported, topics.online, topics.events])
def test_a_box_topic_tells_its_box(build: type) -> None:
    topic = build(BoxId(17))
    assert topics.box_of(topic) == (17, topic.rsplit("/", 1)[1])


@pytest.mark.parametrize(
    "topic",
    ["", "yj/v1/boxes/0/events", "yj/v1/boxes/-1/events", "yj/v1/boxes/1/events/x", "yj/v1/boxes/+/events",
     "yj/v2/boxes/1/events", "yj/v1/boxes/1 /events", "yj/v1/boxes/9999999999/events", "yj/v1/layers/region-64"],
)  # fmt: skip
def test_other_topics_are_nobodys(topic: str) -> None:
    assert topics.box_of(topic) is None


def test_a_layer_topic_is_literal() -> None:
    assert topics.layer(region_layer("640221")) == "yj/v1/layers/region-640221"

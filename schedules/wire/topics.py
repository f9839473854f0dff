"""Topic names, and who may use them. A topic is always built here, never formatted elsewhere.

| topic | published by | kept by the broker | payload |
|---|---|---|---|
| `yj/v1/layers/<layer>` | server | retained | JWS of `LayerMessage` |
| `yj/v1/alerts/<layer>` | server | retained | JWS of `AlertsMessage`; `<layer>` is the region's layer |
| `yj/v1/boxes/<box>/desired` | server | retained | JWS of `Desired` |
| `yj/v1/boxes/<box>/acks` | server | no | `Ack` |
| `yj/v1/boxes/<box>/commands` | server | no | JWS of `Command` |
| `yj/v1/boxes/<box>/time` | server | no | `TimeAnswer` |
| `yj/v1/boxes/<box>/reported` | box | retained | `Reported` |
| `yj/v1/boxes/<box>/online` | box, and as its last will | retained | `Online` |
| `yj/v1/boxes/<box>/proofs` | box | no | `Proof` |
| `yj/v1/boxes/<box>/events` | box | no | `EventBatch` |
| `yj/v1/boxes/<box>/replies` | box | no | `Reply` |
| `yj/v1/boxes/<box>/clock` | box | no | `TimeQuestion` |

All at QoS 1, but for `clock` and `time`, which go at QoS 0: a question that waits is worth nothing. A box's broker
role names its own topics and its layers' topics literally.
"""

import re
from typing import Final, NewType

from schedules.airings import LayerId

BoxId = NewType("BoxId", int)
"""A small integer: it is the first part of every event's key."""

ROOT: Final = "yj/v1"

ALL_REPORTED: Final = f"{ROOT}/boxes/+/reported"
ALL_PROOFS: Final = f"{ROOT}/boxes/+/proofs"
ALL_ONLINE: Final = f"{ROOT}/boxes/+/online"
ALL_EVENTS: Final = f"{ROOT}/boxes/+/events"
SHARED_EVENTS: Final = f"$share/ingest/{ALL_EVENTS}"
"""The same, each message to one of those who share it (MQTT 5, 4.8.2)."""
ALL_REPLIES: Final = f"{ROOT}/boxes/+/replies"
ALL_CLOCKS: Final = f"{ROOT}/boxes/+/clock"

_BOX_TOPIC = re.compile(rf"^{ROOT}/boxes/(?P<box>[1-9][0-9]{{0,8}})/(?P<kind>[a-z]+)$")


def layer(layer_id: LayerId) -> str:
    """Where the layer's newest revision is retained."""
    return f"{ROOT}/layers/{layer_id}"


def alerts(layer_id: LayerId) -> str:
    """Where the alerts that hold in a region are retained, by the region's layer."""
    return f"{ROOT}/alerts/{layer_id}"


def desired(box: BoxId) -> str:
    """Where the server tells a box what it should follow and store."""
    return f"{ROOT}/boxes/{box}/desired"


def acks(box: BoxId) -> str:
    """Where the server acknowledges a box's events."""
    return f"{ROOT}/boxes/{box}/acks"


def reported(box: BoxId) -> str:
    """Where a box reports what it has and does."""
    return f"{ROOT}/boxes/{box}/reported"


def proofs(box: BoxId) -> str:
    """Where a box says at once that a layer is stored and applied."""
    return f"{ROOT}/boxes/{box}/proofs"


def online(box: BoxId) -> str:
    """A box's presence and last will."""
    return f"{ROOT}/boxes/{box}/online"


def events(box: BoxId) -> str:
    """Where a box sends batches of its journal."""
    return f"{ROOT}/boxes/{box}/events"


def commands(box: BoxId) -> str:
    """Where the server asks a box to do something once."""
    return f"{ROOT}/boxes/{box}/commands"


def replies(box: BoxId) -> str:
    """Where a box says what became of a command."""
    return f"{ROOT}/boxes/{box}/replies"


def clock(box: BoxId) -> str:
    """Where a box asks for the time."""
    return f"{ROOT}/boxes/{box}/clock"


def time(box: BoxId) -> str:
    """Where the server answers with the time."""
    return f"{ROOT}/boxes/{box}/time"


def box_of(topic: str) -> tuple[BoxId, str] | None:
    """The box and the last word of a box's topic; None for any other topic."""
    match = _BOX_TOPIC.match(topic)
    return (BoxId(int(match["box"])), match["kind"]) if match else None

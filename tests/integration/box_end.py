"""One enrolled box at 马场村, its end of the line, and the link that runs beside a test."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contentserver import boxes, stations
from contentserver.adapters.broker import Broker
from contentserver.app import Services
from contentserver.boxes import Box
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.timetable.publishing import revise
from contentserver.timetable.service import layer_of
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import EventBatch, EventRecord, PlaybackSpan
from schedules.wire.topics import BoxId
from tests.integration.conftest import RunningBroker
from tests.serving import import_regions

COUNTY, VILLAGE = "640221", "640221203205"
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


class BoxEnd:
    """The box's end of the line: its own account, its own topics."""

    def __init__(self, services: Services, port: int) -> None:
        with services.database.reader() as session:
            account = boxes.broker_account(session.get_one(Box, 1), services.settings.secret_key)
        self.inbox: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=account.username, protocol=mqtt.MQTTv5)
        self._client.username_pw_set(account.username, account.password)
        self._client.on_connect = self._connected
        self._client.on_message = lambda _c, _d, message: self.inbox.put((message.topic, bytes(message.payload)))
        self._client.reconnect_delay_set(1, 1)
        self._account = account
        self._client.connect_async("127.0.0.1", port)
        self._client.loop_start()

    def _connected(self, client: mqtt.Client, *_rest: object) -> None:
        for topic in self._account.read:
            client.subscribe(topic, qos=1)

    def wait_for(
        self, topic: str, fits: Callable[[bytes], bool] = lambda _payload: True, within_s: float = 60
    ) -> bytes:
        """The next message of a topic that fits; `queue.Empty` where nothing at all comes in this time."""
        while True:
            came, payload = self.inbox.get(timeout=within_s)
            if came == topic and fits(payload):
                return payload

    def say(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1).wait_for_publish(10)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def furnish(services: Services) -> None:
    """A township's stations, one box that is enrolled, and one published layer."""
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, VILLAGE[:9])
        station = stations.stations_in(session, VILLAGE)[0]
        box = Box(station_id=station.id, public_key="k", http_token_hash="h", enrolled_at=clock.now())
        session.add(box)
        session.flush()
        boxes.refresh_desired(session, box, services.signer)
        revise(session, layer_of(session, COUNTY), services.signer, None, clock.now())


@contextmanager
def linked(services: Services, broker: RunningBroker, doors: Sequence[Broker] = ()) -> Iterator[Link]:
    """The link, until the block ends."""
    link = Link(services, broker.server("link"), doors)
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        yield link
    finally:
        link.stop()
        thread.join(20)


def seconds_shown(*numbers: int) -> bytes:
    """A batch of facts: of a lesson one second each, another one for each number."""
    at = clock.now()
    events = tuple(
        EventRecord(sequence=number, at=at + timedelta(seconds=number), uncertainty_ms=5, body=_shown(number))
        for number in numbers
    )
    return encode(EventBatch(box=BoxId(1), epoch="e1", events=events))


def _shown(number: int) -> msgspec.Raw:
    body = PlaybackSpan(
        airing=AiringId("a"),
        lesson=LESSON,
        package=PackageName("p"),
        from_ms=number * 1000,
        to_ms=number * 1000 + 1000,
        started_at=clock.now().replace(microsecond=0),
    )
    return msgspec.Raw(encode(body))

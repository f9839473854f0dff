"""The link process against a real broker: what is committed goes out, what comes in is committed, then acknowledged."""

import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import func, select

from contentserver import boxes, regions, stations, timetable
from contentserver.admin import OWN_REGIONS
from contentserver.app import Services
from contentserver.attendance.models import EventRow, SessionRow
from contentserver.boxes import Box
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.timetable.models import LayerProofRecord
from contentserver.timetable.publishing import delivery, revise
from contentserver.timetable.service import layer_of
from schedules.airings import AiringId, LayerId, LessonCard, LessonId, PackageName
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    Ack,
    Desired,
    EventBatch,
    EventRecord,
    LayerMessage,
    LayerProof,
    Online,
    PlaybackSpan,
    Proof,
    Reported,
    TimeAnswer,
    TimeQuestion,
)
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import services_in
from tests.tvclient.awaiting import eventually

COUNTY, VILLAGE = "640221", "640221203205"
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


@pytest.fixture
def services(tmp_path: Path, broker: RunningBroker) -> Services:
    """A furnished server with one enrolled box at 马场村 and one published layer."""
    found = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port)
    with found.database.unit_of_work() as session, OWN_REGIONS.open(encoding="utf-8-sig") as lines:
        regions.import_csv(session, lines)
        stations.add_village_stations(session, "640221203")
        station = stations.stations_in(session, VILLAGE)[0]
        box = Box(station_id=station.id, public_key="k", http_token_hash="h", enrolled_at=clock.now())
        session.add(box)
        session.flush()
        boxes.refresh_desired(session, box, found.signer)
        revise(session, layer_of(session, COUNTY), found.signer, None, clock.now())
    return found


@contextmanager
def _running(services: Services, broker: RunningBroker) -> Iterator[Link]:
    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        yield link
    finally:
        link.stop()
        thread.join(20)


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


@pytest.fixture
def box(services: Services, broker: RunningBroker) -> Iterator[BoxEnd]:
    with _running(services, broker):
        end = BoxEnd(services, broker.port)
        yield end
        end.close()


def _batch(*sequences: int) -> bytes:
    at = clock.now()
    events = tuple(
        EventRecord(
            sequence=number,
            at=at + timedelta(seconds=number),
            uncertainty_ms=5,
            body=msgspec.Raw(
                encode(
                    PlaybackSpan(
                        airing=AiringId("a"),
                        lesson=LESSON,
                        package=PackageName("p"),
                        from_ms=number * 1000,
                        to_ms=number * 1000 + 1000,
                        started_at=at,
                    )
                )
            ),
        )
        for number in sequences
    )
    return encode(EventBatch(box=BoxId(1), epoch="e1", events=events))


def test_a_box_receives_what_it_should_follow_signed(services: Services, box: BoxEnd) -> None:
    verifier = Verifier(jwk_set([services.signer.public_jwk]))
    desired = verifier.read(box.wait_for(topics.desired(BoxId(1))), Desired)
    assert region_layer(COUNTY) in desired.layers
    layer = verifier.read(box.wait_for(topics.layer(region_layer(COUNTY))), LayerMessage)
    assert (layer.revision, layer.owner) == (1, "平罗县")


def test_a_new_revision_arrives_without_being_asked_for(services: Services, box: BoxEnd) -> None:
    topic = topics.layer(region_layer(COUNTY))
    box.wait_for(topic)
    with services.database.unit_of_work() as session:
        revise(session, layer_of(session, COUNTY), services.signer, None, clock.now())
    verifier = Verifier(jwk_set([services.signer.public_jwk]))
    assert verifier.read(box.wait_for(topic), LayerMessage).revision == 2


def test_events_are_acknowledged_when_they_are_rows(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    box.say(topics.events(BoxId(1)), _batch(1, 2, 4))
    ack = decode(box.wait_for(topics.acks(BoxId(1))), Ack)
    assert (ack.through, ack.gaps) == (2, ((3, 3),))
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == 3
        assert session.scalars(select(SessionRow.shown_ms)).one() == 3000
    box.say(topics.events(BoxId(1)), _batch(3))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 4


def test_rubbish_and_other_boxes_words_change_nothing(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    foreign = msgspec.json.decode(_batch(9), type=dict[str, object]) | {"box": 2}
    for payload in (b"", b"\xff\x00", b"{}", b"[]", msgspec.json.encode(foreign)):
        box.say(topics.events(BoxId(1)), payload)
    box.say(topics.events(BoxId(1)), _batch(1))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 1
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == 1


def test_proofs_that_cannot_be_stored_stop_nobody(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    layer = region_layer(COUNTY)
    good = encode(Proof(box=BoxId(1), layer=layer, revision=1, stored_at=clock.now(), applied=1))
    fields = msgspec.json.decode(good, type=dict[str, object])
    for lie in (
        {"applied": -1},
        {"applied": -(10**30)},
        {"revision": 10**30},
        {"stored_at": "2026-11-23T11:30:00"},
        {"stored_at": "0001-01-01T00:00:00+14:00"},
        {"layer": "region:\0"},
        {"box": 2},
        {"layer": "x" * 1_000_000},
    ):
        box.say(topics.proofs(BoxId(1)), msgspec.json.encode(fields | lie))
    box.say(topics.proofs(BoxId(1)), b"{" * 1_000_000)
    box.say(topics.events(BoxId(1)), _batch(1))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 1
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(LayerProofRecord)) == 0
    box.say(topics.proofs(BoxId(1)), good)
    box.say(topics.events(BoxId(1)), _batch(2))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 2
    with services.database.reader() as session:
        assert session.scalars(select(LayerProofRecord.applied)).all() == [1]


def test_messages_that_cannot_be_stored_stop_nobody(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    good = _batch(1)
    at = good.index(b'"at":"') + 6
    naive = good[:at] + b"2026-11-23T11:30:00" + good[good.index(b'"', at) :]
    huge = good.replace(b'"sequence":1', b'"sequence":9223372036854775808')
    deep = b'{"box":1,"epoch":"e1","events":[{"sequence":5,"at":"2026-11-23T11:30:00Z","uncertainty_ms":0,"body":'
    for payload in (
        naive,
        huge,
        deep + b"[" * 50_000 + b"]" * 50_000 + b"}]}",
    ):
        box.say(topics.events(BoxId(1)), payload)
    box.say(topics.reported(BoxId(1)), b'{"box":1,"epoch":"e1","at":"2026-11-23T11:30:00"}')
    box.say(topics.events(BoxId(1)), _batch(1))
    while decode(box.wait_for(topics.acks(BoxId(1))), Ack).through != 1:
        pass


def test_proofs_are_kept_and_never_go_back(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    for revision in (1, 0):
        proof = LayerProof(revision=revision, stored_at=clock.now(), applied=True)
        report = Reported(box=BoxId(1), epoch="e1", at=clock.now(), layers={region_layer(COUNTY): proof})
        box.say(topics.reported(BoxId(1)), encode(report))
    box.say(topics.online(BoxId(1)), encode(Online(online=True)))
    box.say(topics.events(BoxId(1)), _batch(1))
    box.wait_for(topics.acks(BoxId(1)))
    with services.database.reader() as session:
        found = delivery(session, layer_of(session, COUNTY))
        assert (found.followers, found.stored, found.applied) == (1, 1, 1)
        assert session.get_one(Box, 1).online


def test_a_broker_whose_data_was_wiped_is_whole_again(services: Services, box: BoxEnd, broker: RunningBroker) -> None:
    topic = topics.layer(region_layer(COUNTY))
    box.wait_for(topic)
    broker.kill()
    shutil.rmtree(broker.folder)
    broker.start()
    box.wait_for(topic)
    box.say(topics.events(BoxId(1)), _batch(1))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 1


def test_a_revision_committed_while_the_link_was_down_goes_out_later(services: Services, broker: RunningBroker) -> None:
    with services.database.unit_of_work() as session:
        revise(session, layer_of(session, VILLAGE), services.signer, None, clock.now())
    with _running(services, broker):
        end = BoxEnd(services, broker.port)
        end.wait_for(topics.layer(region_layer(VILLAGE)))
        end.close()
    with services.database.reader() as session:
        assert list(timetable.due_layers(session)) == []


def test_a_crash_between_sending_and_noting_only_repeats(services: Services, broker: RunningBroker) -> None:
    for _ in range(2):
        with services.database.unit_of_work() as session:
            layer_of(session, COUNTY).published = 0
        with _running(services, broker):
            end = BoxEnd(services, broker.port)
            payload = end.wait_for(topics.layer(region_layer(COUNTY)))
            end.close()
        verifier = Verifier(jwk_set([services.signer.public_jwk]))
        assert verifier.read(payload, LayerMessage).revision == 1


def test_a_box_that_lacks_a_revision_is_told_to_fetch_it_and_no_other(
    services: Services, broker: RunningBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contentserver.timetable.rules.PROOF_DUE", timedelta(seconds=0.5))
    monkeypatch.setattr("contentserver.ingest.RECONCILE_S", 0.3)
    with services.database.unit_of_work() as session:
        station = stations.stations_in(session, VILLAGE)[0]
        whole = boxes.enrol_for_trial(session, station, "2", services.signer, "s" * 40, clock.now())
        whole_id = whole.id
    verifier = Verifier(jwk_set([services.signer.public_jwk]))
    with _running(services, broker):
        end = BoxEnd(services, broker.port)
        end.wait_for(topics.desired(BoxId(1)))
        end.say(topics.online(BoxId(1)), encode(Online(online=True)))
        lacking = end.wait_for(topics.desired(BoxId(1)), lambda data: bool(verifier.read(data, Desired).behind))
        assert verifier.read(lacking, Desired).behind == {LayerId(region_layer(COUNTY)): 1}
        proof = Proof(box=BoxId(1), layer=LayerId(region_layer(COUNTY)), revision=1, stored_at=clock.now(), applied=1)
        end.say(topics.proofs(BoxId(1)), encode(proof))
        eventually(lambda: _delivered(services) == 1, "the proof is kept")
        end.close()
    with services.database.reader() as session:
        assert verifier.read(session.get_one(Box, whole_id).desired_jws.encode(), Desired).behind == {}
        assert timetable.behind(session, clock.now() + timedelta(minutes=1)) == {}


def _delivered(services: Services) -> int:
    with services.database.reader() as session:
        return delivery(session, session.get_one(timetable.LayerRecord, region_layer(COUNTY))).applied


def test_a_box_that_asks_for_the_time_is_answered_at_once(box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    before = clock.now()
    box.say(topics.clock(BoxId(1)), b"rubbish")
    box.say(topics.clock(BoxId(1)), encode(TimeQuestion(box=BoxId(1), token="7f")))
    answer = decode(box.wait_for(topics.time(BoxId(1))), TimeAnswer)
    assert answer.token == "7f"
    assert before <= answer.received_at <= answer.sent_at <= clock.now()

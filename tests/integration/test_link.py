"""The link process against a real broker: what is committed goes out, what comes in is committed, then acknowledged."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from contentserver import boxes, stations, timetable
from contentserver.app import Services
from contentserver.attendance.models import EventRow, SessionRow
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.timetable.models import LayerProofRecord
from contentserver.timetable.publishing import delivery, revise
from contentserver.timetable.service import layer_of
from schedules.airings import LayerId
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.codec import decode, encode
from schedules.wire.messages import (
    Ack,
    Desired,
    LayerMessage,
    LayerProof,
    Online,
    Proof,
    Reported,
    TimeAnswer,
    TimeQuestion,
)
from schedules.wire.signing import Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.integration.box_end import COUNTY, VILLAGE, BoxEnd, furnish, linked, seconds_shown
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import services_in
from tests.tvclient.awaiting import eventually


@pytest.fixture
def services(tmp_path: Path, broker: RunningBroker) -> Services:
    """A furnished server with one enrolled box at 马场村 and one published layer."""
    found = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port)
    furnish(found)
    return found


@pytest.fixture
def box(services: Services, broker: RunningBroker) -> Iterator[BoxEnd]:
    with linked(services, broker):
        end = BoxEnd(services, broker.port)
        yield end
        end.close()


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
    box.say(topics.events(BoxId(1)), seconds_shown(1, 2, 4))
    ack = decode(box.wait_for(topics.acks(BoxId(1))), Ack)
    assert (ack.through, ack.gaps) == (2, ((3, 3),))
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(EventRow)) == 3
        assert session.scalars(select(SessionRow.shown_ms)).one() == 3000
    box.say(topics.events(BoxId(1)), seconds_shown(3))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 4


def test_rubbish_and_other_boxes_words_change_nothing(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    foreign = msgspec.json.decode(seconds_shown(9), type=dict[str, object]) | {"box": 2}
    for payload in (b"", b"\xff\x00", b"{}", b"[]", msgspec.json.encode(foreign)):
        box.say(topics.events(BoxId(1)), payload)
    box.say(topics.events(BoxId(1)), seconds_shown(1))
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
    box.say(topics.events(BoxId(1)), seconds_shown(1))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 1
    with services.database.reader() as session:
        assert session.scalar(select(func.count()).select_from(LayerProofRecord)) == 0
    box.say(topics.proofs(BoxId(1)), good)
    box.say(topics.events(BoxId(1)), seconds_shown(2))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 2
    with services.database.reader() as session:
        assert session.scalars(select(LayerProofRecord.applied)).all() == [1]


def test_messages_that_cannot_be_stored_stop_nobody(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    good = seconds_shown(1)
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
    box.say(topics.events(BoxId(1)), seconds_shown(1))
    while decode(box.wait_for(topics.acks(BoxId(1))), Ack).through != 1:
        pass


def test_proofs_are_kept_and_never_go_back(services: Services, box: BoxEnd) -> None:
    box.wait_for(topics.desired(BoxId(1)))
    for revision in (1, 0):
        proof = LayerProof(revision=revision, stored_at=clock.now(), applied=True)
        report = Reported(box=BoxId(1), epoch="e1", at=clock.now(), layers={region_layer(COUNTY): proof})
        box.say(topics.reported(BoxId(1)), encode(report))
    box.say(topics.online(BoxId(1)), encode(Online(online=True)))
    box.say(topics.events(BoxId(1)), seconds_shown(1))
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
    box.say(topics.events(BoxId(1)), seconds_shown(1))
    assert decode(box.wait_for(topics.acks(BoxId(1))), Ack).through == 1


def test_a_revision_committed_while_the_link_was_down_goes_out_later(services: Services, broker: RunningBroker) -> None:
    with services.database.unit_of_work() as session:
        revise(session, layer_of(session, VILLAGE), services.signer, None, clock.now())
    with linked(services, broker):
        end = BoxEnd(services, broker.port)
        end.wait_for(topics.layer(region_layer(VILLAGE)))
        end.close()
    with services.database.reader() as session:
        assert list(timetable.due_layers(session)) == []


def test_a_crash_between_sending_and_noting_only_repeats(services: Services, broker: RunningBroker) -> None:
    for _ in range(2):
        with services.database.unit_of_work() as session:
            layer_of(session, COUNTY).published = 0
        with linked(services, broker):
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
    with linked(services, broker):
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

"""The link makes questions of what televisions report, and tells those that have something new to read, at once."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import select

from contentserver import stations
from contentserver.adapters.bell import ring
from contentserver.app import Services
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.consultations import answering, take_questions
from contentserver.consultations.models import Case
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.papers import of_kind
from schedules import asking
from schedules.wire.codec import decode
from schedules.wire.messages import Desired, EventBatch, GreenChannel, PaperKind, QuestionAsked
from schedules.wire.topics import BoxId
from tests.contentserver.journals import records
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import hire, import_regions, services_in
from tests.tvclient.awaiting import eventually

TOWNSHIP = "640221203"


@contextmanager
def linked(services: Services, broker: RunningBroker) -> Iterator[None]:
    """The link at work."""
    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        yield
    finally:
        link.stop()
        thread.join(20)


def papers_told(services: Services, box_id: int) -> dict[str, str]:
    """What a box was last told to read, as far as the broker has confirmed it."""
    with services.database.reader() as session:
        box = session.get_one(Box, box_id)
        if not box.desired_fingerprint or box.desired_published != box.desired_version:
            return {}
        return dict(msgspec.json.decode(box.desired_fingerprint, type=Desired).papers)


def test_an_answer_is_told_at_once_and_to_its_station_alone(tmp_path: Path, broker: RunningBroker) -> None:
    services, now = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port), clock.now()
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, TOWNSHIP)
        asks, beside = (
            Box(station_id=one.id, public_key=f"key {one.id}", http_token_hash=f"hash {one.id}", enrolled_at=now)
            for one in stations.stations_in(session, TOWNSHIP)[:2]
        )
        session.add_all([asks, beside])
        session.flush()
        facts = records(QuestionAsked(topic=asking.RICE, sentence="rice_yellow"), since=now)
        take_in(session, asks, EventBatch(box=BoxId(asks.id), epoch="e", events=facts), now)
        take_questions(session, now)
        who = hire(session, {"expert": ("孙农艺师", Role.EXPERT, "640221")}, now)["expert"]
    with linked(services, broker):
        eventually(lambda: "green_channel" in papers_told(services, asks.id), "the one has its paper")
        eventually(lambda: "green_channel" in papers_told(services, beside.id), "so has the other")
        first, other = papers_told(services, asks.id)["green_channel"], version_of(services, beside.id)
        begun = time.monotonic()
        with services.database.unit_of_work() as session:
            case = session.scalars(select(Case)).one()
            answering.answer(session, case.id, "先排水", "", [], who, clock.now())
        ring(services.settings.data_dir)
        eventually(
            lambda: papers_told(services, asks.id).get("green_channel", first) != first,
            "the television is told of the answer",
            within_s=30,
        )
        assert time.monotonic() - begun < 20, "that is an upkeep's time"
        assert version_of(services, beside.id) == other
    with services.database.reader() as session:
        found = of_kind(session, asks.station_id, PaperKind.GREEN_CHANNEL)
    assert found is not None
    assert [card.answer for card in decode(found[1], GreenChannel).cases] == ["先排水"]
    services.database.engine.dispose()


def version_of(services: Services, box_id: int) -> int:
    """How often a box was told something."""
    with services.database.reader() as session:
        return session.get_one(Box, box_id).desired_version


def test_a_question_becomes_a_case_and_comes_back_to_its_television(tmp_path: Path, broker: RunningBroker) -> None:
    services, now = services_in(tmp_path, broker_password=PASSWORD, broker_port=broker.port), clock.now()
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, TOWNSHIP)
        station = stations.stations_in(session, TOWNSHIP)[0]
        box = Box(station_id=station.id, public_key="key", http_token_hash="hash", enrolled_at=now)
        session.add(box)
        session.flush()

    def asks(sentence: str, first: int) -> None:
        events = records(QuestionAsked(topic=asking.RICE, sentence=sentence), first=first, since=clock.now())
        with services.database.unit_of_work() as unit:
            batch = EventBatch(box=BoxId(box.id), epoch="e", events=events)
            take_in(unit, unit.get_one(Box, box.id), batch, clock.now() + timedelta(seconds=first))

    def asked() -> list[str]:
        with services.database.reader() as looking:
            return list(looking.scalars(select(Case.sentence).order_by(Case.number)))

    def told() -> str:
        with services.database.reader() as looking:
            wanted = looking.get_one(Box, box.id).desired_fingerprint
        return msgspec.json.decode(wanted, type=Desired).papers.get("green_channel", "") if wanted else ""

    asks("rice_yellow", 1)
    with linked(services, broker):
        eventually(lambda: bool(told()), "the television is told of its paper")
        first = told()
        asks("rice_water", 2)
        eventually(lambda: len(asked()) == 2, "the second question is a case within seconds", within_s=30)
        eventually(lambda: told() != first, "and the television is told so", within_s=30)
    assert asked() == ["rice_yellow", "rice_water"]
    with services.database.reader() as session:
        found = of_kind(session, station.id, PaperKind.GREEN_CHANNEL)
    assert found is not None
    assert found[0] == told()
    assert [card.number for card in decode(found[1], GreenChannel).cases] == [2, 1]
    services.database.engine.dispose()

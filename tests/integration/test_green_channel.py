"""The link makes questions of what televisions report, and tells each of them that there is something new to read."""

import threading
from datetime import timedelta
from pathlib import Path

import msgspec
from sqlalchemy import select

from contentserver import stations
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.consultations.models import Case
from contentserver.ingest import Link
from contentserver.kernel import clock
from contentserver.papers import of_kind
from schedules import asking
from schedules.wire.codec import decode
from schedules.wire.messages import Desired, EventBatch, GreenChannel, PaperKind, QuestionAsked
from schedules.wire.topics import BoxId
from tests.contentserver.journals import records
from tests.integration.conftest import PASSWORD, RunningBroker
from tests.serving import import_regions, services_in
from tests.tvclient.awaiting import eventually

TOWNSHIP = "640221203"


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
    link = Link(services, broker.server("link"))
    thread = threading.Thread(target=link.run)
    thread.start()
    try:
        eventually(lambda: bool(told()), "the television is told of its paper")
        asks("rice_water", 2)
        eventually(lambda: len(asked()) == 2, "the second question is a case within seconds", within_s=30)
    finally:
        link.stop()
        thread.join(20)
    assert asked() == ["rice_yellow", "rice_water"]
    with services.database.reader() as session:
        found = of_kind(session, station.id, PaperKind.GREEN_CHANNEL)
    assert found is not None
    assert found[0] == told()
    assert [card.number for card in decode(found[1], GreenChannel).cases] == [1]
    services.database.engine.dispose()

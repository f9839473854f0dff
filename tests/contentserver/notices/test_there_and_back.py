"""From the office to a television and back: published, laid out, named to the box, opened with the remote, counted."""

from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.attendance import take_in
from contentserver.boxes import refresh_desired
from contentserver.kernel.auth import Role
from contentserver.notices import lay_out, reading, service, take_readings
from contentserver.stations import Station, station_card
from schedules.wire.messages import Desired, EventBatch, Notices
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.journals import records
from tests.contentserver.notices.samples import words
from tests.tvclient.evening import Television
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import notices
from tvclient.core.state import Screen

MINUTE = timedelta(minutes=1)


def test_a_notice_goes_to_the_village_and_its_reading_comes_back(
    session: Session, village: Station, signer: Signer
) -> None:
    writer, box = person(session, Role.COUNTY_STAFF), enrolled_box(session, village)
    notice = service.draft(session, words(important=True), writer, NOW)
    service.publish(session, notice, writer, NOW)
    lay_out(session, NOW + MINUTE)
    refresh_desired(session, box, signer)
    wanted = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    found = papers.of_kind(session, village.id, "notices")
    assert found is not None
    assert wanted.papers == {"notices": found[0]}

    tv = Television(NOW + 2 * MINUTE)
    tv.take(events.StationChanged(station_card(village)))
    tv.take(events.PaperChanged(msgspec.json.decode(found[1], type=Notices)))
    assert [one.title for one in notices.not_opened(tv.state)] == ["冬小麦保险开始登记"]
    tv.press(Key.UP, Key.OK, Key.OK)
    assert tv.screen() is Screen.NOTICE
    assert notices.not_opened(tv.state) == ()

    said = records(*tv.facts, since=tv.now)
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=said), tv.now + MINUTE)
    session.flush()
    take_readings(session)
    readers = [one.station.name for one in reading.readers(session, notice, writer) if one.read_at]
    assert readers == [village.name]
    service.withdraw(session, notice, "登记结束", writer, NOW + 9 * MINUTE)
    lay_out(session, NOW + 9 * MINUTE)
    refresh_desired(session, box, signer)
    wanted = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    assert wanted.papers == {}

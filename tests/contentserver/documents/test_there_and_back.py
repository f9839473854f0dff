"""From the office to a television and back: sent, laid out, named to the box, confirmed and answered by the remote."""

from datetime import timedelta

import msgspec
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.attendance import take_in
from contentserver.boxes import refresh_desired
from contentserver.documents import board, lay_out, take_readings
from contentserver.documents.rules import Progress, ReplyKind
from contentserver.kernel.auth import Role
from contentserver.stations import Station, station_card
from schedules.wire.messages import Desired, Documents, EventBatch
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person
from tests.contentserver.documents.samples import sent
from tests.contentserver.journals import records
from tests.tvclient.evening import Television
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import documents

MINUTE = timedelta(minutes=1)


def test_a_document_goes_to_the_village_and_its_answer_comes_back(
    session: Session, village: Station, signer: Signer
) -> None:
    writer, box = person(session, Role.COUNTY_STAFF), enrolled_box(session, village)
    row = sent(session, writer, reply=ReplyKind.CHOICE, options=("能按期", "有困难"), reply_days=5)
    lay_out(session, NOW + MINUTE)
    refresh_desired(session, box, signer)
    wanted = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    found = papers.of_kind(session, village.id, "documents")
    assert found is not None
    assert wanted.papers == {"documents": found[0]}

    tv = Television(NOW + 2 * MINUTE)
    tv.take(events.StationChanged(station_card(village)))
    tv.take(events.PaperChanged(msgspec.json.decode(found[1], type=Documents)))
    tv.press(Key.UP, Key.OK, Key.OK, Key.OK, Key.RIGHT, Key.OK)
    assert documents.waiting(tv.state) == ()

    said = records(*tv.facts, since=tv.now)
    take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=said), tv.now + MINUTE)
    session.flush()
    assert take_readings(session) == 2
    lines = [one for one in board.lines(session, row, writer, NOW.date()) if one.station_id == village.id]
    assert [(one.progress, one.read_by) for one in lines] == [(Progress.REPLIED, None)]
    lay_out(session, NOW + 5 * MINUTE)
    found = papers.of_kind(session, village.id, "documents")
    assert found is not None
    card = msgspec.json.decode(found[1], type=Documents).documents[0]
    assert (card.read_version, card.replied) == (1, "有困难")

"""What a county's work books have: an entry with a photograph and a change, a draft, a kind of its own."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from contentserver.bylaws.models import Bylaw
from contentserver.ledger.drafting import Typed
from contentserver.ledger.models import LedgerChange, LedgerDraft, LedgerEntry, LedgerPhotograph
from contentserver.ledger.rules import Field, FieldType, KindOfEntry, Said
from contentserver.stations import Station
from tests.contentserver.scope.county import County


def ledger(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """A visit in the station's book."""
    day = now.date()
    entry = LedgerEntry(
        station_id=station.id,
        region_code=made.village,
        kind="visit",
        version=":1",
        day=day,
        month=day.replace(day=1),
        title=f"{made.mark}entry",
        fields=msgspec.json.encode({"household": f"{made.mark}entry", "visitor": "x", "matter": "y"}).decode(),
        note=f"{made.mark}entry note",
        written_at=now,
        written_by=who,
    )
    draft = LedgerDraft(
        station_id=station.id,
        kind="visit",
        by=made.people["station_admin"].id,
        typed=msgspec.json.encode(Typed("2026-11-28", {"household": f"{made.mark}draft"})).decode(),
        saved_at=now,
    )
    headline = Field("subject", f"{made.mark}field", f"{made.mark}field", FieldType.TEXT, required=True)
    own = KindOfEntry(zh=f"{made.mark}kind", en=f"{made.mark}kind", fields=(headline,))
    document = msgspec.json.encode(own).decode()
    kind = Bylaw(
        matter="ledger_kind", region_code=made.township, code="own", number=1, document=document, at=now, by=who
    )
    session.add_all([entry, draft, kind])
    session.flush()
    before = Said(day, {"household": f"{made.mark}before"})
    change = LedgerChange(
        entry_id=entry.id,
        number=1,
        what="corrected",
        before=msgspec.json.encode(before).decode(),
        why=f"{made.mark}why",
        late=False,
        at=now,
        by=who,
    )
    picture = LedgerPhotograph(entry_id=entry.id, digest="e" * 64, width=1, height=1, bytes=1, at=now, by=who)
    session.add_all([change, picture])
    session.flush()
    made.named |= {"entry_id": str(entry.id), "picture_id": str(picture.id)}

"""Events become rows once, whatever the line does to them; nothing is acknowledged that is not a row."""

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.attendance import service
from contentserver.attendance.acknowledging import STEP, acknowledge, begin_generation, generation
from contentserver.attendance.models import Epoch, EventRow, QuarantinedEvent, SessionRow, SignInRow
from contentserver.boxes import Box
from contentserver.kernel.db import Database
from contentserver.members import add_member
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import (
    AiringStarted,
    EventBatch,
    EventBody,
    EventRecord,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
    SignInUndone,
)
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box
from tests.contentserver.journals import records

AIRING, PACKAGE = AiringId("5b6f6b2e-6f0c-5c4e-8d1b-7a1f5a9c6402"), PackageName("p")
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")


def _evening() -> tuple[EventRecord, ...]:
    def signed(member: str) -> EventBody:
        return SignedIn(airing=AIRING, lesson=LESSON, member=member, method=SignInMethod.NUMBER)

    def span(start: int, end: int) -> EventBody:
        return PlaybackSpan(airing=AIRING, lesson=LESSON, package=PACKAGE, from_ms=start, to_ms=end, started_at=NOW)

    return records(
        AiringStarted(airing=AIRING, planned_start=NOW, duration_ms=60_000, lesson=LESSON, package=PACKAGE, late_ms=30),
        signed("m1"),
        span(0, 15_000),
        signed("m2"),
        signed("m3"),
        span(15_000, 30_000),
        SignInUndone(airing=AIRING, member="m2"),
    )


def _take_in(session: Session, box: Box, *records: EventRecord, epoch: str = "e1") -> None:
    batch = EventBatch(box=BoxId(box.id), epoch=epoch, events=records)
    service.take_in(session, box, batch, NOW)
    session.flush()


def test_an_evening_becomes_one_session(session: Session, village: Station) -> None:
    add_member(session, village.id, "王小芳", "0427")
    box = enrolled_box(session, village)
    _take_in(session, box, *_evening())
    row = session.get_one(SessionRow, (AIRING, village.id))
    assert (row.shown_ms, row.present, row.expected, row.late_ms) == (30_000, 2, 1, 30)
    assert row.region_code == village.region_code
    assert session.scalar(select(func.count()).select_from(SignInRow)) == 2


def test_the_same_events_in_any_order_and_often_give_the_same_session(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    evening = _evening()
    for part in (evening[4:], evening[:2], evening[1:5], evening, tuple(reversed(evening))):
        _take_in(session, box, *part)
    assert session.scalar(select(func.count()).select_from(EventRow)) == len(evening)
    assert session.get_one(SessionRow, (AIRING, village.id)).present == 2
    before = msgspec.json.encode(_numbers(session, village))
    service.rebuild(session)
    assert msgspec.json.encode(_numbers(session, village)) == before


def _numbers(session: Session, village: Station) -> list[object]:
    row = session.get_one(SessionRow, (AIRING, village.id))
    return [row.shown_ms, row.present, row.late_ms, row.complete, row.missed_reason, row.planned_start]


def test_gaps_are_told_until_they_are_filled(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    evening = _evening()
    _take_in(session, box, *evening[:2], *evening[4:6])
    ack = acknowledge(session, BoxId(box.id), "e1")
    assert (ack.through, ack.gaps) == (2, ((3, 4),))
    _take_in(session, box, *evening[2:4])
    ack = acknowledge(session, BoxId(box.id), "e1")
    assert (ack.through, ack.gaps) == (6, ())


def test_how_far_a_journal_is_whole_is_kept_and_a_gap_holds_it(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)

    def come(*numbers: int) -> tuple[int, int, tuple[tuple[int, int], ...]]:
        rows = (EventRecord(sequence=n, at=NOW, uncertainty_ms=0, body=msgspec.Raw(b"{}")) for n in numbers)
        _take_in(session, box, *rows)
        ack = acknowledge(session, BoxId(box.id), "e1")
        return session.scalars(select(Epoch.through)).one(), ack.through, ack.gaps

    assert come(*range(1, STEP)) == (0, STEP - 1, ())
    assert come(STEP, STEP + 1) == (STEP + 1, STEP + 1, ())
    assert come(*range(STEP + 4, 3 * STEP)) == (STEP + 1, STEP + 1, ((STEP + 2, STEP + 3),))
    assert come(STEP + 3) == (STEP + 1, STEP + 1, ((STEP + 2, STEP + 2),))
    assert come(STEP + 2) == (STEP + 1, 3 * STEP - 1, ())
    assert come(3 * STEP) == (3 * STEP, 3 * STEP, ())


def test_the_same_key_with_another_body_is_quarantined_once_and_not_counted(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    _take_in(session, box, *_evening())
    forged = records(SignedIn(airing=AIRING, lesson=LESSON, member="m9", method=SignInMethod.NUMBER))
    for _ in range(2):
        _take_in(session, box, *forged)
    assert session.scalar(select(func.count()).select_from(QuarantinedEvent)) == 1
    assert "m9" not in set(session.scalars(select(SignInRow.member_id)))


def test_a_reimaged_box_begins_a_new_epoch_and_loses_nothing(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    _take_in(session, box, *_evening())
    late = records(SignedIn(airing=AIRING, lesson=LESSON, member="m4", method=SignInMethod.NUMBER))
    _take_in(session, box, *late, epoch="e2")
    assert acknowledge(session, BoxId(box.id), "e2").through == 1
    assert acknowledge(session, BoxId(box.id), "e1").through == len(_evening())
    assert session.get_one(SessionRow, (AIRING, village.id)).present == 3


def test_a_kind_not_known_yet_and_rubbish_are_kept_as_they_came(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    bodies = (b'{"kind":"door_opened","airing":"x","choice":2}', b'{"kind":"signed_in","airing":7}', b"[1,2]")
    records = tuple(
        EventRecord(sequence=number, at=NOW, uncertainty_ms=0, body=msgspec.Raw(body))
        for number, body in enumerate(bodies, 1)
    )
    _take_in(session, box, *records)
    kept = session.scalars(select(EventRow.body).order_by(EventRow.sequence)).all()
    assert [body.encode() for body in kept] == list(bodies)
    assert acknowledge(session, BoxId(box.id), "e1").through == 3


def test_an_unknown_journal_is_acknowledged_through_nothing(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    assert acknowledge(session, BoxId(box.id), "never").through == 0


def test_the_generation_is_one_name_for_the_life_of_a_database(database: Database) -> None:
    with database.reader() as one, database.reader() as other:
        assert generation(one) == generation(other) != ""


def test_after_a_restore_acknowledgements_carry_a_new_generation(session: Session, village: Station) -> None:
    box = enrolled_box(session, village)
    _take_in(session, box, *_evening())
    before = acknowledge(session, BoxId(box.id), "e1").generation
    begin_generation(session)
    session.flush()
    assert acknowledge(session, BoxId(box.id), "e1").generation not in {before, ""}

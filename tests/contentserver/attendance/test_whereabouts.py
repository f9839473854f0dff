"""Where a journal stood: any order of arrival, any repetition, gives the same sessions at the same stations."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.attendance import rules, service
from contentserver.attendance.acknowledging import acknowledge
from contentserver.attendance.models import Epoch, EventRow, QuarantinedEvent, SessionRow, SignInRow
from contentserver.boxes import Box, BoxStation
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import (
    EventBatch,
    EventBody,
    EventRecord,
    PlaybackSpan,
    SignedIn,
    SignInMethod,
    StationEntered,
)
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box

LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
AIRINGS = [AiringId(f"airing-{number}") for number in range(3)]


def records(*bodies: EventBody, first: int = 1) -> tuple[EventRecord, ...]:
    return tuple(
        EventRecord(
            sequence=number, at=NOW + timedelta(seconds=number), uncertainty_ms=4, body=msgspec.Raw(encode(body))
        )
        for number, body in enumerate(bodies, first)
    )


def signed(airing: AiringId, member: str) -> EventBody:
    return SignedIn(airing=airing, lesson=LESSON, member=member, method=SignInMethod.NUMBER)


def span(airing: AiringId, start: int) -> EventBody:
    return PlaybackSpan(
        airing=airing, lesson=LESSON, package=PackageName("p"), from_ms=start, to_ms=start + 1000, started_at=NOW
    )


@dataclass(frozen=True)
class Place:
    """Three stations; the box stood in the first two."""

    here: Station
    there: Station
    never: Station


@pytest.fixture
def place(session: Session, village: Station) -> Place:
    others = [one for one in stations.stations_in(session, "640221203") if one.id != village.id]
    return Place(village, others[0], others[1])


def moved_box(session: Session, place: Place) -> Box:
    """A box that stood here, and stands there now."""
    box = enrolled_box(session, place.here)
    for since, station in ((NOW, place.here), (NOW + timedelta(days=1), place.there)):
        session.merge(BoxStation(box_id=box.id, since=since, station_id=station.id))
    box.station_id = place.there.id
    session.flush()
    return box


def take_in(session: Session, box: Box, *some: EventRecord, epoch: str = "e1") -> service.Taken:
    taken = service.take_in(session, box, EventBatch(box=BoxId(box.id), epoch=epoch, events=some), NOW)
    session.flush()
    return taken


def numbers(session: Session) -> list[tuple[object, ...]]:
    rows = session.scalars(select(SessionRow).order_by(SessionRow.airing_id, SessionRow.station_id)).all()
    signed_in = session.scalars(
        select(SignInRow).order_by(SignInRow.airing_id, SignInRow.station_id, SignInRow.member_id)
    ).all()
    return [(row.airing_id, row.station_id, row.shown_ms, row.present) for row in rows] + [
        (row.airing_id, row.station_id, row.member_id) for row in signed_in
    ]


def journal(place: Place) -> tuple[EventRecord, ...]:
    """Here, then there, then here again; one airing on both sides of a move."""
    return records(
        StationEntered(station=str(place.here.id)),
        signed(AIRINGS[0], "a"),
        span(AIRINGS[0], 0),
        StationEntered(station=str(place.there.id)),
        span(AIRINGS[0], 1000),
        signed(AIRINGS[1], "b"),
        StationEntered(station=str(place.here.id)),
        signed(AIRINGS[2], "c"),
    )


def test_rows_count_where_the_box_stood_when_it_wrote_them(session: Session, place: Place) -> None:
    take_in(session, moved_box(session, place), *journal(place))
    found = {(row.airing_id, row.station_id): row for row in session.scalars(select(SessionRow))}
    assert set(found) == {
        (AIRINGS[0], place.here.id),
        (AIRINGS[0], place.there.id),
        (AIRINGS[1], place.there.id),
        (AIRINGS[2], place.here.id),
    }
    assert found[AIRINGS[0], place.here.id].present == 1
    assert found[AIRINGS[0], place.there.id].shown_ms == 1000


def test_a_move_that_arrives_late_takes_its_rows_along_and_leaves_no_empty_session(
    session: Session, place: Place
) -> None:
    box = moved_box(session, place)
    evening = journal(place)
    take_in(session, box, *evening[:3], *evening[4:6])
    assert session.get(SessionRow, (AIRINGS[1], place.here.id))
    assert session.get(SessionRow, (AIRINGS[1], place.there.id)) is None
    take_in(session, box, evening[3])
    assert session.get(SessionRow, (AIRINGS[1], place.here.id)) is None
    assert session.scalars(select(SignInRow).where(SignInRow.station_id == place.here.id)).one().member_id == "a"
    assert session.get_one(SessionRow, (AIRINGS[1], place.there.id)).present == 1


@pytest.mark.parametrize("seed", range(8))
def test_any_order_and_any_repetition_give_the_same_sessions(session: Session, place: Place, seed: int) -> None:
    box, random = moved_box(session, place), Random(seed)
    evening = journal(place)
    take_in(session, box, *evening)
    right = numbers(session)
    for table in (SignInRow, SessionRow, EventRow, Epoch):
        session.execute(delete(table))
    session.expire_all()
    pieces = [random.sample(evening, random.randint(1, len(evening))) for _ in range(4)] + [list(evening)]
    random.shuffle(pieces)
    for piece in pieces:
        take_in(session, box, *piece)
    assert numbers(session) == right
    service.rebuild(session)
    assert numbers(session) == right


def test_a_journal_that_says_no_station_counts_where_the_box_stood_at_first(session: Session, place: Place) -> None:
    box = moved_box(session, place)
    take_in(session, box, *records(signed(AIRINGS[0], "a")))
    assert session.scalars(select(SessionRow.station_id)).all() == [place.there.id]
    box.station_id = place.here.id
    take_in(session, box, *records(signed(AIRINGS[1], "a"), first=2))
    assert set(session.scalars(select(SessionRow.station_id))) == {place.there.id}


@pytest.mark.parametrize("named", ["never", "nonsense", "unreadable"])
def test_a_station_in_which_the_box_never_stood_is_not_believed(session: Session, place: Place, named: str) -> None:
    box = moved_box(session, place)
    strange = records(StationEntered(station={"never": str(place.never.id)}.get(named, "x" * 90)))[0]
    if named == "unreadable":
        strange = msgspec.structs.replace(strange, body=msgspec.Raw(b'{"kind":"station_entered","station":5}'))
    taken = take_in(session, box, strange, *records(signed(AIRINGS[0], "a"), first=2))
    assert taken == service.Taken(new=2, known=0, quarantined=1)
    assert session.scalars(select(SessionRow.station_id)).all() == [place.there.id]
    kept = session.scalars(select(QuarantinedEvent)).one()
    assert (kept.sequence, kept.reason) == (1, "station_unknown")
    assert acknowledge(session, BoxId(box.id), "e1").through == 2
    assert take_in(session, box, strange) == service.Taken(new=0, known=1, quarantined=0)


def test_a_station_that_turns_out_to_be_true_is_believed_with_the_next_rows(session: Session, place: Place) -> None:
    box = moved_box(session, place)
    take_in(session, box, *records(StationEntered(station=str(place.never.id)), signed(AIRINGS[0], "a")))
    session.add(BoxStation(box_id=box.id, since=NOW + timedelta(days=2), station_id=place.never.id))
    session.flush()
    take_in(session, box, *records(signed(AIRINGS[1], "b"), first=3))
    assert set(session.scalars(select(SessionRow.station_id))) == {place.never.id}


def test_the_same_number_twice_in_one_batch_is_quarantined_too(session: Session, place: Place) -> None:
    box = moved_box(session, place)
    taken = take_in(session, box, *records(signed(AIRINGS[0], "a")), *records(signed(AIRINGS[0], "b")))
    assert taken == service.Taken(new=1, known=0, quarantined=1)
    assert session.scalars(select(SignInRow.member_id)).all() == ["a"]


def test_a_sequence_that_no_journal_has_is_left_out(session: Session, place: Place) -> None:
    box = moved_box(session, place)
    for sequence in (0, -5, 2**63):
        strange = msgspec.structs.replace(records(signed(AIRINGS[0], "a"))[0], sequence=sequence)
        assert take_in(session, box, strange) == service.Taken()


def test_what_came_on_a_stick_says_nothing_of_when_the_box_was_heard(session: Session, place: Place) -> None:
    box = moved_box(session, place)
    batch = EventBatch(box=BoxId(box.id), epoch="e1", events=journal(place))
    service.take_in(session, box, batch, NOW, carried=True)
    assert box.seen_at is None


stations_drawn = st.sampled_from([uuid4() for _ in range(4)])


@settings(max_examples=200)
@given(
    entries=st.lists(st.tuples(st.integers(1, 40), st.one_of(st.none(), stations_drawn)), unique_by=lambda one: one[0]),
    stood_in=st.frozensets(stations_drawn),
    otherwise=stations_drawn,
)
def test_stretches_cover_every_row_once_and_say_what_the_last_entry_said(
    entries: list[tuple[int, UUID | None]], stood_in: frozenset[UUID], otherwise: UUID
) -> None:
    entries.sort()
    found = rules.stretches(entries, stood_in, otherwise)
    for sequence in range(1, 50):
        covering = [one for one in found if one.first <= sequence and (one.end is None or sequence < one.end)]
        assert len(covering) == 1
        last = next((station for at, station in reversed(entries) if at <= sequence), None)
        assert covering[0].station == (last if last in stood_in else otherwise)

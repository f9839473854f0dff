"""What is in quarantine is seen by those whose region it is, in words, and never goes away."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest
from flask import Flask
from flask_babel import Babel, force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance import quarantine, service, words
from contentserver.attendance.models import QuarantinedEvent
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import RIGHTS, Right, Role
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.codec import encode
from schedules.wire.messages import (
    AiringEnded,
    AiringMissed,
    AiringStarted,
    EventBatch,
    EventBody,
    EventRecord,
    HeadCounted,
    PlaybackSpan,
    RosterMember,
    SegmentDamaged,
    SignedIn,
    SignInMethod,
    SignInUndone,
    StationEntered,
)
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person

AIRING, LESSON = AiringId("a"), LessonCard(id=LessonId("l"), title="看懂化验单", course="")


def contradict(session: Session, station: Station, people: Sequence[int], epoch: str = "e") -> None:
    """One event, and others under the same number."""
    box = enrolled_box(session, station, key=f"key-{station.id}")
    for count in people:
        row = EventRecord(
            sequence=1, at=NOW, uncertainty_ms=1, body=msgspec.Raw(encode(HeadCounted(airing=AIRING, people=count)))
        )
        service.take_in(session, box, EventBatch(box=BoxId(box.id), epoch=epoch, events=(row,)), NOW)
    session.flush()


def test_both_bodies_stand_side_by_side_until_somebody_has_looked(session: Session, village: Station) -> None:
    contradict(session, village, (20, 90, 95))
    staff = person(session, Role.COUNTY_STAFF)
    page = quarantine.entries(session, staff.region_code, 1, everything=False)
    assert page.total == quarantine.waiting(session, staff.region_code) == 2
    for one in page.rows:
        assert one.counted is not None
        assert '"people":20' in one.counted.body
        assert one.station.id == village.id
    first = page.rows[0].event
    assert quarantine.mark_seen(session, {first.id}, staff, NOW + timedelta(hours=1)) == 1
    assert quarantine.mark_seen(session, {first.id}, staff, NOW + timedelta(hours=2)) == 0
    assert quarantine.waiting(session, staff.region_code) == 1
    assert quarantine.entries(session, staff.region_code, 1, everything=True).total == 2
    assert session.get_one(QuarantinedEvent, first.id).seen_by == staff.id
    assert (
        session.scalars(select(AuditEntry).where(AuditEntry.action == "quarantine.seen")).one().account_id == staff.id
    )


def test_another_countys_are_neither_seen_nor_put_aside(session: Session, village: Station) -> None:
    contradict(session, village, (20, 90))
    stranger = person(session, Role.SYSTEM_ADMIN, region="640202")
    event = session.scalars(select(QuarantinedEvent)).one()
    assert quarantine.entries(session, stranger.region_code, 1, everything=True).total == 0
    assert quarantine.mark_seen(session, {event.id}, stranger, NOW) == 0
    assert event.seen_at is None


def test_those_who_look_into_it_are_the_county_and_the_system() -> None:
    assert {role for role, rights in RIGHTS.items() if Right.INSPECT in rights} == {
        Role.COUNTY_STAFF,
        Role.SYSTEM_ADMIN,
    }


BODIES: list[tuple[EventBody, str]] = [
    (
        AiringStarted(
            airing=AIRING, planned_start=NOW, duration_ms=1, lesson=LESSON, package=PackageName("p"), late_ms=1
        ),
        "看懂化验单 began, planned for 2026-11-23 Mon 19:00:00",
    ),
    (
        PlaybackSpan(airing=AIRING, lesson=LESSON, package=PackageName("p"), from_ms=0, to_ms=90_000, started_at=NOW),
        "看懂化验单 was on the screen from 0 s to 1 min 30 s of its length",
    ),
    (AiringEnded(airing=AIRING, complete=True), "The airing ended, shown to its end"),
    (AiringEnded(airing=AIRING, complete=False), "The airing ended before its end"),
    (
        AiringMissed(airing=AIRING, lesson=LESSON, reason="refused"),
        "看懂化验单 was not shown. The lesson was unsigned or altered, and was not played.",
    ),
    (
        SegmentDamaged(
            airing=AIRING, lesson=LESSON, package=PackageName("p"), file="720p/3.m4s", from_ms=18_000, to_ms=24_000
        ),
        "A piece of 看懂化验单 is damaged on the box, from 18 s to 24 s of its length: 720p/3.m4s",
    ),
    (
        SignedIn(airing=AIRING, lesson=LESSON, member="m", method=SignInMethod.CARD),
        "王*芳 0427 signed in to 看懂化验单, by card",
    ),
    (SignInUndone(airing=AIRING, member="x"), "The sign-in of somebody who is not on the roll was taken back"),
    (HeadCounted(airing=AIRING, people=2), "2 people were counted in the room"),
    (StationEntered(station="s"), "The box stands in 马场村"),
]


@pytest.fixture(scope="module")
def english() -> Flask:
    app = Flask("words")
    Babel(app, default_locale="en")
    return app


@pytest.mark.parametrize(("body", "said"), BODIES)
def test_every_kind_of_event_is_said_in_a_sentence(english: Flask, body: EventBody, said: str) -> None:
    members = {"m": RosterMember(id="m", name="王*芳", number="0427")}
    with english.app_context(), force_locale("en"):
        assert words.sentence(encode(body).decode(), members, {"s": "马场村"}) == said


@pytest.mark.parametrize("raw", ["", "[1]", '{"kind":"quiz"}', '{"kind":"signed_in","airing":7}', "x" * 900])
def test_what_nobody_understands_is_shown_as_it_came_and_not_at_length(english: Flask, raw: str) -> None:
    with english.app_context(), force_locale("en"):
        said = words.sentence(raw, {}, {})
    assert said.startswith("Something that this server does not understand")
    assert len(said) < 300

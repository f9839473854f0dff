"""Experts are told of new questions by mail: all in one, seldom, none at night, none twice."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import consultations, stations
from contentserver.accounts import Account
from contentserver.app import create_app
from contentserver.consultations import answering, digests, routing, words
from contentserver.consultations.digests import Digests, due, letter, note
from contentserver.consultations.models import CaseDigest
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.stations import Station
from schedules import asking
from tests.contentserver.conftest import NOW, enrolled_box
from tests.contentserver.consultations.conftest import Room, expert, question
from tests.serving import import_regions, services_in

HOUR = timedelta(hours=1)
MORNING = NOW + 13 * HOUR
"""Eight o'clock of the next day at the stations."""


def with_mail(session: Session, *topics: str, region: str = "640221") -> Person:
    """An expert who has an address."""
    who = expert(session, *topics, region=region)
    session.get_one(Account, who.id).mail = f"{who.username}@example.org"
    session.flush()
    return who


def named(session: Session, now: datetime) -> dict[UUID, list[int]]:
    """The numbers of the questions of which somebody is to be told."""
    return {one.account_id: [case.number for case in one.cases] for one in due(session, now)}


def tell(session: Session, now: datetime, *, sent: bool = True) -> int:
    """Tell everybody who is to be told."""
    found = due(session, now)
    for one in found:
        note(session, one, now, sent=sent)
    session.flush()
    return len(found)


def test_an_expert_is_told_of_what_waits_at_their_desk_and_of_their_topics(session: Session, room: Room) -> None:
    soil, everything, mute = with_mail(session, asking.SOIL), with_mail(session), expert(session)
    with_mail(session, region="640205")
    with_mail(session, region="64")
    room.says(question(), question(asking.RICE, "rice_seed"))
    assert named(session, NOW) == {soil.id: [1], everything.id: [1, 2]}
    assert mute.id not in named(session, NOW)
    session.get_one(Account, soil.id).active = False
    assert soil.id not in named(session, NOW)


def test_there_is_one_mail_an_hour_and_no_question_is_told_twice(session: Session, room: Room) -> None:
    who = with_mail(session)
    room.says(question())
    assert tell(session, NOW) == 1
    room.says(question(asking.RICE, "rice_seed"), question(asking.PESTS, "which_pest"))
    assert tell(session, NOW + HOUR - timedelta(seconds=1)) == 0
    assert named(session, NOW + HOUR) == {who.id: [2, 3]}
    assert tell(session, NOW + HOUR) == 1
    assert tell(session, NOW + 1.9 * HOUR) == tell(session, MORNING) == 0
    assert len(session.scalars(select(CaseDigest)).all()) == 3


def test_what_nobody_took_is_told_with_the_next_one(session: Session, room: Room) -> None:
    who = with_mail(session)
    room.says(question())
    assert tell(session, NOW, sent=False) == 1
    assert named(session, NOW + timedelta(minutes=59)) == {}
    room.says(question(asking.RICE, "rice_seed"))
    assert named(session, NOW + HOUR) == {who.id: [1, 2]}


def test_at_night_nobody_is_told_and_in_the_morning_everybody(session: Session, room: Room) -> None:
    who = with_mail(session)
    room.says(question())
    hours = {hour: NOW + timedelta(hours=(hour - 19) % 24) for hour in range(24)}
    told = [hour for hour, at in hours.items() if named(session, at)]
    assert told == list(range(7, 21))
    assert named(session, MORNING) == {who.id: [1]}


def test_what_is_taken_or_answered_meanwhile_is_told_to_nobody(session: Session, room: Room) -> None:
    who = with_mail(session)
    first, second = room.says(question(), question(asking.RICE, "rice_seed"))
    routing.claim(session, first.id, who, NOW)
    answering.answer(session, second.id, "温汤浸种", "", [], who, NOW)
    session.flush()
    assert named(session, NOW) == {}


def test_a_letter_names_no_question_and_no_person(session: Session, room: Room) -> None:
    with_mail(session)
    room.says(question(asking.ANIMALS, "animal_ill"), *(question(asking.RICE, f"s{number}") for number in range(25)))
    (found,) = due(session, NOW)
    subject, text = letter(found, "https://county.example")
    assert "26" in subject
    assert text.count(room.station.name) == digests.LISTED
    assert "https://county.example/cases" in text
    assert "s3" not in text


@dataclass(slots=True)
class Post:
    """Takes mails, or does not."""

    taken: list[tuple[str, str, str]] = field(default_factory=list)
    broken: bool = False

    def __call__(self, to: str, subject: str, text: str) -> None:
        if self.broken:
            raise smtplib.SMTPServerDisconnected("gone")
        self.taken.append((to, subject, text))


@contextmanager
def asking_village(folder: Path) -> Iterator[tuple[Digests, Post, Session]]:
    """A server with an expert and a question."""
    services, post = services_in(folder, public_url="https://county.example"), Post()
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, "640221203")
        station: Station = stations.stations_in(session, "640221203")[0]
        with_mail(session)
        Room(session, station, enrolled_box(session, station)).says(question())
    app = create_app(services.settings, services)
    jobs = consultations.expert_mail(services.database, app, post, services.settings.public_url)
    with services.database.reader() as looking:
        yield jobs, post, looking
    services.database.engine.dispose()


def test_a_worker_sends_and_tries_again_where_nobody_took_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [NOW]
    monkeypatch.setattr(clock, "now", lambda: at[0])
    with asking_village(tmp_path) as (jobs, post, looking):
        post.broken = True
        assert (jobs.turn(), jobs.turn()) == (0, 0)
        assert [row.sent for row in looking.scalars(select(CaseDigest))] == [False]
        post.broken, at[0] = False, NOW + HOUR
        assert (jobs.turn(), jobs.turn()) == (1, 0)
    (to, subject, text) = post.taken[0]
    assert to.endswith("@example.org")
    assert "1" in subject
    assert "county.example/cases" in text
    assert words.topic_in_chinese(asking.SOIL) in text, "the server's language is Chinese"

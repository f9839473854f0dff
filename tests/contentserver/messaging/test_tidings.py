"""What the server itself tells: late tasks, what a station should look at, alerts; each once, whatever else breaks."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import tidings
from contentserver.accounts.models import Account
from contentserver.alerts.models import AlertRecord, AlertRegion
from contentserver.alerts.rules import AlertState
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Right, Role
from contentserver.kernel.db import Database
from contentserver.messaging import telling
from contentserver.messaging.models import Message
from contentserver.messaging.ports import Telling
from contentserver.messaging.releasing import ReleaseKind
from contentserver.messaging.rules import Channel
from contentserver.messaging.sending import Post
from contentserver.processes import Plan, begin
from contentserver.readiness.models import StationNote
from contentserver.readiness.notes import keep
from contentserver.readiness.ports import Telling as Noted
from contentserver.readiness.reasons import Light, NeverCalled
from contentserver.stations import Station
from schedules.airings import AiringId
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.messaging.conftest import COUNTY, MEANS, SEAL

BOTH = {Channel.SMS, Channel.MAIL}


@pytest.fixture(autouse=True)
def speaking() -> Iterator[None]:
    """Words need a language."""
    app = Flask("speaking")
    Babel(app, default_locale="en")
    with app.test_request_context("/"):
        yield


def reachable(session: Session, who: Person, number: str) -> None:
    account = session.get_one(Account, who.id)
    account.phone_sealed, account.phone_mark = SEAL.seal(number), SEAL.mark(number)
    session.flush()


def told(session: Session, several: Sequence[Telling]) -> list[str]:
    telling.tell(session, several, MEANS, NOW, BOTH)
    return [row.origin.split()[0] for row in session.scalars(select(Message))]


def test_whoever_has_late_tasks_is_told_once_a_working_day_also_who_acts_everywhere(
    session: Session, village: Station
) -> None:
    everywhere = person(session, Role.SYSTEM_ADMIN, "")
    reachable(session, everywhere, "13800000001")
    plans = [Plan("agree", Right.SEND_MESSAGES, COUNTY, 1)]
    kind = ReleaseKind(MEANS)
    begin(session, kind, subject="message 1", title="t", plans=plans, who=None, now=NOW - timedelta(days=9))
    several = tidings.late_tasks(session, NOW)
    assert [one.accounts for one in several] == [(everywhere.id,)]
    assert told(session, several) == told(session, several) == ["tasks"]
    early = datetime.combine(clock.local(NOW).date(), tidings.TOLD_AT, clock.SHANGHAI) - timedelta(minutes=1)
    assert tidings.late_tasks(session, early) == ()
    sunday = NOW - timedelta(days=1)
    assert tidings.late_tasks(session, sunday) == ()


def test_a_station_s_administrator_hears_of_a_note_that_nobody_has_read(session: Session, village: Station) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    reachable(session, keeper, "13800000002")
    person(session, Role.STATION_ADMIN, "640221100001")
    noted = Noted(
        station_id=village.id,
        airing_id=AiringId("a"),
        airing_start=NOW + timedelta(hours=3),
        lesson_title="看懂化验单",
        reason=NeverCalled(light=Light.WILL_NOT_PLAY),
    )
    assert keep(session, noted, NOW - timedelta(minutes=5), None)
    (one,) = tidings.notes_to_stations(session, NOW)
    assert one.accounts == (keeper.id,)
    assert village.name in one.text
    assert told(session, [one]) == ["note"]
    session.scalars(select(StationNote)).one().delivered_at = NOW
    session.flush()
    assert list(tidings.notes_to_stations(session, NOW)) == []


def test_an_alert_goes_to_the_stations_of_its_regions_at_night_too(session: Session, village: Station) -> None:
    keeper, beside = person(session, Role.STATION_ADMIN, VILLAGE), person(session, Role.STATION_ADMIN, "640205001001")
    alert = AlertRecord(
        state=AlertState.SENT.value,
        kind="weather",
        headline="沙尘暴",
        severity="severe",
        urgency="immediate",
        expires=NOW + timedelta(hours=2),
        source="form",
        made_by=keeper.id,
        authors="[]",
        made_at=NOW,
        regions=[AlertRegion(region_code=COUNTY)],
    )
    session.add(alert)
    session.flush()
    (one,) = tidings.alerts_sent(session, NOW)
    assert (keeper.id in one.accounts, beside.id in one.accounts, one.urgent) == (True, False, True)
    assert list(tidings.alerts_sent(session, NOW + timedelta(hours=3))) == []


def test_one_source_that_breaks_keeps_nothing_else_back(database: Database, village: Station, session: Session) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    reachable(session, keeper, "13800000003")
    session.commit()

    def broken(_session: Session, _now: datetime) -> Sequence[Telling]:
        raise RuntimeError("broken")

    def whole(_session: Session, _now: datetime) -> Sequence[Telling]:
        return [Telling("whole 1", COUNTY, "t", "t", (keeper.id,))]

    class Nobody:
        def submit(self, _several: object) -> list[object]:
            return []

        def collect(self) -> list[object]:
            return []

        def acknowledge(self) -> None:
            pass

        def close(self) -> None:
            pass

    Post(database, {Channel.SMS: Nobody()}, MEANS, (broken, whole)).turn()  # type: ignore[dict-item]
    with database.reader() as unit:
        assert unit.scalars(select(Message.origin)).all() == ["whole 1 sms"]

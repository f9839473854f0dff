"""When a box was there, by the broker's word, and what counts as having heard from it."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.boxes import OLD_PRESENCE, Box, accept_report, days_on_at, note_presence, refresh_desired
from contentserver.boxes import service as boxes
from contentserver.boxes.models import Presence
from contentserver.stations import Station
from schedules.airings import PackageName
from schedules.wire.messages import Desired, LineReport, Reported
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def box(session: Session, village: Station) -> Box:
    return enrolled_box(session, village)


def stretches(session: Session) -> list[tuple[object, object]]:
    rows = session.scalars(select(Presence).order_by(Presence.since))
    return [(row.since, row.until) for row in rows]


def said(box: Box, at: timedelta, **changes: object) -> Reported:
    return msgspec.structs.replace(Reported(box=BoxId(box.id), epoch="e1", at=NOW + at), **changes)


def test_it_comes_and_goes_and_what_is_told_twice_counts_once(session: Session, box: Box) -> None:
    for hour, online in ((0, True), (1, True), (2, False), (5, False), (6, True)):
        note_presence(session, box, online, NOW + hour * HOUR)
    assert stretches(session) == [(NOW, NOW + 2 * HOUR), (NOW + 6 * HOUR, None)]
    assert box.online


def test_a_broker_that_repeats_that_a_box_is_gone_is_no_sign_of_life(session: Session, box: Box) -> None:
    note_presence(session, box, True, NOW)
    note_presence(session, box, False, NOW + HOUR)
    note_presence(session, box, False, NOW + 72 * HOUR)
    assert box.seen_at == NOW + HOUR


def test_at_which_hours_it_was_there(session: Session, box: Box) -> None:
    note_presence(session, box, True, NOW)
    note_presence(session, box, False, NOW + HOUR)
    note_presence(session, box, True, NOW + DAY)
    instants = [NOW + DAY + HOUR, NOW + HOUR, NOW + HOUR / 2, NOW - HOUR]
    assert days_on_at(session, instants) == {box.id: frozenset({0, 2})}
    assert days_on_at(session, [NOW - DAY]) == {}


def test_it_is_forgotten_when_it_is_old_but_not_what_still_lasts(session: Session, box: Box) -> None:
    note_presence(session, box, True, NOW)
    note_presence(session, box, False, NOW + HOUR)
    note_presence(session, box, True, NOW + DAY)
    assert OLD_PRESENCE.take(session, NOW + DAY, 10).things == 1
    assert stretches(session) == [(NOW + DAY, None)]


def test_an_old_report_that_the_broker_kept_does_not_make_a_silent_box_live(session: Session, box: Box) -> None:
    report = said(box, timedelta())
    accept_report(session, box, report, NOW + 48 * HOUR)
    assert (box.reported_at, box.seen_at) == (NOW, NOW)
    accept_report(session, box, report, NOW + 72 * HOUR)
    assert box.seen_at == NOW


def test_a_connected_box_and_one_over_http_are_heard_now_whatever_their_clock_says(session: Session, box: Box) -> None:
    accept_report(session, box, said(box, -1000 * DAY), NOW, live=True)
    assert box.seen_at == NOW
    note_presence(session, box, True, NOW + HOUR)
    accept_report(session, box, said(box, -999 * DAY), NOW + 2 * HOUR)
    assert box.seen_at == box.reported_at == NOW + 2 * HOUR


def test_a_line_once_measured_is_remembered_when_the_box_begins_anew(session: Session, box: Box) -> None:
    line = LineReport(kbps=640, measured_at=NOW)
    accept_report(session, box, said(box, timedelta(), line=line), NOW)
    accept_report(session, box, said(box, HOUR, epoch="e2"), NOW + HOUR)
    kept = msgspec.json.decode(box.reported, type=Reported)
    assert (kept.epoch, kept.line) == ("e2", line)


def test_a_wanted_rendition_travels_signed_and_only_once(session: Session, box: Box, signer: Signer) -> None:
    refresh_desired(session, box, signer)
    before = box.desired_version
    boxes.want_renditions(box, {PackageName("sha256-1"): "360p"})
    assert refresh_desired(session, box, signer)
    assert not refresh_desired(session, box, signer)
    desired = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    assert (desired.version, desired.renditions) == (before + 1, {"sha256-1": "360p"})
    boxes.want_renditions(box, {})
    assert refresh_desired(session, box, signer)

"""A box is moved, replaced, ended: each leaves a row that says since when it stood where, and who did it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.audit import AuditEntry
from contentserver.boxes import Box, BoxStation, end_enrolment, move, replace, set_fetching
from contentserver.boxes.placing import stand
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.stations import Station
from schedules.wire.messages import Desired, FetchRules
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, enrolled_box, person

LATER = NOW + timedelta(days=30)


@pytest.fixture
def who(session: Session, village: Station) -> Person:
    return person(session, Role.SYSTEM_ADMIN, "640221")


@pytest.fixture
def elsewhere(session: Session, village: Station) -> Station:
    return next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)


def _box(session: Session, station: Station, key: str = "key") -> Box:
    box = enrolled_box(session, station, key)
    stand(session, box, station, NOW)
    return box


def _stood(session: Session, box: Box) -> list[tuple[object, object]]:
    rows = session.scalars(select(BoxStation).where(BoxStation.box_id == box.id).order_by(BoxStation.since))
    return [(row.since, row.station_id) for row in rows]


def _wanted(box: Box, signer: Signer) -> Desired:
    return Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)


def _audited(session: Session) -> list[str]:
    session.flush()
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.id)))


def test_a_moved_box_follows_its_new_station_and_its_past_stays(
    session: Session, village: Station, elsewhere: Station, who: Person, signer: Signer
) -> None:
    box = _box(session, village)
    move(session, box, elsewhere, who, signer, LATER)
    assert _wanted(box, signer).station.id == str(elsewhere.id)
    move(session, box, elsewhere, who, signer, LATER + timedelta(days=1))
    assert _stood(session, box) == [(NOW, village.id), (LATER, elsewhere.id)]
    move(session, box, village, who, signer, LATER + timedelta(days=2))
    assert len(_stood(session, box)) == 3
    assert _audited(session) == ["box.moved"] * 3


def test_nobody_moves_a_box_out_of_or_into_another_region(
    session: Session, village: Station, elsewhere: Station, signer: Signer
) -> None:
    box = _box(session, village)
    for region in (village.region_code, elsewhere.region_code, "640202"):
        with pytest.raises(Forbidden):
            move(session, box, elsewhere, person(session, Role.STATION_ADMIN, region), signer, LATER)
    assert _stood(session, box) == [(NOW, village.id)]


def test_a_replacing_box_takes_place_and_rules_and_the_old_one_says_so(
    session: Session, village: Station, elsewhere: Station, who: Person, signer: Signer
) -> None:
    old, new = _box(session, village, "old"), _box(session, elsewhere, "new")
    set_fetching(old, FetchRules(quiet_from="19:00", quiet_until="21:30"))
    replace(session, old, new, who, signer, LATER)
    assert (new.station_id, _wanted(new, signer).fetching.quiet_from) == (village.id, "19:00")
    assert old.revoked_at == LATER
    assert str(new.id) in _wanted(old, signer).ended
    assert _stood(session, new)[-1] == (LATER, village.id)
    assert set(_audited(session)) == {"box.moved", "box.ended", "box.replaced"}
    for first, second in ((old, new), (new, old), (new, new)):
        with pytest.raises(Conflict):
            replace(session, first, second, who, signer, LATER)


def test_an_end_needs_a_reason_and_comes_once(session: Session, village: Station, who: Person, signer: Signer) -> None:
    box = _box(session, village)
    for reason in ("", "  \n", "长" * 301):
        with pytest.raises(Rejected):
            end_enrolment(session, box, reason, who, signer, LATER)
    with pytest.raises(Forbidden):
        end_enrolment(session, box, "丢失", person(session, Role.SYSTEM_ADMIN, "640202"), signer, LATER)
    assert box.revoked_at is None
    end_enrolment(session, box, " 丢失，\n请联系县里 ", who, signer, LATER)
    assert _wanted(box, signer).ended == "丢失， 请联系县里"
    with pytest.raises(Conflict):
        end_enrolment(session, box, "再", who, signer, LATER)
    with pytest.raises(Conflict):
        move(session, box, village, who, signer, LATER)

"""Letting boxes in: only with the key's proof, only by somebody who reads the code and may act there."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.accounts import audit
from contentserver.boxes import service
from contentserver.boxes.models import Box, Enrolment
from contentserver.boxes.rules import OFFER_LIFETIME, WRONG_CODES_ALLOWED, normal_claim_code, shown_claim_code
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, Gone, NotFound, Rejected, Unauthenticated
from contentserver.stations import Station
from schedules.layers import region_layer
from schedules.wire.messages import Desired, EnrolmentRequest
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.conftest import NOW, person

SECRET = "s" * 40


def _offer(session: Session, key: str = "key-1") -> tuple[Enrolment, str]:
    return service.open_enrolment(session, EnrolmentRequest(public_key=key), NOW)


def _claim(session: Session, code: str, station: Station, who: Person, signer: Signer) -> Box:
    return service.claim(
        session, code=code, station_id=station.id, who=who, signer=signer, secret=SECRET, now=NOW + timedelta(minutes=1)
    )


def test_a_claimed_box_follows_its_region_and_all_above(session: Session, village: Station, signer: Signer) -> None:
    enrolment, token = _offer(session)
    assert service.claimed_box(session, enrolment.id, token, NOW) is None
    typed = f" {shown_claim_code(enrolment.claim_code).lower()} "
    box = _claim(session, typed, village, person(session, Role.STATION_ADMIN, village.region_code), signer)
    assert service.claimed_box(session, enrolment.id, token, NOW) is box
    wanted = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    assert wanted.layers == tuple(map(region_layer, ("64", "6402", "640221", "640221203", "640221203205")))
    assert wanted.station.name == "马场村"


def test_desired_counts_up_only_when_it_differs(session: Session, village: Station, signer: Signer) -> None:
    enrolment, _token = _offer(session)
    box = _claim(session, enrolment.claim_code, village, person(session, Role.SYSTEM_ADMIN, ""), signer)
    assert not service.refresh_desired(session, box, signer)
    village.place = "一楼活动室"
    session.flush()
    assert service.refresh_desired(session, box, signer)
    assert box.desired_version == 2


def test_a_box_that_enrols_again_keeps_its_number_and_gets_new_credentials(
    session: Session, village: Station, signer: Signer
) -> None:
    who = person(session, Role.SYSTEM_ADMIN, "")
    first = _claim(session, _offer(session)[0].claim_code, village, who, signer)
    old_hash = first.http_token_hash
    again = _claim(session, _offer(session)[0].claim_code, village, who, signer)
    assert again is first
    assert again.http_token_hash != old_hash


def test_a_wrong_code_is_refused_and_too_many_are_stopped(session: Session, village: Station, signer: Signer) -> None:
    who = person(session, Role.STATION_ADMIN, village.region_code)
    code = _offer(session)[0].claim_code
    for _ in range(WRONG_CODES_ALLOWED):
        with pytest.raises(NotFound):
            _claim(session, "ZZZZ-ZZZZ", village, who, signer)
        audit(session, who=who, action="box.claim_failed", subject="claim", now=NOW)
    session.flush()
    with pytest.raises(Rejected) as refusal:
        _claim(session, code, village, who, signer)
    assert refusal.value.code == "claims_limited"
    assert session.scalar(select(func.count()).select_from(Box)) == 0


def test_nobody_claims_for_a_station_outside_their_region(session: Session, village: Station, signer: Signer) -> None:
    with pytest.raises(Forbidden):
        _claim(session, _offer(session)[0].claim_code, village, person(session, Role.SCHEDULER, "640202"), signer)


def test_a_code_is_good_once(session: Session, village: Station, signer: Signer) -> None:
    code, who = _offer(session)[0].claim_code, person(session, Role.SYSTEM_ADMIN, "")
    _claim(session, code, village, who, signer)
    with pytest.raises(Conflict):
        _claim(session, code, village, who, signer)


def test_an_offer_ends(session: Session) -> None:
    enrolment, token = _offer(session)
    with pytest.raises(Gone):
        service.claimed_box(session, enrolment.id, token, NOW + OFFER_LIFETIME)


def test_offers_that_nobody_took_are_forgotten_and_claimed_ones_are_kept(
    session: Session, village: Station, signer: Signer
) -> None:
    _offer(session, "key-1")
    taken, token = _offer(session, "key-2")
    box = _claim(session, taken.claim_code, village, person(session, Role.SYSTEM_ADMIN, ""), signer)
    service.forget_expired(session, NOW + OFFER_LIFETIME * 2)
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1
    assert service.claimed_box(session, taken.id, token, NOW + OFFER_LIFETIME * 2) is box


def test_only_the_box_itself_may_ask(session: Session) -> None:
    enrolment, _token = _offer(session)
    with pytest.raises(Unauthenticated):
        service.claimed_box(session, enrolment.id, "guess", NOW)


def test_asking_again_ends_the_older_offer(session: Session) -> None:
    older, token = _offer(session)
    older_id = older.id
    newer, _ = _offer(session)
    assert newer.claim_code != older.claim_code
    with pytest.raises(Gone):
        service.claimed_box(session, older_id, token, NOW)


@pytest.mark.parametrize("typed", ["7k4m-92qp", " 7K4M 92QP ", "7K4M—92QP", "7k4m92qp"])
def test_codes_are_read_however_they_are_typed(typed: str) -> None:
    assert normal_claim_code(typed) == "7K4M92QP"

"""Letting boxes in: only with the key's proof, only by somebody who reads the code and may act there."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.boxes import desiring, enrolling
from contentserver.boxes.models import Box, BoxStation, Enrolment
from contentserver.boxes.rules import OFFER_LIFETIME, WRONG_CODES_ALLOWED
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, Gone, NotFound, Refusal, Rejected, Unauthenticated
from contentserver.stations import Station
from schedules import claim
from schedules.layers import region_layer
from schedules.wire.messages import Desired, EnrolmentRequest, EnrolmentReveal
from schedules.wire.signing import Signer, Verifier, jwk_set
from tests.contentserver.boxes.entering import AUTHORITY, SECRET, ask, enter
from tests.contentserver.conftest import NOW, person

SOON = NOW + timedelta(minutes=1)


def _claim(session: Session, code: str, station: Station, who: Person, signer: Signer, now: datetime = SOON) -> Box:
    return enrolling.claim(session, code=code, station_id=station.id, who=who, signer=signer, secret=SECRET, now=now)


def test_a_claimed_box_follows_its_region_and_all_above(session: Session, village: Station, signer: Signer) -> None:
    entering = enter(session, signer)
    assert enrolling.claimed_box(session, entering.enrolment.id, entering.token, NOW) is None
    typed = f" {claim.shown(entering.code()).lower()} "
    box = _claim(session, typed, village, person(session, Role.STATION_ADMIN, village.region_code), signer)
    assert enrolling.claimed_box(session, entering.enrolment.id, entering.token, NOW) is box
    wanted = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    assert wanted.layers == tuple(map(region_layer, ("64", "6402", "640221", "640221203", "640221203205")))
    assert (wanted.station.name, wanted.credential_no, wanted.ended) == ("马场村", 1, "")
    (stands,) = session.scalars(select(BoxStation)).all()
    assert (stands.box_id, stands.since, stands.station_id) == (box.id, SOON, village.id)


def test_desired_counts_up_only_when_it_differs(session: Session, village: Station, signer: Signer) -> None:
    box = _claim(session, enter(session, signer).code(), village, person(session, Role.SYSTEM_ADMIN, ""), signer)
    assert not desiring.refresh_desired(session, box, signer)
    village.place = "一楼活动室"
    session.flush()
    assert desiring.refresh_desired(session, box, signer)
    assert box.desired_version == 2


def test_a_box_that_enrols_again_keeps_its_number_and_gets_new_credentials(
    session: Session, village: Station, signer: Signer
) -> None:
    who = person(session, Role.SYSTEM_ADMIN, "")
    first = _claim(session, enter(session, signer).code(), village, who, signer)
    old_hash = first.http_token_hash
    again = _claim(session, enter(session, signer).code(), village, who, signer)
    assert again is first
    assert again.http_token_hash != old_hash
    assert again.credential_no == 2
    assert session.scalar(select(func.count()).select_from(BoxStation)) == 1


def _refused(session: Session, code: str, station: Station, who: Person, signer: Signer) -> Refusal:
    """What somebody is told, after the page has noted it."""
    with pytest.raises(Refusal) as refused:
        _claim(session, code, station, who, signer)
    enrolling.claim_failed(session, code=code, who=who, now=NOW)
    session.flush()
    return refused.value


def test_a_wrong_code_is_refused_and_too_many_are_stopped(session: Session, village: Station, signer: Signer) -> None:
    who = person(session, Role.STATION_ADMIN, village.region_code)
    code = enter(session, signer).code()
    for _ in range(WRONG_CODES_ALLOWED):
        assert isinstance(_refused(session, "ZZZZ-ZZZZ", village, who, signer), NotFound)
    with pytest.raises(Rejected) as refusal:
        _claim(session, code, village, who, signer)
    assert refusal.value.code == "claims_limited"
    assert session.scalar(select(func.count()).select_from(Box)) == 0


def test_the_code_of_a_television_that_saw_another_authority_is_refused_for_good(
    session: Session, village: Station, signer: Signer
) -> None:
    who, entering = person(session, Role.STATION_ADMIN, village.region_code), enter(session, signer)
    refused = _refused(session, entering.code("-----BEGIN CERTIFICATE-----\ntheirs"), village, who, signer)
    assert refused.code == "claim_misfit"
    assert session.scalars(select(Box)).all() == []
    with pytest.raises(Gone):
        enrolling.claimed_box(session, entering.enrolment.id, entering.token, NOW)
    with pytest.raises(NotFound):
        _claim(session, entering.code(), village, who, signer)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "box.claim_failed")).all()
    assert entering.enrolment.public_key in entry.after


@pytest.mark.parametrize("code", ["", "7", "7K4M9", "7K4M-92Q", "7K4M-92QPP", "\x00", "é" * 8, "远教"])
def test_half_a_code_and_rubbish_let_nobody_in(session: Session, village: Station, signer: Signer, code: str) -> None:
    entering = enter(session, signer)
    who = person(session, Role.SYSTEM_ADMIN, "")
    for typed in (code, entering.enrolment.claim_stem, entering.code()[:7], f"{entering.code()}2"):
        with pytest.raises((NotFound, Conflict)):
            _claim(session, typed, village, who, signer)
    assert session.scalars(select(Box)).all() == []


def test_before_the_nonce_is_revealed_there_is_no_code(session: Session, village: Station, signer: Signer) -> None:
    entering = ask(session)
    with pytest.raises(NotFound):
        _claim(session, entering.code(), village, person(session, Role.SYSTEM_ADMIN, ""), signer)


def test_only_the_nonce_that_was_stood_by_counts_and_it_counts_once_as_often_as_it_is_said(
    session: Session, village: Station, signer: Signer
) -> None:
    entering = enter(session, signer)
    code = entering.enrolment.claim_code

    def reveal(nonce: str) -> None:
        said = EnrolmentReveal(nonce=nonce)
        enrolling.reveal(
            session,
            entering.enrolment.id,
            entering.token,
            said,
            authority=AUTHORITY,
            signer=signer,
            secret=SECRET,
            now=NOW,
        )

    for wrong in ("", "ab" * 16, entering.nonce.upper(), f"{entering.nonce} "):
        with pytest.raises(Rejected) as refused:
            reveal(wrong)
        assert refused.value.code == "nonce_wrong"
    reveal(entering.nonce)
    assert entering.enrolment.claim_code == code == entering.code()


@pytest.mark.parametrize("commitment", ["", "ab", "g" * 64, "A" * 64, "a" * 65])
def test_a_box_that_stands_by_no_nonce_is_not_heard(session: Session, commitment: str) -> None:
    with pytest.raises(Rejected) as refused:
        enrolling.open_enrolment(session, EnrolmentRequest(public_key="key", commitment=commitment), NOW)
    assert refused.value.code == "commitment_wrong"


def test_nobody_claims_for_a_station_outside_their_region(session: Session, village: Station, signer: Signer) -> None:
    with pytest.raises(Forbidden):
        _claim(session, enter(session, signer).code(), village, person(session, Role.SCHEDULER, "640202"), signer)


def test_a_code_is_good_once(session: Session, village: Station, signer: Signer) -> None:
    code, who = enter(session, signer).code(), person(session, Role.SYSTEM_ADMIN, "")
    _claim(session, code, village, who, signer)
    with pytest.raises(Conflict) as refused:
        _claim(session, code, village, who, signer)
    assert refused.value.code == "claim_used"


def test_an_offer_ends(session: Session, village: Station, signer: Signer) -> None:
    entering, late = enter(session, signer), NOW + OFFER_LIFETIME
    with pytest.raises(Gone):
        enrolling.claimed_box(session, entering.enrolment.id, entering.token, late)
    with pytest.raises(NotFound):
        _claim(session, entering.code(), village, person(session, Role.SYSTEM_ADMIN, ""), signer, late)


def test_offers_that_nobody_took_are_forgotten_and_claimed_ones_are_kept(
    session: Session, village: Station, signer: Signer
) -> None:
    enter(session, signer, "key-1")
    taken = enter(session, signer, "key-2")
    box = _claim(session, taken.code(), village, person(session, Role.SYSTEM_ADMIN, ""), signer)
    late = NOW + OFFER_LIFETIME * 2
    enrolling.forget_expired(session, late)
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 1
    assert enrolling.claimed_box(session, taken.enrolment.id, taken.token, late) is box


def test_only_the_box_itself_may_ask(session: Session) -> None:
    with pytest.raises(Unauthenticated):
        enrolling.claimed_box(session, ask(session).enrolment.id, "guess", NOW)


def test_asking_again_ends_the_older_offer(session: Session, signer: Signer) -> None:
    older = enter(session, signer)
    older_id = older.enrolment.id
    newer = enter(session, signer)
    assert newer.enrolment.claim_stem != older.enrolment.claim_stem
    with pytest.raises(Gone):
        enrolling.claimed_box(session, older_id, older.token, NOW)

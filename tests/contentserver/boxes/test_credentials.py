"""What a box holds is counted up without locking it out, asked for by its key, and taken away with a reason."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey
from sqlalchemy.orm import Session

from contentserver.boxes import credentials as keys
from contentserver.boxes import desiring, rules, service
from contentserver.boxes.models import Box
from contentserver.boxes.placing import end_enrolment, stand
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Outage, Rejected, Unauthenticated
from contentserver.stations import Station
from schedules.wire.codec import encode
from schedules.wire.messages import CredentialRequest, Desired
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.boxes.entering import SECRET
from tests.contentserver.conftest import NOW, person

KEY = OKPKey.generate_key("Ed25519")
PUBLIC = str(KEY.as_dict(private=False)["x"])
ABOUT = keys.Introduction(
    broker_host="county",
    broker_port=8883,
    tls=True,
    authority="PEM",
    journal_key="J",
    signing_keys=b'{"keys":[]}',
)


@pytest.fixture
def box(session: Session, village: Station, signer: Signer) -> Box:
    made = Box(station_id=village.id, public_key=PUBLIC, http_token_hash="unset", enrolled_at=NOW)
    session.add(made)
    session.flush()
    keys.give_first(made, SECRET)
    stand(session, made, village, NOW)
    desiring.refresh_desired(session, made, signer)
    return made


def _ask(
    session: Session, box: Box, token: str, key: OKPKey = KEY, at: timedelta = timedelta(), body: bytes = b""
) -> Box:
    request = CredentialRequest(box=BoxId(box.id), at=NOW + at)
    said = encode(request)
    proof = jws.serialize_compact({"alg": "Ed25519"}, said, key, algorithms=["Ed25519"])
    return keys.newest_for(session, request, token=token, proof=proof, body=body or said, secret=SECRET, now=NOW)


def _token(box: Box) -> str:
    return keys.credentials_of(box, SECRET, ABOUT).http_token


def _rotate(session: Session, box: Box, signer: Signer) -> None:
    keys.rotate(session, box, None, signer, SECRET, NOW)
    session.flush()


def _password(box: Box) -> str:
    return keys.broker_account(box, SECRET).password


def test_both_tokens_hold_until_the_new_one_is_used(session: Session, box: Box, signer: Signer) -> None:
    old = _token(box)
    _rotate(session, box, signer)
    new = _token(box)
    assert new != old
    assert keys.box_with_token(session, old) is keys.box_with_token(session, new) is box
    assert not keys.is_first_use(box, old)
    assert keys.is_first_use(box, new)
    keys.new_token_used(box)
    session.flush()
    assert keys.box_with_token(session, new) is box
    with pytest.raises(Unauthenticated) as refused:
        keys.box_with_token(session, old)
    assert refused.value.code == "box_unknown"


def test_the_box_is_told_by_its_desired_state(session: Session, box: Box, signer: Signer) -> None:
    _rotate(session, box, signer)
    said = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    assert (said.credential_no, said.version) == (2, 2)


def test_the_broker_keeps_the_old_password_until_the_new_credential_is_used(
    session: Session, box: Box, signer: Signer
) -> None:
    old = _password(box)
    keys.account_is_kept(session, box.id, keys.broker_account(box, SECRET), SECRET)
    box.desired_published = 2
    _rotate(session, box, signer)
    assert _password(box) == old
    assert keys.accounts_due([box], SECRET, None) == []
    keys.new_token_used(box)
    session.flush()
    assert _password(box) == keys.credentials_of(box, SECRET, ABOUT).broker.password != old
    assert box in service.due_boxes(session)
    assert [account.password for _box, account in keys.accounts_due([box], SECRET, None)] == [_password(box)]


def test_or_for_an_hour_so_that_a_stolen_one_ends(session: Session, box: Box, signer: Signer) -> None:
    old, old_token = _password(box), _token(box)
    _rotate(session, box, signer)
    keys.end_waiting(session, NOW + rules.ROTATION_WAITS - timedelta(seconds=1))
    assert _password(box) == old
    keys.end_waiting(session, NOW + rules.ROTATION_WAITS)
    assert _password(box) != old
    assert keys.box_with_token(session, old_token) is box


def test_a_box_that_slept_through_many_rotations_still_gets_its_credential(
    session: Session, box: Box, signer: Signer
) -> None:
    first = _token(box)
    held = []
    for _ in range(3):
        _rotate(session, box, signer)
        held.append(_token(box))
    assert keys.box_with_token(session, first) is box
    for token in (first, *held):
        assert _ask(session, box, token) is box


def test_the_broker_keeps_what_the_box_holds_however_often_it_is_counted_up(
    session: Session, box: Box, signer: Signer
) -> None:
    held = _password(box)
    for _ in range(3):
        _rotate(session, box, signer)
        assert _password(box) == held
    assert keys.is_first_use(box, _token(box))
    keys.new_token_used(box)
    assert _password(box) == keys.credentials_of(box, SECRET, ABOUT).broker.password != held


def test_an_account_that_was_due_again_before_the_broker_confirmed_it_stays_due(
    session: Session, box: Box, signer: Signer
) -> None:
    _rotate(session, box, signer)
    sent = keys.broker_account(box, SECRET)
    keys.new_token_used(box)  # while the broker thinks about the old one
    keys.account_is_kept(session, box.id, sent, SECRET)
    box.desired_published = box.desired_version
    session.flush()
    assert list(service.due_boxes(session)) == [box]
    keys.account_is_kept(session, box.id, keys.broker_account(box, SECRET), SECRET)
    session.flush()
    assert list(service.due_boxes(session)) == []


def test_the_newest_credential_is_for_whoever_holds_key_and_token(session: Session, box: Box) -> None:
    token = _token(box)
    assert _ask(session, box, token) is box
    ways: list[Callable[[], Box]] = [
        lambda: _ask(session, box, "guess"),
        lambda: _ask(session, box, "é"),
        lambda: _ask(session, box, token, OKPKey.generate_key("Ed25519")),
        lambda: _ask(session, box, token, body=b"{}"),
        lambda: _ask(session, Box(id=box.id + 1), token),
    ]
    for way in ways:
        with pytest.raises(Unauthenticated) as error:
            way()
        assert error.value.code == "box_unknown"
    for minutes in (-11, 11):
        with pytest.raises(Rejected):
            _ask(session, box, token, at=timedelta(minutes=minutes))
    for minutes in (-9, 9):
        assert _ask(session, box, token, at=timedelta(minutes=minutes)) is box


def test_a_number_given_away_again_opens_nothing_for_the_box_that_had_it(session: Session, box: Box) -> None:
    mine = rules.credential(SECRET, "http", BoxId(box.id), 1, PUBLIC)
    box.public_key = "another box, after a backup was restored"
    keys.give_first(box, SECRET)
    session.flush()
    with pytest.raises(Unauthenticated):
        keys.box_with_token(session, mine)
    with pytest.raises(Unauthenticated):
        _ask(session, box, mine)


def test_a_box_that_ends_before_the_broker_has_its_new_password_loses_the_old_one(
    session: Session, box: Box, signer: Signer
) -> None:
    keys.account_is_kept(session, box.id, keys.broker_account(box, SECRET), SECRET)
    _rotate(session, box, signer)
    keys.new_token_used(box)
    end_enrolment(session, box, "报废", person(session, Role.SYSTEM_ADMIN, ""), signer, NOW)
    box.desired_published = box.desired_version
    session.flush()
    assert list(keys.accounts_to_drop(session, NOW + rules.ENDED_GRACE)) == [box]


def test_an_ended_box_hears_why_over_every_way_and_then_loses_its_account(
    session: Session, box: Box, signer: Signer
) -> None:
    token = _token(box)
    keys.account_is_kept(session, box.id, keys.broker_account(box, SECRET), SECRET)
    end_enrolment(session, box, "机顶盒被偷", person(session, Role.SYSTEM_ADMIN, ""), signer, NOW)
    session.flush()
    ways: list[Callable[[], Box]] = [
        lambda: keys.box_with_token(session, token),
        lambda: _ask(session, box, token),
    ]
    for way in ways:
        with pytest.raises(Unauthenticated) as refused:
            way()
        assert (refused.value.code, str(refused.value.sentence)) == ("box_revoked", "机顶盒被偷")
    said = Verifier(jwk_set([signer.public_jwk])).read(box.desired_jws.encode(), Desired)
    assert said.ended == "机顶盒被偷"
    assert box in service.due_boxes(session)
    late = NOW + rules.ENDED_GRACE
    assert list(keys.accounts_to_drop(session, late)) == []
    box.desired_published = box.desired_version
    session.flush()
    assert list(keys.accounts_to_drop(session, late - timedelta(seconds=1))) == []
    assert list(keys.accounts_to_drop(session, late)) == [box]
    keys.account_is_dropped(session, box.id)
    session.flush()
    assert list(keys.accounts_to_drop(session, late)) == []
    assert list(service.due_boxes(session)) == list(service.due_boxes(session, everything=True)) == []
    with pytest.raises(Conflict):
        keys.rotate(session, box, None, signer, SECRET, NOW)


def test_without_an_authority_no_box_is_sent_out_unprotected(box: Box) -> None:
    without = keys.Introduction("county", 8883, True, "", "", b"")
    with pytest.raises(Outage):
        keys.credentials_of(box, SECRET, without)
    assert not keys.credentials_of(box, SECRET, keys.Introduction("county", 1883, False, "", "", b"{}")).broker.tls

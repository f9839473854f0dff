"""On both databases: the address of a station, the number on its roll, the commands to its televisions."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.audit import AuditEntry
from contentserver.boxes import Box, refresh_desired
from contentserver.joining import rules, service
from contentserver.joining.rules import Standing
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, NotFound, Rejected
from contentserver.members import add_member
from contentserver.stations import Station
from contentserver.support import OLD_KEYS, CommandRow, expire, take_reply
from contentserver.support.rules import PHONES_AT_ONCE
from contentserver.support.service import last_commands
from schedules.wire.codec import decode_command
from schedules.wire.messages import Command, Desired, Reply, ReplyState, SignInMember
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person

URL = "https://county.example"


@pytest.fixture
def joined(session: Session, village: Station) -> str:
    """The village's secret."""
    stations.keep_join_addresses(session, URL)
    session.flush()
    return village.join_address.rpartition("/")[2]


def test_each_station_has_an_address_of_its_own_and_keeps_it(session: Session, village: Station, joined: str) -> None:
    all_of_them = list(session.scalars(select(Station.join_address)))
    assert len(set(all_of_them)) == len(all_of_them) > 1
    before = village.join_address
    stations.keep_join_addresses(session, URL)
    assert village.join_address == before
    assert stations.station_joined(session, URL, joined).id == village.id


def test_a_server_that_has_moved_keeps_the_secrets(session: Session, village: Station, joined: str) -> None:
    stations.keep_join_addresses(session, "https://moved.example:8443")
    assert village.join_address == f"https://moved.example:8443/join/{joined}"
    assert stations.station_joined(session, "https://moved.example:8443", joined).id == village.id


@pytest.mark.parametrize("token", ["", "\0", "x", "%" * 20, "_" * 22, "a" * 5000, "马" * 20, "../../../../etc/pass"])
def test_what_is_no_secret_leads_nowhere(session: Session, joined: str, token: str) -> None:
    with pytest.raises(NotFound):
        stations.station_joined(session, URL, token)


def test_a_renewed_address_ends_the_old_one_and_the_televisions_are_told(
    session: Session, village: Station, joined: str, signer: Signer
) -> None:
    box, who = enrolled_box(session, village), person(session, Role.STATION_ADMIN)
    refresh_desired(session, box, signer)
    verifier = Verifier(jwk_set([signer.public_jwk]))
    first = verifier.read(box.desired_jws.encode(), Desired)
    assert first.join == f"{URL}/join/{joined}"
    service.renew(session, village.id, URL, who, signer, NOW)
    second = verifier.read(box.desired_jws.encode(), Desired)
    assert second.version == first.version + 1
    assert second.join == village.join_address != first.join
    with pytest.raises(NotFound):
        stations.station_joined(session, URL, joined)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "station.join_renewed")).one()
    assert joined not in f"{entry.before}{entry.after}"


@pytest.mark.parametrize(
    "typed", ["", "1", "102", "0101", "1010000", "abc", "１０１", "\0", "101\0", "9" * 5000, "' OR 1"]
)
def test_whoever_is_not_on_the_roll_hears_the_same_words(session: Session, village: Station, typed: str) -> None:
    add_member(session, village.id, "王小芳", "101")
    with pytest.raises(Rejected) as refused:
        service.found_by(session, village, typed)
    assert refused.value.code == "number_unknown"


def test_a_number_counts_at_its_own_station_and_while_it_is_active(session: Session, village: Station) -> None:
    member = add_member(session, village.id, "王小芳", "101")
    assert service.found_by(session, village, "101") is member
    other = next(one for one in stations.stations_in(session, "640221203") if one.id != village.id)
    with pytest.raises(Rejected):
        service.found_by(session, other, "101")
    with pytest.raises(NotFound):
        service.member_of(session, other, member.id)
    with pytest.raises(NotFound):
        service.member_of(session, village, uuid4())
    member.active = False
    with pytest.raises(Rejected):
        service.found_by(session, village, "101")
    with pytest.raises(NotFound):
        service.member_of(session, village, member.id)


def test_televisions_with_a_line_are_asked_and_the_command_is_signed_and_short(
    session: Session, village: Station, signer: Signer
) -> None:
    member, online = add_member(session, village.id, "王小芳", "101"), enrolled_box(session, village, "a")
    away, ended = enrolled_box(session, village, "b"), enrolled_box(session, village, "c")
    online.online = ended.online = True
    ended.revoked_at = NOW
    session.flush()
    (asked,) = service.ask(session, village, member, signer, NOW)
    row = session.get_one(CommandRow, asked)
    assert (row.box_id, row.asked_by) == (online.id, None)
    assert row.box_id != away.id
    command = Verifier(jwk_set([signer.public_jwk])).read(row.jws.encode(), Command)
    assert command.expires_at - command.issued_at == timedelta(seconds=60)
    assert decode_command(command.body) == SignInMember(member=str(member.id))
    assert last_commands(session, online.id) == []


def test_without_a_line_nobody_is_asked(session: Session, village: Station, signer: Signer) -> None:
    member = add_member(session, village.id, "王小芳", "101")
    enrolled_box(session, village)
    assert service.ask(session, village, member, signer, NOW) == []
    answers, done_at = service.heard(session, [])
    assert (rules.standing(answers, NOW), done_at) == (Standing.NO_LINE, None)


def standing_of(session: Session, asked: list[UUID], later: timedelta = timedelta()) -> Standing:
    return rules.standing(service.heard(session, asked)[0], NOW + later)


def test_what_the_television_says_is_what_the_phone_hears(session: Session, village: Station, signer: Signer) -> None:
    member, box = add_member(session, village.id, "王小芳", "101"), enrolled_box(session, village)
    box.online = True
    session.flush()
    asked = service.ask(session, village, member, signer, NOW)
    assert standing_of(session, asked) is Standing.WAITS
    reply = Reply(box=BoxId(box.id), command=str(asked[0]), state=ReplyState.DONE, at=NOW)
    take_reply(session, box.id, reply, NOW + timedelta(seconds=2))
    assert standing_of(session, asked) is Standing.DONE
    assert service.heard(session, asked)[1] == NOW + timedelta(seconds=2)
    silent = service.ask(session, village, member, signer, NOW, undo=True)
    assert standing_of(session, silent, timedelta(seconds=66)) is Standing.NO_LINE
    assert expire(session, NOW + timedelta(minutes=10)) == 1
    assert standing_of(session, silent) is Standing.NO_LINE


def test_a_crowd_of_phones_is_held_off_and_comes_in_when_the_first_are_answered(
    session: Session, village: Station, signer: Signer
) -> None:
    member, box = add_member(session, village.id, "王小芳", "101"), enrolled_box(session, village)
    box.online = True
    session.flush()
    for _one in range(PHONES_AT_ONCE):
        service.ask(session, village, member, signer, NOW)
    with pytest.raises(Conflict):
        service.ask(session, village, member, signer, NOW)
    service.ask(session, village, member, signer, NOW + timedelta(seconds=61))


def test_who_signed_in_by_phone_is_forgotten_in_the_commands(
    session: Session, village: Station, signer: Signer
) -> None:
    member, box = add_member(session, village.id, "王小芳", "101"), enrolled_box(session, village)
    box.online = True
    session.flush()
    service.ask(session, village, member, signer, NOW)
    assert OLD_KEYS.take(session, NOW + timedelta(days=1), 10).things == 1
    assert session.scalars(select(CommandRow)).all() == []
    assert session.scalars(select(Box)).all() == [box]

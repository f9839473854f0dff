"""Commands are signed, sent once, answered once; a help needs a reason, a yes, and comes to an end."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.boxes import Box
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Refusal, Rejected
from contentserver.stations import Station
from contentserver.support import delivering, rules, service
from contentserver.support.models import CommandRow
from contentserver.support.rules import HelpPhase
from schedules.wire.codec import decode_command
from schedules.wire.messages import (
    CollectNow,
    Command,
    EndHelp,
    OfferHelp,
    PressKey,
    Reply,
    ReplyState,
    SetVolume,
    TakeScreenshot,
)
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, enrolled_box, person

SECOND = timedelta(seconds=1)


@pytest.fixture
def box(session: Session, village: Station) -> Box:
    return enrolled_box(session, village)


@pytest.fixture
def who(session: Session) -> Person:
    return person(session, Role.COUNTY_STAFF)


def said(session: Session, row: CommandRow, state: ReplyState, detail: str = "", after: timedelta = SECOND) -> None:
    reply = Reply(box=BoxId(row.box_id), command=str(row.id), state=state, at=NOW, detail=detail)
    delivering.take_reply(session, row.box_id, reply, NOW + after)


def lasting(session: Session, box: Box, who: Person, signer: Signer) -> CommandRow:
    row = service.offer_help(session, box, "声音没有了", 15, who, signer, NOW)
    said(session, row, ReplyState.WAITING)
    said(session, row, ReplyState.DONE)
    return row


def test_a_command_is_signed_for_its_box_and_audited(session: Session, box: Box, who: Person, signer: Signer) -> None:
    row = service.ask(session, box, SetVolume(percent=40), who, signer, NOW)
    command = Verifier(jwk_set([signer.public_jwk])).read(row.jws.encode(), Command)
    assert (command.box, command.id) == (box.id, str(row.id))
    assert decode_command(command.body) == SetVolume(percent=40)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "box.asked")).one()
    assert (entry.account_id, entry.subject) == (who.id, f"box {box.id}")
    assert '"percent":40' in entry.after


def test_it_is_due_until_sent_and_unanswered_until_answered(
    session: Session, box: Box, who: Person, signer: Signer
) -> None:
    first = service.ask(session, box, CollectNow(), who, signer, NOW)
    second = service.ask(session, box, TakeScreenshot(), who, signer, NOW + SECOND)
    assert [row.id for row in delivering.due_commands(session, NOW + SECOND)] == [first.id, second.id]
    delivering.mark_sent(session, [first.id], NOW + SECOND)
    assert [row.id for row in delivering.due_commands(session, NOW + SECOND)] == [second.id]
    assert len(delivering.unanswered(session, box.id, NOW + SECOND)) == 2
    said(session, first, ReplyState.DONE)
    delivering.mark_sent(session, [first.id], NOW + 2 * SECOND)
    assert first.state == "done"
    assert [row.id for row in delivering.unanswered(session, box.id, NOW + SECOND)] == [second.id]
    assert delivering.unanswered(session, box.id, NOW + timedelta(hours=2)) == []


def test_what_nobody_answers_expires_and_a_late_word_is_truer(
    session: Session, box: Box, who: Person, signer: Signer
) -> None:
    row = service.ask(session, box, TakeScreenshot(), who, signer, NOW)
    assert delivering.expire(session, NOW + timedelta(minutes=10)) == 0
    assert delivering.expire(session, NOW + timedelta(minutes=12)) == 1
    assert row.state == "expired"
    said(session, row, ReplyState.DONE, after=timedelta(minutes=13))
    assert row.state == "done"


def test_another_boxs_word_changes_nothing(
    session: Session, box: Box, village: Station, who: Person, signer: Signer
) -> None:
    row = service.ask(session, box, CollectNow(), who, signer, NOW)
    other = enrolled_box(session, village, "other")
    for command in (str(row.id), "no id", "0197a3c1-0000-7000-8000-000000000008"):
        reply = Reply(box=BoxId(other.id), command=command, state=ReplyState.DONE, at=NOW)
        with pytest.raises(NotFound):
            delivering.take_reply(session, other.id, reply, NOW)
    assert row.state == "asked"


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_volume_that_is_none_is_refused(
    session: Session, box: Box, who: Person, signer: Signer, percent: int
) -> None:
    with pytest.raises(Rejected):
        service.ask(session, box, SetVolume(percent=percent), who, signer, NOW)
    assert session.scalars(select(CommandRow)).all() == []


def test_an_ended_box_and_a_crowded_one_take_nothing(session: Session, box: Box, who: Person, signer: Signer) -> None:
    for _ in range(rules.OPEN_AT_ONCE):
        service.ask(session, box, CollectNow(), who, signer, NOW)
    with pytest.raises(Conflict) as crowded:
        service.ask(session, box, CollectNow(), who, signer, NOW)
    box.revoked_at = NOW
    with pytest.raises(Conflict) as ended:
        service.ask(session, box, CollectNow(), who, signer, NOW)
    assert (crowded.value.code, ended.value.code) == ("too_much_waits", "box_ended")


@pytest.mark.parametrize(("reason", "minutes"), [("", 15), ("   ", 15), ("x" * 301, 15), ("声音没有了", 14)])
def test_help_needs_a_reason_and_an_offered_length(
    session: Session, box: Box, who: Person, signer: Signer, reason: str, minutes: int
) -> None:
    with pytest.raises(Rejected):
        service.offer_help(session, box, reason, minutes, who, signer, NOW)


def test_a_help_from_the_question_to_the_keys(session: Session, box: Box, who: Person, signer: Signer) -> None:
    row = service.offer_help(session, box, "声音没有了", 15, who, signer, NOW)
    command = msgspec.json.decode(row.body, type=OfferHelp)
    assert (command.helper, command.minutes) == (who.display_name, 15)
    assert service.phase_of(row, NOW) is HelpPhase.ASKED
    with pytest.raises(Conflict):
        service.press_key(session, row, "ok", who, signer, NOW)
    with pytest.raises(Conflict) as twice:
        service.offer_help(session, box, "再来", 5, who, signer, NOW)
    assert twice.value.code == "help_busy"
    said(session, row, ReplyState.WAITING)
    said(session, row, ReplyState.DONE)
    assert row.help
    assert row.help.ends_at == NOW + SECOND + timedelta(minutes=15)
    pressed = service.press_key(session, row, "down", who, signer, NOW + SECOND)
    assert msgspec.json.decode(pressed.body, type=PressKey) == PressKey(help=str(row.id), key="down")
    with pytest.raises(Rejected):
        service.press_key(session, row, "power", who, signer, NOW + SECOND)
    service.end_help(session, row, who, signer, NOW + 9 * SECOND)
    assert (row.help.ended_by, service.phase_of(row, NOW + 9 * SECOND)) == ("helper", HelpPhase.ENDED)
    due = [decode_command(one.body.encode()) for one in delivering.due_commands(session, NOW + 9 * SECOND)]
    assert EndHelp(help=str(row.id)) in due
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "help.ended")).one()
    assert '"keys":1' in entry.after
    assert "down" not in "".join(session.scalars(select(AuditEntry.after)))
    said(session, row, ReplyState.DONE, "ended_here", after=20 * SECOND)
    assert row.help.ended_by == "helper"


def test_only_the_helper_presses_keys(session: Session, box: Box, who: Person, signer: Signer) -> None:
    row = lasting(session, box, who, signer)
    with pytest.raises(Forbidden):
        service.press_key(session, row, "ok", person(session, Role.SYSTEM_ADMIN, ""), signer, NOW + SECOND)


@pytest.mark.parametrize(
    ("detail", "by"), [("ended_here", "television"), ("ended_time", "time"), ("ended_line", "line")]
)
def test_the_television_ends_it(session: Session, box: Box, who: Person, signer: Signer, detail: str, by: str) -> None:
    row = lasting(session, box, who, signer)
    said(session, row, ReplyState.DONE, detail, after=30 * SECOND)
    assert row.help
    assert (row.help.ended_by, row.help.ended_at) == (by, NOW + 30 * SECOND)
    said(session, row, ReplyState.DONE)
    assert service.phase_of(row, NOW + 31 * SECOND) is HelpPhase.ENDED


def test_declined_by_the_people_there(session: Session, box: Box, who: Person, signer: Signer) -> None:
    row = service.offer_help(session, box, "声音没有了", 15, who, signer, NOW)
    said(session, row, ReplyState.WAITING)
    said(session, row, ReplyState.DECLINED, "nobody")
    assert service.phase_of(row, NOW + SECOND) is HelpPhase.DECLINED
    with pytest.raises(Refusal):
        delivering.may_send_picture(session, box.id, str(row.id), NOW + SECOND)
    assert service.open_help(session, box.id, NOW + SECOND) is None


def test_silence_ends_it_and_a_picture_is_a_sign_of_life(
    session: Session, box: Box, who: Person, signer: Signer
) -> None:
    row = lasting(session, box, who, signer)
    delivering.may_send_picture(session, box.id, str(row.id), NOW + 50 * SECOND)
    assert delivering.end_overdue(session, NOW + 100 * SECOND) == 0
    assert delivering.helps_overdue(session, NOW + 111 * SECOND)
    assert delivering.end_overdue(session, NOW + 120 * SECOND) == 1
    assert row.help
    assert (row.help.ended_by, row.help.ended_at) == ("line", NOW + 110 * SECOND)
    with pytest.raises(Conflict):
        delivering.may_send_picture(session, box.id, str(row.id), NOW + 121 * SECOND)


def test_a_picture_is_for_a_screenshot_or_an_agreed_help_of_this_box(
    session: Session, box: Box, village: Station, who: Person, signer: Signer
) -> None:
    shot = service.ask(session, box, TakeScreenshot(), who, signer, NOW)
    volume = service.ask(session, box, SetVolume(percent=1), who, signer, NOW)
    asked = service.offer_help(session, box, "声音没有了", 15, who, signer, NOW)
    other = enrolled_box(session, village, "other")
    delivering.may_send_picture(session, box.id, str(shot.id), NOW)
    for place, row in ((box, volume), (other, shot), (box, asked)):
        with pytest.raises(Refusal):
            delivering.may_send_picture(session, place.id, str(row.id), NOW)
    said(session, shot, ReplyState.DONE)
    with pytest.raises(Conflict):
        delivering.may_send_picture(session, box.id, str(shot.id), NOW)

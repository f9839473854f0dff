"""Messages in a real database: whom they reach, who agrees, what comes back, twice, late and never."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.accounts.models import Account
from contentserver.attendance import SessionRow, SignInRow
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import Branch, set_phone
from contentserver.messaging import audience, keeping, receiving, sending, service, telling
from contentserver.messaging.models import Delivery, DeliveryPart, Message, MessageGroup, MessageTemplate, OptOut
from contentserver.messaging.ports import Fate, GatewayAway, Incoming, Outgoing, Receipt, Submitted, Telling
from contentserver.messaging.releasing import ReleaseKind
from contentserver.messaging.rules import LEASE, VALID_FOR, Audience, Channel, State, Way
from contentserver.messaging.sending import Post
from contentserver.processes import Decision, under_way
from contentserver.processes.service import decide
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, person
from tests.contentserver.messaging.conftest import COUNTY, MEANS, SEAL, draft, villagers


def deliveries(session: Session, row: Message) -> list[Delivery]:
    session.flush()
    session.expire_all()
    return list(session.scalars(select(Delivery).where(Delivery.message_id == row.id).order_by(Delivery.id)))


def ways(session: Session, row: Message) -> list[str]:
    return [one.state for one in deliveries(session, row)]


def sent(session: Session, kind: ReleaseKind, writer: Person) -> Message:
    return service.send(session, draft(), kind, MEANS, writer, NOW)


def test_who_shares_a_number_gets_one_who_has_none_is_counted_who_wants_none_is_left_out(
    session: Session, village: Station, writer: Person
) -> None:
    first, second, third, fourth = villagers(session, village, 4)
    set_phone(session, second, "13800000000", SEAL)
    set_phone(session, third, "", SEAL)
    service.opt_out(session, "13800000003", "desk", SEAL, writer, NOW)
    found = service.preview(session, draft(), MEANS, writer, NOW)
    assert [one.id for one in found.reached] == [first.id]
    assert (found.shared, found.without, found.opted_out, found.parts) == (1, 1, 1, 1)
    assert "1380000" not in fourth.phone_sealed, "numbers are sealed"


def test_few_go_at_once_and_stand_with_their_names(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 2)
    row = sent(session, kind, writer)
    assert (row.state, row.recipients, row.text[:4]) == (State.RELEASED, 2, "【远教】")
    several = sending.claim(session, Channel.SMS, SEAL, NOW)
    assert {one.to for one in several} == {"13800000000", "13800000001"}
    assert all(village.name in one.text for one in several)
    assert sending.claim(session, Channel.SMS, SEAL, NOW) == [], "nobody takes them a second time"


def test_many_wait_for_somebody_else(session: Session, village: Station, writer: Person, kind: ReleaseKind) -> None:
    villagers(session, village, 51)
    row = sent(session, kind, writer)
    process = under_way(session, service.subject_of(row), service.KIND_CODE)
    assert process is not None
    assert row.state == State.WAITING
    assert sending.claim(session, Channel.SMS, SEAL, NOW) == []
    with pytest.raises(Forbidden):
        decide(session, kind, process, 0, Decision.YES, "", writer, NOW)
    villagers(session, village, 2, first=60)
    decide(session, kind, process, 0, Decision.YES, "", person(session, Role.SCHEDULER, COUNTY), NOW)
    assert (row.state, row.recipients) == (State.RELEASED, 53), "it goes to whom the rule chooses now"


def test_a_no_keeps_it_here(session: Session, village: Station, writer: Person, kind: ReleaseKind) -> None:
    villagers(session, village, 51)
    row = sent(session, kind, writer)
    process = under_way(session, service.subject_of(row), service.KIND_CODE)
    assert process is not None
    decide(session, kind, process, 0, Decision.NO, "太晚了", person(session, Role.SCHEDULER, COUNTY), NOW)
    assert (row.state, ways(session, row)) == (State.STOPPED, [])


def test_at_night_it_waits_for_the_morning(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 1)
    night = NOW + timedelta(hours=3)  # 22:00 at the stations
    row = service.send(session, draft(), kind, MEANS, writer, night)
    assert sending.claim(session, Channel.SMS, SEAL, night) == []
    assert len(sending.claim(session, Channel.SMS, SEAL, night + timedelta(hours=10))) == 1
    assert row.state == State.RELEASED


def test_what_is_wrong_is_said_field_by_field_and_nothing_is_kept(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 1)
    wrong = replace_draft(text="\u202e", title="", channel=Channel.MAIL, not_before=NOW - timedelta(days=1))
    with pytest.raises(Rejected) as refused:
        service.send(session, wrong, kind, MEANS, writer, NOW)
    assert set(refused.value.fields) == {"title", "text", "channel", "not_before"}
    with pytest.raises(Forbidden):
        service.send(session, draft(region="640205"), kind, MEANS, writer, NOW)
    with pytest.raises(Conflict, match="nobody_reached"):
        service.send(session, draft(groups=(str(uuid4()),)), kind, MEANS, writer, NOW)
    assert session.scalars(select(Message)).all() == []


def replace_draft(**changes: object) -> service.Draft:
    usual = draft()
    return service.Draft(
        **({name: getattr(usual, name) for name in ("channel", "title", "text", "audience", "not_before")} | changes)
    )


def test_a_receipt_in_any_order_twice_or_of_nobody(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 1)
    row = sent(session, kind, writer)
    (one,) = sending.claim(session, Channel.SMS, SEAL, NOW)
    sending.note(session, one.id, Submitted(one.id, Fate.TAKEN, ("a", "b")), NOW)
    assert receiving.receipt(session, Receipt("b", Way.DELIVERED), NOW)
    assert ways(session, row) == [Way.SUBMITTED], "one part is missing"
    receiving.receipt(session, Receipt("b", Way.FAILED), NOW)
    receiving.receipt(session, Receipt("a", Way.DELIVERED), NOW)
    receiving.receipt(session, Receipt("a", Way.DELIVERED), NOW)
    assert not receiving.receipt(session, Receipt("nobody's", Way.FAILED), NOW)
    assert ways(session, row) == [Way.DELIVERED]
    sending.finish(session, NOW)
    session.expire_all()
    assert row.state == State.DONE


def test_a_gateway_that_takes_it_and_never_says_more(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 1)
    row = sent(session, kind, writer)
    (one,) = sending.claim(session, Channel.SMS, SEAL, NOW)
    sending.note(session, one.id, Submitted(one.id, Fate.TAKEN, ("a",)), NOW)
    sending.give_up(session, NOW + VALID_FOR)
    assert ways(session, row) == [Way.SUBMITTED]
    sending.give_up(session, NOW + VALID_FOR + timedelta(seconds=1))
    assert ways(session, row) == [Way.UNKNOWN]
    receiving.receipt(session, Receipt("a", Way.DELIVERED), NOW + VALID_FOR * 2)
    assert ways(session, row) == [Way.DELIVERED], "a word that comes late still counts"


def test_a_worker_that_died_leaves_what_nobody_knows_and_one_may_send_it_again(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 1)
    row = sent(session, kind, writer)
    sending.claim(session, Channel.SMS, SEAL, NOW)
    later = NOW + LEASE + timedelta(seconds=1)
    sending.give_up(session, later)
    sending.finish(session, later)
    assert ways(session, row) == [Way.UNKNOWN]
    assert sending.claim(session, Channel.SMS, SEAL, later) == []
    assert service.again(session, row.id, writer, later) == 1
    (one,) = sending.claim(session, Channel.SMS, SEAL, later)
    sending.note(session, one.id, Submitted(one.id, Fate.TAKEN, ("z",)), later)
    assert ways(session, row) == [Way.SUBMITTED]


def test_it_is_tried_again_and_not_for_ever(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 1)
    row = sent(session, kind, writer)
    now, tries = NOW, 0
    while (several := sending.claim(session, Channel.SMS, SEAL, now)) and tries < 20:
        sending.note(session, several[0].id, Submitted(several[0].id, Fate.LATER, error="throttled"), now)
        now, tries = now + timedelta(hours=2), tries + 1
    assert tries == 5
    assert [(one.state, one.error) for one in deliveries(session, row)] == [(Way.FAILED, "throttled")]


def test_a_message_is_stopped_and_what_has_left_has_left(
    session: Session, village: Station, writer: Person, kind: ReleaseKind
) -> None:
    villagers(session, village, 25)
    row = sent(session, kind, writer)
    left = sending.claim(session, Channel.SMS, SEAL, NOW)
    assert service.stop(session, row.id, writer, NOW) == 25 - len(left) == 5
    with pytest.raises(Conflict, match="message_over"):
        service.stop(session, row.id, writer, NOW)
    with pytest.raises(NotFound):
        service.message_asked(session, row.id, person(session, Role.COUNTY_STAFF, "640205"))


def test_whoever_answers_td_gets_no_more(session: Session, village: Station, writer: Person, kind: ReleaseKind) -> None:
    villagers(session, village, 2)
    row = sent(session, kind, writer)
    assert receiving.incoming(session, Incoming("8613800000001", "TD"), SEAL, NOW)
    assert not receiving.incoming(session, Incoming("13800000000", "谢谢"), SEAL, NOW)
    assert sorted(ways(session, row)) == [Way.STOPPED, Way.WAITING]
    found = service.preview(session, draft(), MEANS, writer, NOW)
    assert (len(found.reached), found.opted_out) == (1, 1)
    mark = session.scalars(select(OptOut.address_mark)).one()
    service.opt_in(session, mark, writer, NOW)
    assert len(service.preview(session, draft(), MEANS, writer, NOW).reached) == 2


def test_those_who_missed_the_last_lessons(session: Session, village: Station, writer: Person) -> None:
    came, away = villagers(session, village, 2)
    for number in range(4):
        airing = str(UUID(int=number))
        session.add(
            SessionRow(
                airing_id=airing,
                station_id=village.id,
                region_code=village.region_code,
                lesson_id="l",
                lesson_title="课",
                course_title="课程",
                planned_start=NOW - timedelta(days=number + 1),
                planned_ms=1,
                shown_ms=1 if number else 0,
            )
        )
        who = came if number == 2 else away if number == 3 else None
        if who:
            session.add(
                SignInRow(airing_id=airing, station_id=village.id, member_id=str(who.id), at=NOW, method="remote")
            )
    session.flush()
    reached = {
        n: [one.id for one in audience.recipients(session, Audience(COUNTY, missed=n), Channel.SMS, SEAL, NOW)]
        for n in (1, 2, 3)
    }
    assert reached == {1: [came.id, away.id], 2: [away.id], 3: []}, "what no television showed nobody missed"


def test_a_branch_and_those_below_it(session: Session, village: Station, writer: Person) -> None:
    first, second, _third = villagers(session, village, 3)
    above = Branch(region_code=COUNTY, name="县协会", kind="association", made_at=NOW)
    session.add(above)
    session.flush()
    below = Branch(region_code=COUNTY, name="乡分会", kind="association", parent_id=above.id, made_at=NOW)
    session.add(below)
    session.flush()
    first.branch_id, second.branch_id = above.id, below.id
    session.flush()
    reached = {
        branch.name: [
            one.id for one in service.preview(session, draft(branches=(str(branch.id),)), MEANS, writer, NOW).reached
        ]
        for branch in (above, below)
    }
    assert reached == {"县协会": [first.id, second.id], "乡分会": [second.id]}


class Wire:
    """A gateway that does what it is told, and keeps what it was given."""

    def __init__(self, answer: Callable[[Outgoing], Submitted | None]) -> None:
        self.answer, self.given, self.away = answer, list[Outgoing](), False
        self.came: list[Receipt | Incoming] = []

    def submit(self, several: Sequence[Outgoing]) -> Sequence[Submitted]:
        if self.away:
            raise GatewayAway("gone")
        self.given += several
        return [found for one in several if (found := self.answer(one)) is not None]

    def collect(self) -> Sequence[Receipt | Incoming]:
        return self.came

    def acknowledge(self) -> None:
        self.came = []

    def close(self) -> None:
        pass


def test_the_post_carries_everything_and_loses_nothing_while_the_gateway_is_away(
    database: Database, village: Station, session: Session
) -> None:
    writer = person(session, Role.COUNTY_STAFF, COUNTY)
    villagers(session, village, 45)
    session.commit()
    with database.unit_of_work() as unit:
        row = service.send(unit, draft(), ReleaseKind(MEANS), MEANS, writer, NOW)
    with database.unit_of_work() as unit:
        for one in unit.scalars(select(Delivery)):
            one.next_at = NOW - timedelta(days=400)  # whatever the hour is at which this test runs
    wire = Wire(lambda one: Submitted(one.id, Fate.TAKEN, (f"r{one.to}",)))
    wire.away = True
    post = Post(database, {Channel.SMS: wire}, MEANS)
    post.turn()
    with database.reader() as unit:
        assert {(one.state, one.attempts) for one in unit.scalars(select(Delivery))} == {(Way.WAITING, 0)}
    wire.away = False
    post = Post(database, {Channel.SMS: wire}, MEANS)
    while post.turn():
        pass
    assert len({one.to for one in wire.given}) == len(wire.given) == 45
    wire.came = [Receipt(f"r{one.to}", Way.DELIVERED) for one in wire.given]
    post.turn()
    Post(database, {Channel.SMS: wire}, MEANS).turn()
    with database.reader() as unit:
        assert unit.get_one(Message, row.id).state == State.DONE
        assert len(unit.scalars(select(DeliveryPart)).all()) == 45


def test_the_server_tells_each_thing_once_by_the_way_that_somebody_has(session: Session, village: Station) -> None:
    by_phone, by_mail, by_none = (person(session, Role.STATION_ADMIN, village.region_code) for _ in range(3))
    phone = session.get_one(Account, by_phone.id)
    phone.phone_sealed, phone.phone_mark, phone.mail = SEAL.seal("13800000009"), SEAL.mark("13800000009"), "a@b.example"
    session.get_one(Account, by_mail.id).mail = "c@d.example"
    people = tuple(one.id for one in (by_phone, by_mail, by_none))
    one = Telling("alert 1", COUNTY, "沙尘暴", "今天下午有沙尘暴", people, urgent=True)
    both = {Channel.SMS, Channel.MAIL}
    night = NOW + timedelta(hours=4)
    assert telling.tell(session, [one], MEANS, night, both) == 2
    assert telling.tell(session, [one], MEANS, night, both) == 0
    assert [found.to for found in sending.claim(session, Channel.SMS, SEAL, night)] == ["13800000009"]
    assert [found.to for found in sending.claim(session, Channel.MAIL, SEAL, night)] == ["c@d.example"]
    assert telling.tell(session, [Telling("alert 2", COUNTY, "x", "x", people)], MEANS, NOW, set()) == 0


def test_templates_and_groups_are_kept_put_away_and_fetched_back(session: Session, writer: Person) -> None:
    template = keeping.keep_template(session, "开课提醒", "今晚有课", COUNTY, writer, NOW)
    group = keeping.keep_group(session, "三次没来的", Audience(COUNTY, missed=3), writer, NOW)
    below = person(session, Role.SCHEDULER, "640221203")
    assert list(keeping.templates_seen(session, below)) == [template], "words of above are there to be used"
    assert list(keeping.groups_seen(session, below)) == [], "but not to write to the whole county"
    with pytest.raises(Conflict, match="name_taken"):
        keeping.keep_template(session, "开课提醒", "又一个", COUNTY, writer, NOW)
    with pytest.raises(NotFound):
        keeping.remove(session, MessageTemplate, template.id, below, NOW)
    with pytest.raises(Forbidden):
        keeping.keep_group(session, "别人的", Audience("640205"), writer, NOW)
    keeping.remove(session, MessageGroup, group.id, writer, NOW)
    assert list(keeping.groups_seen(session, writer)) == []
    keeping.remove(session, MessageGroup, group.id, writer, NOW, undo=True)
    assert audience.read(keeping.groups_seen(session, writer)[0].audience) == Audience(COUNTY, missed=3)

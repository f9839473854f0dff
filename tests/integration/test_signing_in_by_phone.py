"""From a phone to the evidence: page, command, real broker, whole box, journal, and the row that the server keeps."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.attendance.models import EventRow
from contentserver.boxes import Box
from contentserver.courses import Course, Lesson, LessonState
from contentserver.joining import service as joining
from contentserver.kernel import clock
from contentserver.members import add_member
from contentserver.timetable import service as planning
from contentserver.timetable.edits import AddSlot
from contentserver.timetable.programmes import draft_of
from contentserver.timetable.publishing import publish
from tests.integration.conftest import RunningBroker
from tests.integration.office import VILLAGE, SecureOffice
from tests.tvclient.awaiting import eventually
from tvclient.adapters.trust import trusting
from tvclient.core.events import Key, KeyPressed
from tvclient.core.screens import airing_for_sign_in
from tvclient.fleet import DarkBox


class Hall:
    """A village with one member, a lesson that begins soon, its box, and a phone that has scanned its square."""

    def __init__(self, office: SecureOffice, box: DarkBox) -> None:
        self.office, self.box = office, box
        eventually(lambda: box.shell.state.join, "the square")
        eventually(lambda: box.shell.state.roster.members, "the roll")
        eventually(lambda: airing_for_sign_in(box.shell.state), "a lesson to sign in to")
        (self.member,) = (one.id for one in box.shell.state.roster.members)
        self.path = box.shell.state.join.removeprefix(office.url)
        authority = trusting(office.broker.authority_file.read_text())
        self.phone = httpx.Client(base_url=office.url, verify=authority, trust_env=False, follow_redirects=True)

    def post(self, further: str = "", **fields: str) -> str:
        """Press a button of the page; gives what it then shows."""
        token = re.search(r'name="csrf-token" content="([^"]+)"', self.phone.get(self.path).text)
        assert token
        answer = self.phone.post(self.path + further, data={"csrf_token": token[1], **fields})
        assert answer.status_code == 200
        return answer.text

    def hears(self, look: str) -> str:
        """Wait until the page has an answer of this look."""
        eventually(lambda: look in self.answer(), f"{look}: {self.answer()[-900:]}")
        return self.answer()

    def answer(self) -> str:
        return self.phone.get(f"{self.path}/answer", headers={"HX-Request": "true"}).text

    def here(self) -> frozenset[str]:
        state = self.box.shell.state
        airing = airing_for_sign_in(state)
        return state.signed_in.get(airing.id, frozenset()) if airing else frozenset()

    def kept(self, kind: str) -> list[str]:
        with self.office.services.database.reader() as session:
            return list(session.scalars(select(EventRow.body).where(EventRow.kind == kind)))


@pytest.fixture
def hall(tmp_path: Path, broker: RunningBroker) -> Iterator[Hall]:
    office = SecureOffice(tmp_path / "office", broker)
    office.change(_furnish, office)
    box = DarkBox(office.url, tmp_path / "box", "hall")
    box.start()
    made: Hall | None = None
    try:
        office.welcome(box)
        made = Hall(office, box)
        yield made
    finally:
        if made:
            made.phone.close()
        box.close()
        office.close()


def _furnish(session: Session, office: SecureOffice) -> None:
    """One member, and a lesson in three minutes or four."""
    now = clock.now()
    add_member(session, office.station().id, "吴玉琴", "0427", "0004127790")
    course = Course(title="测土配方施肥", region_code=VILLAGE, created_at=now)
    session.add(course)
    session.flush()
    lesson = Lesson(
        course_id=course.id,
        number=1,
        title="看懂化验单",
        state=LessonState.APPROVED,
        uploader_id=office.who.id,
        created_at=now,
        package_name="sha256-" + "ab" * 32,
        duration_ms=40 * 60_000,
        package_bytes=1,
    )
    session.add(lesson)
    session.flush()
    layer = planning.layer_of(session, VILLAGE)
    start = clock.local(now + timedelta(minutes=4)).replace(second=0, microsecond=0, tzinfo=None)
    planning.edit(session, layer, AddSlot(lessons=(str(lesson.id),), local_start=start), office.who, now)
    session.flush()
    draft, signer = draft_of(session, layer), office.services.signer
    publish(
        session, layer, draft, signer, submitted_by=None, approved_by=office.who, version=layer.draft_version, now=now
    )


def test_from_the_phone_to_the_evidence_and_back_again(hall: Hall) -> None:
    assert "吴*琴" in hall.post(number="0427")
    hall.post("/sign-in")
    assert "undo" in hall.hears("join-card good")
    assert hall.here() == {hall.member}
    eventually(lambda: hall.kept("signed_in"), "the evidence")
    (body,) = hall.kept("signed_in")
    assert f'"member":"{hall.member}"' in body
    assert '"method":"phone"' in body
    hall.post("/undo")
    hall.hears("join-card good")
    assert hall.here() == frozenset()
    eventually(lambda: hall.kept("sign_in_undone"), "the mistake")


def test_a_card_is_known_from_the_roll_and_a_phone_then_hears_that_it_was_done(hall: Hall) -> None:
    for digit in "0004127790":
        hall.box.shell.post(KeyPressed(Key(digit), since_ms=8))
    hall.box.shell.post(KeyPressed(Key.OK, since_ms=8))
    eventually(lambda: hall.here() == {hall.member}, "the card")
    hall.post(number="0427")
    hall.post("/sign-in")
    assert "undo" not in hall.hears("join-card good")
    eventually(lambda: hall.kept("signed_in"), "the evidence")
    (body,) = hall.kept("signed_in")
    assert '"method":"card"' in body


def test_without_a_line_the_phone_hears_it_at_once_and_nothing_is_written(hall: Hall) -> None:
    hall.box.close()
    eventually(lambda: not _online(hall), "the broker says that the box is gone")
    hall.post(number="0427")
    assert "join-card bad" in hall.post("/sign-in")
    assert hall.kept("signed_in") == []


def test_a_new_square_comes_to_the_television_and_ends_the_old_one(hall: Hall) -> None:
    before = hall.box.shell.state.join
    office = hall.office
    office.change(joining.renew, office.station().id, office.url, office.who, office.services.signer, clock.now())
    eventually(lambda: hall.box.shell.state.join not in ("", before), "another square")
    assert hall.phone.get(before).status_code == 404
    assert hall.phone.get(hall.box.shell.state.join).status_code == 200


def _online(hall: Hall) -> bool:
    with hall.office.services.database.reader() as session:
        return session.scalars(select(Box)).one().online

"""Old data on both databases: a dry run says what a run does, in parts of any size; what may not go stays."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contentserver import regions, retention, stations
from contentserver.accounts import Account
from contentserver.accounts.models import Delegation, Invitation, WebSession
from contentserver.admin import OWN_REGIONS
from contentserver.attendance import take_in
from contentserver.attendance.models import DoubtReview, EventRow, QuarantinedEvent, SessionRow, SignInRow
from contentserver.audit import AuditEntry
from contentserver.boxes.models import Presence
from contentserver.consultations.models import Case, CaseFile
from contentserver.documents.models import Document, DocumentFile, DocumentRecipient, DocumentWords
from contentserver.documents.service import index
from contentserver.kernel.aging import Old
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, Rejected
from contentserver.kernel.jobs import make_queue
from contentserver.ledger.models import LedgerDraft, LedgerPhotograph
from contentserver.market.models import Offer
from contentserver.members import Member, add_member, masked, member_numbered, note_left, roster_of
from contentserver.notices.models import NoticeRow
from contentserver.reports.models import ApiToken
from contentserver.retention import service
from contentserver.retention.models import RetentionRun
from contentserver.retention.rules import RULES, Kind
from contentserver.stars import photographs
from contentserver.stars.models import Photograph
from contentserver.stations import Station
from contentserver.support import keeping
from contentserver.support.models import CommandRow
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import AiringStarted, EventBatch, SignedIn, SignInMethod
from schedules.wire.topics import BoxId
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person
from tests.contentserver.journals import records
from tests.contentserver.stars.hostile import camera_jpeg

DAY = timedelta(days=1)
LONG = 21 * 365 * DAY
"""Older than anything may be kept that is not kept for ever."""
EACH = 3


class House:
    """A server with three old things and a young one of each kind."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        with database.unit_of_work() as session:
            with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
                regions.import_csv(session, lines)
            stations.add_village_stations(session, "640221203")
            self.root = person(session, Role.SYSTEM_ADMIN, "", "root")
            self.station = next(one for one in stations.stations_in(session, VILLAGE)).id
        for number in range(EACH + 1):
            with database.unit_of_work() as session:
                self._furnish(session, number, NOW - (0 if number == EACH else 1) * LONG + number * DAY / 9)
        for file in photographs.folder_of(folder).glob("??/*"):
            os.utime(file, (NOW.timestamp() - 9999, NOW.timestamp() - 9999))

    def _furnish(self, session: Session, number: int, at: datetime) -> None:
        old = number < EACH
        box = enrolled_box(session, session.get_one(Station, self.station), f"k{number}")
        session.add(Presence(box_id=box.id, since=at - DAY, until=at))
        session.add(Presence(box_id=box.id, since=at, until=None))
        owner = session.get_one(Account, self.root.id)
        session.add(WebSession(token_hash=f"w{number}", account_id=owner.id, created_at=at, seen_at=at))
        other = person(session, Role.REVIEWER, name=f"locked{number}")
        link = {"account_id": other.id, "made_by": owner.id, "made_at": at - DAY}
        lapsed, used = (at, None) if number % 2 else (NOW + DAY, at if old else None)
        session.add(Invitation(**link, token_hash=f"i{number}", ends_at=lapsed, used_at=used))
        given = {"giver_id": owner.id, "taker_id": other.id, "made_at": at - DAY, "starts_at": at - DAY}
        over, taken_back = (at, None) if number % 2 else (NOW + DAY, at if old else None)
        session.add(Delegation(**given, ends_at=over, ended_at=taken_back))
        under = Delegation(**given, ends_at=at)
        session.add(under)
        session.flush()
        used_under = {"token_hash": f"d{number}", "account_id": other.id, "created_at": at, "delegation_id": under.id}
        session.add(WebSession(**used_under, seen_at=NOW))
        session.get_one(Account, other.id).locked_until = at
        session.get_one(Account, other.id).failed_sign_ins = 5
        token = {"account_id": owner.id, "name": "t", "region_code": "", "made_at": at - 9 * DAY}
        session.add(ApiToken(**token, token_hash=f"a{number}", expires_at=at))
        ended = at if old else None
        session.add(ApiToken(**token, token_hash=f"b{number}", expires_at=NOW + DAY, revoked_at=ended))
        for kind in ("press_key", "take_screenshot"):
            session.add(
                CommandRow(
                    box_id=box.id, kind=kind, body="{}", jws="", asked_at=at, expires_at=at, state="done", detail=""
                )
            )
        event = {"box_id": box.id, "epoch": "e", "reason": "other_body", "body": "{}", "received_at": at}
        session.add(QuarantinedEvent(**event, sequence=1, seen_at=at, seen_by=owner.id))
        session.add(QuarantinedEvent(**event, sequence=2))
        review = {"station_id": self.station, "doubts": "crowd", "at": at, "by": owner.id}
        session.add(DoubtReview(**review, airing_id=f"r{number}", note="马建国说他在"))
        gone = add_member(session, self.station, "马建国", f"{101 + number}", f"{5000 + number}")
        gone.active, gone.left_at = False, at
        add_member(session, self.station, "王小芳", f"{201 + number}")
        kept = photographs.keep(photographs.folder_of(self.folder), camera_jpeg((320 + 16 * number, 240)))
        session.add(
            Photograph(
                station_id=self.station,
                one="screen",
                digest=kept.digest,
                width=kept.width,
                height=kept.height,
                bytes=kept.bytes,
                at=at,
                by=owner.id,
                removed_at=at,
            )
        )
        dates = {"written_by": owner.id, "written_at": at - DAY, "published_at": at - DAY, "valid_until": at}
        words = {"title": "停水", "text": "今天停水", "issuer": "村委会", "withdrawn_because": ""}
        offered = {"kind": "supply", "title": "滩羊", "contact": "王主任", "until": at, "state": "shown"}
        session.add(Offer(**offered, station_id=self.station, region_code=VILLAGE, posted_by=owner.id, posted_at=at))
        session.add(NoticeRow(region_code=VILLAGE, state="published", **words, **dates))
        self._ask(session, number, at, str(gone.id))
        self._send(session, number, at)
        session.add(AuditEntry(at=at, action="something", subject="old"))
        airing, card = AiringId(f"airing-{number}"), LessonCard(id=LessonId("l"), title="看懂化验单", course="测土")
        told = records(
            AiringStarted(
                airing=airing, planned_start=at, duration_ms=60_000, lesson=card, package=PackageName("p"), late_ms=0
            ),
            SignedIn(airing=airing, lesson=card, member=str(gone.id), method=SignInMethod.NAME),
            since=at,
        )
        take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=told), at)
        file = keeping.folder_of(self.folder) / f"command-{number}" / keeping.LOG
        file.parent.mkdir(parents=True)
        file.write_text("a line\n" * (number + 1))
        os.utime(file.parent, (at.timestamp(), at.timestamp()))

    def _send(self, session: Session, number: int, at: datetime) -> None:
        """A document with an attachment, one that passes it on to this day, and something begun for the work book."""
        owner = self.root.id
        dates = {"written_by": owner, "written_at": at, "sent_by": owner, "sent_at": at}
        words = {"region_code": "640221203", "title": "秋冬种", "text": "报面积", "reply": "none"}
        document = Document(**words, **dates, state="sent", changed_at=at, year=2020, place=number + 1)
        session.add(document)
        session.flush()
        index(session, document)
        young = Document(**words, **dates, state="sent", changed_at=NOW, year=2026, place=number + 1)
        young.forwards = document.id
        session.add(young)
        session.add(
            DocumentFile(document_id=document.id, name="a.pdf", digest=f"{number:064}", kind="pdf", bytes=50, at=at)
        )
        session.add(DocumentRecipient(document_id=document.id, region_code=VILLAGE, station_id=self.station))
        draft = LedgerDraft(station_id=self.station, kind=f"kind{number}", by=owner, typed="{}", saved_at=at)
        session.add(draft)
        session.flush()
        size = {"width": 9, "height": 9, "bytes": 9}
        session.add(LedgerPhotograph(draft_id=draft.id, digest=f"{number:064}", at=at, by=owner, **size))

    def _ask(self, session: Session, number: int, at: datetime, member: str) -> None:
        """A question to an expert, with a photograph."""
        times = {"asked_at": at, "received_at": at, "due_at": at}
        case = Case(
            station_id=self.station,
            region_code=VILLAGE,
            number=number + 1,
            topic="rice",
            season="autumn",
            desk=VILLAGE,
            member_id=member,
            **times,
        )
        session.add(case)
        session.flush()
        session.add(CaseFile(case_id=case.id, kind="photo", digest=f"{number:064}", bytes=100, at=at))

    def count(self, table: type, *where: ColumnElement[bool]) -> int:
        """Rows of a table."""
        with self.database.reader() as session:
            return session.scalar(select(func.count()).select_from(table).where(*where)) or 0

    def looked(self) -> dict[str, tuple[int, int]]:
        """What a dry run says, where it says something."""
        with self.database.reader() as session:
            found = service.lines(session, self.folder, NOW)
        return {one.kind.value: (one.old.things, one.old.bytes) for one in found if one.old.things}


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(database, tmp_path)


@pytest.mark.parametrize("most", [1, 2, 500])
def test_a_dry_run_says_what_a_run_does_and_evidence_stays(house: House, most: int) -> None:
    evidence = [house.count(table) for table in (EventRow, SessionRow, SignInRow)]
    audited, looked = house.count(AuditEntry), house.looked()
    assert set(looked) == {kind.value for kind, rule in RULES.items() if rule.days is not None}
    assert looked.pop("tokens") == (2 * EACH, 0)
    assert {things for things, _bytes in looked.values()} == {EACH}
    looked["tokens"] = (2 * EACH, 0)
    assert looked["screens"][1] == sum(len("a line\n") * number for number in range(1, EACH + 1))
    assert looked["photographs"][1] > 0
    assert house.looked() == looked
    assert service.apply(house.database, house.folder, NOW, most) == looked
    assert house.looked() == {}
    assert [house.count(table) for table in (EventRow, SessionRow, SignInRow)] == evidence
    assert house.count(AuditEntry) == audited + 1
    assert service.apply(house.database, house.folder, NOW, most) == {}


def test_only_what_is_old_goes(house: House) -> None:
    service.apply(house.database, house.folder, NOW)
    assert house.count(Presence) == 1 + EACH + 1
    assert house.count(WebSession) == 1 + EACH + 1
    assert (house.count(Invitation), house.count(Delegation)) == (1, 1 + EACH + 1)
    assert house.count(Account, Account.failed_sign_ins > 0) == 1
    assert house.count(ApiToken) == 2
    assert house.count(CommandRow, CommandRow.kind == "press_key") == 1
    assert house.count(CommandRow, CommandRow.kind == "take_screenshot") == EACH + 1
    assert house.count(QuarantinedEvent, QuarantinedEvent.seen_at.is_(None)) == EACH + 1
    assert house.count(QuarantinedEvent) == EACH + 2
    assert (house.count(DoubtReview), house.count(DoubtReview, DoubtReview.note != "")) == (EACH + 1, 1)
    assert len(list(keeping.folder_of(house.folder).iterdir())) == 1
    assert house.count(Photograph) == house.count(CaseFile) == house.count(Case, Case.member_id != "") == 1
    assert house.count(Case) == EACH + 1
    assert (house.count(Document), house.count(DocumentWords), house.count(DocumentFile)) == (EACH + 2, 1, 1)
    assert (house.count(DocumentRecipient), house.count(Document, Document.forwards.is_not(None))) == (1, 1)
    assert house.count(LedgerDraft) == house.count(LedgerPhotograph) == 1
    assert len(list(photographs.folder_of(house.folder).glob("??/*.jpg"))) == 2


def test_who_left_long_ago_has_no_name_and_their_number_is_free(house: House) -> None:
    with house.database.reader() as session:
        roll = roster_of(session, house.station)
        came = session.scalars(select(SignInRow.member_id).order_by(SignInRow.member_id)).all()
    service.apply(house.database, house.folder, NOW)
    with house.database.unit_of_work() as session:
        assert roster_of(session, house.station) == roll
        former = session.scalars(select(Member).where(Member.left_at < NOW - DAY).order_by(Member.left_at)).all()
        assert [(masked(one.name), one.number, one.card) for one in former] == [
            ("原学员", f"-{number}", "") for number in range(1, EACH + 1)
        ]
        assert session.scalars(select(SignInRow.member_id).order_by(SignInRow.member_id)).all() == came
        assert member_numbered(session, house.station, "-1") is None
        assert add_member(session, house.station, "杨秀英", "101", "5000").active
        with pytest.raises(Conflict):
            add_member(session, house.station, "杨秀英", f"{101 + EACH}")


def test_the_years_begin_when_the_server_notices_that_somebody_left(house: House) -> None:
    with house.database.unit_of_work() as session:
        one = session.scalars(select(Member).where(Member.active)).first()
        assert one is not None
        key, one.active = one.id, False
    service.apply(house.database, house.folder, NOW)
    service.apply(house.database, house.folder, NOW + DAY)
    with house.database.unit_of_work() as session:
        assert session.get_one(Member, key).left_at == NOW
        session.get_one(Member, key).active = True
        note_left(session, NOW + 2 * DAY)
        assert session.get_one(Member, key).left_at is None


def test_a_run_that_is_killed_loses_nothing_and_is_gone_on_with(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, known = house.looked(), service.sources(house.folder)

    class Killed(Exception):
        pass

    class Kills(photographs.OldPhotographs):
        def take(self, session: Session, before: datetime, most: int) -> Old:
            super().take(session, before, most)
            raise Killed

    broken = {**known, Kind.PHOTOGRAPHS: Kills(photographs.folder_of(house.folder))}
    monkeypatch.setattr(service, "sources", lambda _folder: broken)
    with pytest.raises(Killed):
        service.apply(house.database, house.folder, NOW, 2)
    monkeypatch.undo()
    assert house.looked() == {"photographs": looked["photographs"]}
    assert len(list(photographs.folder_of(house.folder).glob("??/*.jpg"))) == 2 * (EACH + 1)
    assert service.nightly(house.database, house.folder, NOW)
    assert house.looked() == {}
    with house.database.reader() as session:
        first, second = (service.taken_in(run) for run in reversed(service.last_runs(session)))
        whole = session.scalars(select(AuditEntry.after).where(AuditEntry.action == "retention.applied")).all()
    assert {kind.value: both for kind, both in (first | second).items()} == looked
    assert sorted(msgspec.json.decode(one)["whole"] for one in whole) == [False, True]
    assert not service.nightly(house.database, house.folder, NOW + timedelta(minutes=10))
    assert service.nightly(house.database, house.folder, NOW + DAY)
    assert house.count(RetentionRun) == 3


def test_other_days_are_kept_with_a_reason_within_bounds_by_who_administers_everything(house: House) -> None:
    def keep(kind: Kind, days: int | None, reason: str = "县里要求", who: Person = house.root) -> None:
        with house.database.unit_of_work() as session:
            service.keep_for(session, kind, days, reason, who, NOW)

    with house.database.unit_of_work() as session:
        county = person(session, Role.SYSTEM_ADMIN, "640221", "county")
        staff = person(session, Role.COUNTY_STAFF, "", "staff")
    for who in (county, staff):
        with pytest.raises(Forbidden):
            keep(Kind.NOTES, 9999, who=who)
    for kind, days, reason in (
        (Kind.AUDIT, 9999, "x"),
        (Kind.EVIDENCE, 9999, "x"),
        (Kind.NOTES, 364, "x"),
        (Kind.NOTES, 20 * 365 + 1, "x"),
        (Kind.NOTES, None, "x"),
        (Kind.NOTES, 9999, " \0 "),
    ):
        with pytest.raises(Rejected):
            keep(kind, days, reason)
    assert house.looked()["screens"] != (0, 0)
    audited = house.count(AuditEntry)
    keep(Kind.NOTES, 365)
    keep(Kind.NOTES, 20 * 365)
    assert house.count(AuditEntry) == audited + 2
    with house.database.reader() as session:
        line = next(one for one in service.lines(session, house.folder, NOW) if one.kind is Kind.NOTES)
        assert (line.days, line.chosen.reason if line.chosen else "") == (20 * 365, "县里要求")
        last = session.scalars(select(AuditEntry).where(AuditEntry.subject == "notes").order_by(AuditEntry.id)).all()
        assert (last[-1].before, last[-1].after) == ('{"days":365}', '{"days":7300,"reason":"县里要求"}')


def test_a_photograph_that_is_brought_again_keeps_its_file(house: House) -> None:
    service.apply(house.database, house.folder, NOW)
    folder = photographs.folder_of(house.folder)
    kept = photographs.keep(folder, camera_jpeg((320, 240)))
    with house.database.reader() as session:
        service.sources(house.folder)[Kind.PHOTOGRAPHS].tidy(session, NOW)
    assert photographs.file_of(folder, kept.digest).exists()


def test_the_worker_takes_the_turn_of_the_night(house: House) -> None:
    queue = make_queue("", house.folder / "jobs.db")
    retention.every_night(queue, house.database, house.folder)
    (task,) = queue.read_periodic(datetime(2026, 1, 1, 0, 10, tzinfo=UTC))
    queue.execute(task)
    assert house.looked() == {}
    queue.execute(task)
    assert house.count(RetentionRun) == 1


def test_the_command_line_says_what_would_go_and_takes_it_when_told(house: House) -> None:
    settings = {
        "SECRET_KEY": "s" * 40,
        "DATABASE_URL": house.database.engine.url.render_as_string(hide_password=False),
        "DATA_DIR": str(house.folder),
        "BROKER_PASSWORD": "b" * 20,
        "SIGNING_KEY_FILE": str(house.folder / "key"),
    }
    environment = {**os.environ, **{f"YUANJIAO_{name}": value for name, value in settings.items()}}

    def told(*more: str) -> str:
        argv = [sys.executable, "-m", "contentserver", "admin", "retention", *more]
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout

    looked = house.looked()
    said = told()
    assert "former_members" in said
    assert "3 would go" in said
    assert "Nothing was changed" in said
    assert house.looked() == looked
    assert "6 went" in told("--apply")
    assert house.looked() == {}

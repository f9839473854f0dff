"""A county with one thing of every kind, each with the county's mark in its words."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from contentserver.accounts.models import Account, Delegation, Invitation
from contentserver.app import Services
from contentserver.boxes.models import Box, BoxStation, Enrolment, ExpectedBox
from contentserver.courses.models import Course, Lesson, LessonComment
from contentserver.courses.rules import LessonState
from contentserver.kernel.auth import Role
from contentserver.kernel.db import Base
from contentserver.kernel.ids import token_hash
from contentserver.members import Member
from contentserver.readiness.models import PowerCut, StationNote
from contentserver.readiness.reasons import Light, NeverCalled
from contentserver.reports.models import ApiToken, KeptReport
from contentserver.stations import Station
from contentserver.stations.rules import join_address
from schedules.layers import region_layer
from tests.contentserver.scope import assessed, books, exchange, matters, office, papers, people, trading
from tests.contentserver.scope.county import TOWNSHIP_DIGITS, County
from tests.contentserver.scope.questions import questions


def furnish(session: Session, services: Services, mark: str, village: str, now: datetime) -> County:
    """One thing of every kind in a village, its township, and of people who work there."""
    made = County(mark, village)
    _people(session, made, now)
    who = made.people["county_staff"].id
    station = Station(name=f"{mark}station", region_code=village, place=f"{mark}room")
    station.join_address = join_address(services.settings.public_url, f"{mark}-join-secret-000000"[:22])
    session.add(station)
    session.flush()
    made.named |= {"station_id": str(station.id), "code": made.township, "layer_id": region_layer(made.township)}
    box = _boxes(session, made, station, now)
    lesson = _lessons(session, made, who, now)
    member = Member(station_id=station.id, name=f"{mark}member", number="101")
    session.add(member)
    session.flush()
    made.named["member_id"] = str(member.id)
    people.branch(session, made, member, now)
    matters.evidence(session, made, box, lesson, member, now)
    matters.plan(session, made, lesson, who, now)
    matters.alerts(session, made, who, now)
    matters.group(session, made, station, who, now)
    matters.notices(session, made, who, now)
    matters.support(session, made, box, who, now)
    matters.stars(session, made, station, who, now)
    exchange.quizzes(session, made, lesson, who, now)
    trading.market(session, made, station, who, now)
    questions(session, made, station, who, now)
    office.messages(session, services, made, who, now)
    office.project(session, made, station, member, who, now)
    office.article(session, made, who, now)
    office.talk(session, made, member, who, now)
    books.ledger(session, made, station, who, now)
    assessed.assessments(session, made, station, who, now)
    papers.document(session, made, station, who, now)
    _others(session, made, station, member, who, now)
    session.flush()
    made.ids = {value for value in made.named.values() if len(value) >= TOWNSHIP_DIGITS + 3}
    made.form |= _form(made)
    return made


def _people(session: Session, made: County, now: datetime) -> None:
    for role in Role:
        account = Account(
            username=f"{made.mark.lower()}.{role.value}",
            display_name=f"{made.mark}{role.value}",
            password_hash="no password has this hash",
            role=role.value,
            region_code=made.village if role is Role.STATION_ADMIN else made.township,
            created_at=now,
        )
        session.add(account)
        made.people[role.value] = account
    session.flush()
    target, other = made.people["expert"], made.people["county_staff"]
    session.add(Invitation(token_hash=uuid4().hex, account_id=target.id, made_by=other.id, made_at=now, ends_at=now))
    lent = Delegation(
        giver_id=target.id,
        taker_id=other.id,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=9),
        made_at=now,
    )
    session.add(lent)
    trail = Base.metadata.tables["audit_entries"]
    row = {"id": uuid4(), "at": now, "account_id": target.id, "action": "person.changed", "before": "", "after": ""}
    session.execute(trail.insert().values(subject=f"{made.mark}trail", **row))
    session.flush()
    made.named |= {"account_id": str(target.id), "delegation_id": str(lent.id)}


def _boxes(session: Session, made: County, station: Station, now: datetime) -> Box:
    made.box_token = f"{made.mark}-box-token"
    box = Box(
        station_id=station.id,
        public_key=f"{made.mark}key",
        serial=f"{made.mark}SERIAL",
        http_token_hash=token_hash(made.box_token),
        enrolled_at=now,
        seen_at=now,
    )
    session.add(box)
    session.flush()
    enrolment = Enrolment(
        public_key=f"{made.mark}newkey",
        claim_stem=made.claim_code[:5],
        commitment="c",
        server_nonce="n",
        claim_code=made.claim_code,
        poll_token_hash=token_hash(f"{made.mark}poll"),
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    expected = ExpectedBox(
        serial=f"{made.mark}EXPECTED",
        station_id=station.id,
        note=f"{made.mark}note",
        added_by=made.people["scheduler"].id,
        added_at=now,
    )
    session.add_all([BoxStation(box_id=box.id, since=now, station_id=station.id), enrolment, expected])
    session.flush()
    made.named |= {"box_id": str(box.id), "enrolment_id": str(enrolment.id)}
    return box


def _lessons(session: Session, made: County, who: UUID, now: datetime) -> Lesson:
    course = Course(
        title=f"{made.mark}course",
        subject=f"{made.mark}subject",
        audience=f"{made.mark}audience",
        region_code=made.township,
        created_at=now,
    )
    session.add(course)
    session.flush()
    lesson = Lesson(
        course_id=course.id,
        number=1,
        title=f"{made.mark}lesson",
        summary=f"{made.mark}summary",
        state=LessonState.IN_REVIEW,
        uploader_id=who,
        created_at=now,
        duration_ms=60_000,
    )
    session.add(lesson)
    session.flush()
    comment = LessonComment(
        lesson_id=lesson.id, version=1, at_ms=0, text=f"{made.mark}comment", author_id=who, created_at=now
    )
    session.add(comment)
    session.flush()
    made.named |= {"course_id": str(course.id), "lesson_id": str(lesson.id), "comment_id": str(comment.id)}
    return lesson


def _others(session: Session, made: County, station: Station, member: Member, who: UUID, now: datetime) -> None:
    cut = PowerCut(
        region_code=made.township,
        starts_at=now,
        ends_at=now + timedelta(hours=3),
        reason=f"{made.mark}cut",
        made_by=who,
        made_at=now,
    )
    note = StationNote(
        station_id=station.id,
        airing_id=made.named["airing_id"],
        airing_start=now + timedelta(hours=5),
        lesson_title=f"{made.mark}lesson",
        code="never_called",
        params=msgspec.json.encode(NeverCalled(light=Light.WILL_NOT_PLAY)).decode(),
        made_at=now,
    )
    kept = KeptReport(account_id=who, name=f"{made.mark}kept", query=f"region={made.township}", made_at=now)
    made.api_token = f"{made.mark}-api-token"
    token = ApiToken(
        account_id=who,
        name=f"{made.mark}token",
        region_code=made.township,
        token_hash=token_hash(made.api_token),
        made_at=now,
        expires_at=now + timedelta(days=30),
        used_at=now,
    )
    session.add_all([cut, note, kept, token])
    session.flush()
    made.named |= {
        "cut_id": str(cut.id),
        "note_id": str(note.id),
        "kept_id": str(kept.id),
        "token_id": str(token.id),
    }


def _form(made: County) -> dict[str, str | list[str]]:
    """Fields that forms have, with what they would hold if they were about this county."""
    named = made.named
    station, lesson = named["station_id"], named["lesson_id"]
    return {
        "region": made.township,
        "region_code": made.township,
        "regions": [made.township],
        "layer": made.township,
        "station": station,
        "stations": [station],
        "lesson": [lesson],
        "lessons": [lesson],
        "airing": named["airing_id"],
        "member": named["member_id"],
        "serial": f"{made.mark}EXPECTED",
        "code": made.claim_code,
        "successor": named["box_id"],
        "removed": named["kept_id"],
        "taker": made.people["county_staff"].username,
        "rows": msgspec.json.encode([["NEW", station, ""]]).decode(),
    }

"""What happens in a county: a session, a plan, alerts, commands, stars; each with the county's mark in its words."""

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
from sqlalchemy.orm import Session

from contentserver.alerts.models import AlertRecord, AlertRegion
from contentserver.attendance.corrections import Kind
from contentserver.attendance.models import CorrectionRow, Epoch, EventRow, QuarantinedEvent, SessionRow, SignInRow
from contentserver.boxes.models import Box
from contentserver.courses.models import Lesson
from contentserver.members import Member
from contentserver.notices.models import NoticeGroup, NoticeRegion, NoticeRow
from contentserver.stars.document import SHIPPED
from contentserver.stars.models import OneEntry, Photograph, StarAppeal, StarCheck, StarResult, StarRound
from contentserver.stars.rules import One, OneState
from contentserver.stations import Station
from contentserver.stations.models import GroupMember, StationGroup
from contentserver.support.models import CommandRow, HelpRow
from contentserver.timetable import plans
from contentserver.timetable.models import LayerDraft, LayerRecord, LayerTemplate, Quota
from contentserver.timetable.plans import PlanDocument, PlannedSlot
from contentserver.transcripts.models import CorrectionRequest
from schedules.airings import AiringId, SlotId
from schedules.layers import region_layer
from schedules.wire.messages import HeadCounted, SetVolume
from tests.contentserver.scope.county import County


def evidence(session: Session, made: County, box: Box, lesson: Lesson, member: Member, now: datetime) -> None:
    """A session with all that hangs on it."""
    airing, start = str(uuid4()), now - timedelta(hours=2)
    row = SessionRow(
        airing_id=airing,
        station_id=box.station_id,
        region_code=made.village,
        lesson_id=str(lesson.id),
        lesson_title=lesson.title,
        course_title=f"{made.mark}course",
        planned_start=start,
        planned_ms=60 * 60_000,
        shown_ms=60 * 60_000,
        present=1,
        doubts="two_places",
    )
    signed = SignInRow(
        airing_id=airing, station_id=box.station_id, member_id=str(member.id), at=start, method="number", present_ms=1
    )
    correction = CorrectionRow(
        airing_id=airing,
        station_id=box.station_id,
        number=1,
        kind=Kind.COUNTED.value,
        people=3,
        reason=f"{made.mark}reason",
        at=now,
        by=made.people["county_staff"].id,
    )
    body = msgspec.json.encode(HeadCounted(airing=AiringId(airing), people=7)).decode()
    epoch = Epoch(box_id=box.id, number=1, name="first", first_seen_at=start, station_id=box.station_id)
    event = EventRow(
        box_id=box.id,
        epoch=1,
        sequence=1,
        station_id=box.station_id,
        at=start,
        uncertainty_ms=1,
        kind="head_counted",
        airing_id=airing,
        body=body,
        received_at=now,
    )
    put_away = QuarantinedEvent(
        box_id=box.id, epoch="first", sequence=2, reason="other_body", body=body, received_at=now
    )
    asked = CorrectionRequest(
        member_id=member.id,
        airing_id=airing,
        station_id=box.station_id,
        text=f"{made.mark}request",
        state="open",
        at=now,
        by=made.people["station_admin"].id,
    )
    session.add_all([row, signed, correction, epoch, event, put_away, asked])
    session.flush()
    made.named |= {"airing_id": airing, "request_id": str(asked.id), "number": "1"}
    made.form["event"] = [str(put_away.id)]


def plan(session: Session, made: County, lesson: Lesson, who: UUID, now: datetime) -> None:
    """A draft that waits, a template, a quota."""
    slot = SlotId(str(uuid4()))
    starts = datetime.combine((now + timedelta(days=1)).date(), datetime.min.time()) + timedelta(hours=19)
    document = plans.written(PlanDocument(slots=(PlannedSlot(id=slot, lessons=(str(lesson.id),), local_start=starts),)))
    for code in (made.township, made.village):
        layer = LayerRecord(
            id=region_layer(code),
            region_code=code,
            draft_version=1,
            changed=True,
            plan=document,
            submitted_version=1,
            submitted_by=who,
            submitted_at=now,
        )
        session.add(layer)
        session.flush()
        session.add(
            LayerDraft(
                layer_id=layer.id,
                version=1,
                plan=document,
                action="add_slot",
                subject=f"{made.mark}lesson",
                made_by=who,
                made_at=now,
            )
        )
    template = LayerTemplate(
        region_code=made.township, name=f"{made.mark}template", plan=document, made_by=who, made_at=now
    )
    session.add_all([template, Quota(region_code=made.township, sessions=4, hours=4)])
    session.flush()
    made.named |= {"template_id": str(template.id), "revision": "1"}
    made.form |= {"slot": slot, "planned": starts.isoformat(), "template": str(template.id)}


def alerts(session: Session, made: County, who: UUID, now: datetime) -> None:
    """An alert in each of its states."""
    ids = []
    for state in ("draft", "waiting", "sent", "cancelled"):
        alert = AlertRecord(
            id=uuid4(),
            state=state,
            kind="hail",
            headline=f"{made.mark}alert",
            sender_name=f"{made.mark}sender",
            severity="severe",
            urgency="immediate",
            expires=now + timedelta(hours=5),
            source="form",
            made_by=who,
            authors=msgspec.json.encode([who]).decode(),
            made_at=now,
            sent_at=now if state == "sent" else None,
            regions=[AlertRegion(region_code=made.township)],
        )
        session.add(alert)
        ids.append(str(alert.id))
    made.named["alert_id"] = ids[0]
    made.form["alert"] = [ids[2]]


def group(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """A group of stations, with one of them."""
    row = StationGroup(region_code=made.township, name=f"{made.mark}group", picked=True, made_by=who, made_at=now)
    session.add(row)
    session.flush()
    session.add(GroupMember(group_id=row.id, station_id=station.id))
    made.named["group_id"] = str(row.id)
    made.form["groups"] = [str(row.id)]


def notices(session: Session, made: County, who: UUID, now: datetime) -> None:
    """A notice that stands, for the township and the group."""
    notice = NoticeRow(
        region_code=made.township,
        state="published",
        title=f"{made.mark}title",
        text=f"{made.mark}text",
        issuer=f"{made.mark}issuer",
        written_by=who,
        written_at=now,
        published_by=who,
        published_at=now,
        withdrawn_because="",
        regions=[NoticeRegion(region_code=made.township)],
        groups=[NoticeGroup(group_id=UUID(made.named["group_id"]))],
    )
    session.add(notice)
    session.flush()
    made.named["notice_id"] = str(notice.id)


def support(session: Session, made: County, box: Box, who: UUID, now: datetime) -> None:
    """A command, and a help that is offered."""
    ids = []
    for kind in ("set_volume", "offer_help"):
        body = msgspec.json.encode(SetVolume(percent=10)).decode()
        row = CommandRow(
            box_id=box.id,
            kind=kind,
            body=body,
            jws="signed",
            asked_by=who,
            asked_at=now,
            expires_at=now + timedelta(minutes=5),
            state="asked",
        )
        session.add(row)
        session.flush()
        ids.append(row.id)
    session.add(HelpRow(id=ids[1], reason=f"{made.mark}help", minutes=10))
    made.named |= {"command_id": str(ids[0]), "help_id": str(ids[1])}


def stars(session: Session, made: County, station: Station, who: UUID, now: datetime) -> None:
    """A round with a result, a check, a photograph; an earlier one with an appeal."""
    found, earlier = (_round(made, station, who, now, year) for year in (now.year, now.year - 1))
    earlier.published_at, earlier.published_by = now, who
    session.add_all([found, earlier])
    session.flush()
    result = StarResult(
        round_id=found.id,
        station_id=station.id,
        region_code=made.village,
        evidence="{}",
        points=1,
        counted=1,
        stars=1,
        reason=f"{made.mark}stars",
    )
    check = StarCheck(round_id=found.id, station_id=station.id, township=made.township, note=f"{made.mark}check")
    appeal = StarAppeal(
        round_id=earlier.id, station_id=station.id, text=f"{made.mark}appeal", at=now, by=who, stars_before=1
    )
    note = OneEntry(station_id=station.id, one=One.PLACE.value, state=OneState.HAS.value, fields="{}", at=now, by=who)
    photograph = Photograph(
        station_id=station.id, one=One.PLACE.value, digest="d" * 64, width=1, height=1, bytes=1, at=now, by=who
    )
    session.add_all([result, check, appeal, note, photograph])
    session.flush()
    made.named |= {"round_id": str(found.id), "photograph_id": str(photograph.id)}
    made.form["appeal"] = str(appeal.id)


def _round(made: County, station: Station, who: UUID, now: datetime, year: int) -> StarRound:
    return StarRound(
        region_code=made.township,
        year=year,
        first=date(year, 1, 1),
        last=date(year, 12, 31),
        rules_region="",
        rules_number=0,
        document=SHIPPED.read_text(encoding="utf-8"),
        seed="seed",
        population=msgspec.json.encode([[str(station.id), made.township]]).decode(),
        made_at=now,
        made_by=who,
        counted_at=now,
    )

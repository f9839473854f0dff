"""From draft to published on both databases: two people, clashes first, the way back; a station's own additions."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import regions, stations
from contentserver.admin import OWN_REGIONS
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stations import Station
from contentserver.timetable import copying, quotas, review, rules, service
from contentserver.timetable.edits import AcceptLoss, RemoveSlot
from contentserver.timetable.models import LayerRecord, LayerRevision
from contentserver.timetable.plans import ChangeKind, PlanDocument
from contentserver.timetable.programmes import draft_of, timetables_in_force
from contentserver.timetable.service import DraftMovedOn, EditRefused
from schedules.airings import AiringId, Rank
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW, VILLAGE, person
from tests.contentserver.timetable.conftest import CITY, COUNTY, EVENING, MakeLesson, slot


def test_two_people_bring_a_plan_to_the_televisions(
    session: Session, editor: Person, reviewer: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson()), editor, NOW)
    review.submit(session, layer, editor, NOW)
    assert [one.id for one in review.layers_waiting(session, "64")] == [layer.id]
    assert [change.kind for change in review.waiting_changes(session, layer)] == [ChangeKind.ADDED]
    assert not review.may_approve(session, layer, editor)
    with pytest.raises(Forbidden):
        review.approve(session, layer, signer, editor, NOW)
    revision = review.approve(session, layer, signer, reviewer, NOW)
    assert (revision.submitted_by, revision.published_by, revision.airings) == (editor.id, reviewer.id, 1)
    assert (layer.changed, layer.submitted_version) == (False, None)
    with pytest.raises(Conflict):
        review.approve(session, layer, signer, reviewer, NOW)
    actions = set(session.scalars(select(AuditEntry.action)))
    assert {"plan.add_slot", "plan.submitted", "layer.published"} <= actions


def test_who_edited_what_waits_cannot_approve_it_either(
    session: Session, editor: Person, reviewer: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson()), reviewer, NOW)
    review.submit(session, layer, editor, NOW)
    with pytest.raises(Forbidden):
        review.approve(session, layer, signer, reviewer, NOW)


def test_what_is_edited_after_submitting_waits_for_its_own_turn(
    session: Session, editor: Person, reviewer: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(title="滩羊")), editor, NOW)
    review.submit(session, layer, editor, NOW)
    service.edit(session, layer, slot(make_lesson(title="枸杞"), start=EVENING + timedelta(days=1)), editor, NOW)
    review.approve(session, layer, signer, reviewer, NOW)
    in_force = timetables_in_force(session, [VILLAGE], rules.window_at(NOW))[VILLAGE]
    assert [airing.lesson.title for airing in in_force.airings] == ["滩羊"]
    assert layer.changed


def test_sent_back_with_a_word_and_taken_back(
    session: Session, editor: Person, reviewer: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    with pytest.raises(Rejected):
        review.submit(session, layer, editor, NOW)
    service.edit(session, layer, slot(make_lesson()), editor, NOW)
    review.submit(session, layer, editor, NOW)
    with pytest.raises(Rejected):
        review.send_back(session, layer, " ", reviewer, NOW)
    review.send_back(session, layer, "周一有会，改到周二", reviewer, NOW)
    assert (layer.submitted_version, layer.sent_back) == (None, "周一有会，改到周二")
    review.submit(session, layer, editor, NOW)
    assert layer.sent_back == ""
    review.take_back(session, layer, editor, NOW)
    with pytest.raises(Conflict):
        review.take_back(session, layer, editor, NOW)


def test_a_clash_with_a_higher_layer_is_settled_or_accepted_before_submitting(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    service.edit(session, service.layer_of(session, CITY), slot(make_lesson(), rank=Rank.MANDATORY), editor, NOW)
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson()), editor, NOW)
    (lost,) = review.losses(session, layer, NOW)
    with pytest.raises(Rejected) as refusal:
        review.submit(session, layer, editor, NOW)
    assert refusal.value.code == "clashes_left"
    service.edit(session, layer, AcceptLoss(airing=lost.airing.id), editor, NOW)
    review.submit(session, layer, editor, NOW)


def test_an_earlier_revision_comes_back_as_a_draft(
    session: Session, editor: Person, reviewer: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(title="滩羊")), editor, NOW)
    first = draft_of(session, layer)
    review.submit(session, layer, editor, NOW)
    review.approve(session, layer, signer, reviewer, NOW)
    service.edit(session, layer, RemoveSlot(slot=first.slots[0].id), editor, NOW)
    review.submit(session, layer, editor, NOW)
    review.approve(session, layer, signer, reviewer, NOW)
    newest, oldest = review.history(session, layer)
    assert [change.kind for change in newest.changes] == [ChangeKind.REMOVED]
    assert [change.kind for change in oldest.changes] == [ChangeKind.ADDED]
    assert (oldest.planned_by, oldest.approved_by) == (editor.display_name, reviewer.display_name)
    review.go_back_to(session, layer, 1, editor, NOW)
    assert draft_of(session, layer) == first
    assert layer.changed
    with pytest.raises(NotFound):
        review.go_back_to(session, layer, 9, editor, NOW)


def test_a_station_fills_its_own_gaps_at_once_and_nothing_else(
    session: Session, village: Station, editor: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    keeper = person(session, Role.STATION_ADMIN, VILLAGE)
    service.edit(session, service.layer_of(session, COUNTY), slot(make_lesson(title="县课")), editor, NOW)
    own = service.layer_of(session, VILLAGE)
    with pytest.raises(EditRefused) as refusal:
        review.add_local(session, own, slot(make_lesson()), signer, keeper, NOW)
    assert refusal.value.code == "clash"
    assert own.revision == 0
    later = slot(make_lesson(title="村里的课"), start=EVENING + timedelta(hours=1))
    revision = review.add_local(session, own, later, signer, keeper, NOW)
    assert (revision.revision, revision.airings, revision.published_by) == (1, 1, keeper.id)
    service.edit(session, own, slot(make_lesson(), start=EVENING + timedelta(hours=3)), editor, NOW)
    other = slot(make_lesson(), start=EVENING + timedelta(days=2))
    with pytest.raises(Conflict):
        review.add_local(session, own, other, signer, keeper, NOW)


def test_a_week_is_copied_to_another_and_to_other_regions_or_not_at_all(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    layer = service.layer_of(session, COUNTY)
    for days in (0, 2):
        service.edit(session, layer, slot(make_lesson(), start=EVENING + timedelta(days=days)), editor, NOW)
    week = EVENING.date()
    other, township = week + timedelta(days=7), "640221203"
    assert copying.copy_week(session, COUNTY, week, other, (COUNTY, township), editor, NOW) == 4
    assert [one.local_start for one in copying.week_slots(session, township, other)] == [
        EVENING + timedelta(days=7),
        EVENING + timedelta(days=9),
    ]
    with pytest.raises(EditRefused):
        copying.copy_week(session, COUNTY, week, other, (COUNTY,), editor, NOW)
    with pytest.raises(Rejected):
        copying.copy_week(session, COUNTY, week + timedelta(days=70), other, (COUNTY,), editor, NOW)


def test_a_template_is_used_for_any_week(session: Session, editor: Person, make_lesson: MakeLesson) -> None:
    service.edit(session, service.layer_of(session, COUNTY), slot(make_lesson()), editor, NOW)
    row = copying.keep_template(session, COUNTY, EVENING.date(), "冬季", editor, NOW)
    assert [one.id for one in copying.templates_for(session, VILLAGE)] == [row.id]
    to = EVENING.date() + timedelta(days=30)
    copying.use_template(session, row, to, (VILLAGE,), editor, NOW)
    (made,) = copying.week_slots(session, VILLAGE, rules.monday_of(to))
    assert (made.local_start.weekday(), made.local_start.time()) == (EVENING.weekday(), EVENING.time())


def test_a_sheet_becomes_slots_and_its_faults_are_named(
    session: Session, editor: Person, make_lesson: MakeLesson
) -> None:
    make_lesson(title="看懂化验单")
    sheet = "课件,日期,时间,重复\n看懂化验单,2026-11-27,19:30,每周\n没有的课,2026-11-27,20:30,\n".encode()
    found = copying.read_file(session, COUNTY, "plan.csv", sheet)
    assert [(fault.row, fault.code) for fault in found.faults] == [(3, "lesson_unknown")]
    assert copying.paste_imported(session, COUNTY, found.slots, editor, NOW) == 1
    with pytest.raises(EditRefused):
        copying.paste_imported(session, COUNTY, found.slots, editor, NOW)
    with pytest.raises(Rejected):
        copying.read_file(session, COUNTY, "picture.png", b"\x89PNG\r\n\x1a\n")


def test_hours_are_counted_from_what_televisions_play(
    session: Session, editor: Person, reviewer: Person, make_lesson: MakeLesson, signer: Signer
) -> None:
    layer = service.layer_of(session, COUNTY)
    service.edit(session, layer, slot(make_lesson(minutes=90), rule="FREQ=DAILY"), editor, NOW)
    review.submit(session, layer, editor, NOW)
    review.approve(session, layer, signer, reviewer, NOW)
    quotas.set_quota(session, COUNTY, 10, 12, editor, NOW)
    month = quotas.planned_months(session, VILLAGE, EVENING.date())
    assert [(one.sessions, one.hours, one.quota.hours, one.met) for one in month] == [(8, 12.0, 12, False)]
    quotas.set_quota(session, VILLAGE, 8, 12, editor, NOW)
    assert quotas.planned_months(session, VILLAGE, EVENING.date())[0].met
    assert quotas.quota_of(session, "640202").hours == quotas.DEFAULT_HOURS


def test_each_station_knows_what_the_nearest_quota_asks_of_it(session: Session, editor: Person) -> None:
    village = stations.stations_in(session, VILLAGE)[0]
    assert quotas.tell_stations(session) > 0
    assert stations.station_card(village).quota_minutes == quotas.DEFAULT_HOURS * 60
    quotas.set_quota(session, COUNTY, 2, 30, editor, NOW)
    quotas.set_quota(session, VILLAGE, 2, 0, editor, NOW)
    session.flush()
    quotas.tell_stations(session)
    assert village.quota_minutes == 0
    quotas.clear_quota(session, VILLAGE, editor, NOW)
    session.flush()
    assert quotas.tell_stations(session) == 1
    assert village.quota_minutes == 1800
    assert quotas.tell_stations(session) == 0


def test_two_reviewers_who_approve_at_once_publish_once(database: Database, signer: Signer) -> None:
    with database.unit_of_work() as session:
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
        author = person(session, Role.SCHEDULER, COUNTY)
        reviewers = [person(session, Role.REVIEWER, COUNTY) for _ in range(2)]
        layer = service.layer_of(session, COUNTY)
        service.keep(session, layer, PlanDocument(accepted=(AiringId("a"),)), action="paste", who=author, now=NOW)
        review.submit(session, layer, author, NOW)
    together = Barrier(2)

    def approve(who: Person) -> str:
        together.wait(10)
        try:
            with database.unit_of_work() as session:
                review.approve(session, service.layer_of(session, COUNTY), signer, who, NOW)
        except Conflict as error:
            return error.code
        return "published"

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(approve, reviewers)) == ["nothing_waits", "published"]
    with database.reader() as session:
        assert session.scalar(select(func.count()).select_from(LayerRevision)) == 1


def test_two_editors_who_save_at_once_lose_nothing(database: Database) -> None:
    with database.unit_of_work() as session:
        with OWN_REGIONS.open(encoding="utf-8-sig") as lines:
            regions.import_csv(session, lines)
        people = [person(session, Role.SCHEDULER, COUNTY) for _ in range(2)]
        service.layer_of(session, COUNTY)
    together = Barrier(2)

    def save(place: int) -> str:
        together.wait(10)
        try:
            with database.unit_of_work() as session:
                layer = service.layer_of(session, COUNTY)
                accept = AcceptLoss(airing=AiringId(f"airing-{place}"))
                service.edit(session, layer, accept, people[place], NOW, version=0)
        except DraftMovedOn as error:
            return error.code
        return "saved"

    with ThreadPoolExecutor(2) as hands:
        assert sorted(hands.map(save, range(2))) == ["draft_moved_on", "saved"]
    with database.reader() as session:
        layer = session.get_one(LayerRecord, f"region-{COUNTY}")
        assert (layer.draft_version, len(draft_of(session, layer).accepted)) == (1, 1)

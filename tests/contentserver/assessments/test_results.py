"""What rounds come to: scores down to their forms, recommendation, publication, objections, the end, who may know."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select

from contentserver.assessments import filling, objecting, results, rules, service
from contentserver.assessments.models import AssessmentForm
from contentserver.assessments.objecting import ObjectionKind
from contentserver.kernel.auth import Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.members import add_member
from contentserver.processes import Decision, decide, escalate, under_way
from contentserver.processes.service import current
from contentserver.stations import Station
from tests.contentserver.assessments.conftest import COUNTY, GOOD, MUCH_LATER, SEAL, TOWNSHIP, Hall, refused
from tests.contentserver.conftest import NOW, VILLAGE, person


def test_scores_open_down_to_their_forms_and_come_out_the_same_each_time(hall: Hall) -> None:
    row = hall.collected(hall.begun())
    line = results.standings(hall.session, row)[0]
    assert [(one.tally.sent, one.tally.asked) for one in line.score.parts] == [(1, 1), (4, 4), (1, 1)]
    scheme = service.scheme_of(row)
    for one in line.score.parts:
        forms = results.forms_behind(hall.session, line.row, one.part)
        assert len(forms) == one.tally.sent
        for form in forms:
            assert form.points == rules.points_of(one.part, filling.answers_of(form))
        assert one.tally.points == sum(form.points or 0 for form in forms)
    # 100 · 20 + (2·1 + 0.8 + 1)/4 · 100 · 40 + (2·0.8 + 2·0.9 + 0.7)/5 · 100 · 40
    assert line.score.shown == 2000 + 3800 + 3280
    answers = results.answers_to(scheme.parts[1], results.forms_behind(hall.session, line.row, scheme.parts[1]))
    assert [(one.count, one.spread) for one in answers] == [(4, ((5, 4),)), (4, ((4, 4),)), (4, ((1, 4),))]
    assert results.standings(hall.session, row) == results.standings(hall.session, row)


def test_a_part_with_too_few_forms_is_missing_and_whoever_lacks_one_is_not_proposed(hall: Hall) -> None:
    row = hall.begun()
    hall.send(row, hall.keeper)
    hall.send(row, hall.township)
    for one in hall.members[:2]:
        hall.by_phone(row, one, {"useful": "1", "kept": "1", "asked": "0"})
    line = results.standings(hall.session, row)[0]
    assert [part.code for part in line.score.missing] == ["peers"]
    assert (line.score.shown, line.place, line.proposed) == (10_000, 1, False)
    refused(Conflict, "still_open", results.recommend, hall.session, row, set(), "", hall.staff, NOW)
    told = refused(
        Rejected,
        "recommendation_wrong",
        results.recommend,
        hall.session,
        row,
        {line.row.id},
        "",
        hall.staff,
        MUCH_LATER,
    )
    assert set(told.fields) == {"why"}
    results.recommend(hall.session, row, {line.row.id}, "学员外出务工，走访核实", hall.staff, MUCH_LATER)
    assert (line.row.recommended, line.row.proposed) == (True, False)


def test_no_more_than_may_be_and_nobody_else_is_recommended(hall: Hall) -> None:
    row = hall.begun(TOWNSHIP)
    rows = service.subjects_of(hall.session, row)
    for one in hall.session.scalars(select(AssessmentForm).where(AssessmentForm.account_id == hall.township.id)):
        filling.send(hall.session, one, GOOD, hall.township, NOW)
    call = results.recommend
    most = service.scheme_of(row).may_recommend(len(rows))
    everybody = {one.id for one in rows}
    assert most < len(everybody)
    told = refused(Rejected, "recommendation_wrong", call, hall.session, row, everybody, "x", hall.staff, MUCH_LATER)
    assert set(told.fields) == {"chosen"}
    refused(Rejected, "recommendation_wrong", call, hall.session, row, {uuid4()}, "x", hall.staff, MUCH_LATER)
    refused(
        Forbidden,
        "out_of_scope",
        call,
        hall.session,
        row,
        set(),
        "x",
        person(hall.session, Role.COUNTY_STAFF, "640205"),
        MUCH_LATER,
    )


def test_somebody_else_agrees_and_a_no_asks_for_another_recommendation(hall: Hall) -> None:
    row = hall.collected(hall.begun())
    hall.recommended(row)
    refused(Forbidden, "step_own", hall.agree, row, Decision.YES, NOW, hall.staff)
    refused(Conflict, "recommended", results.recommend, hall.session, row, set(), "x", hall.staff, NOW)
    hall.agree(row, Decision.NO)
    assert row.published_at is None
    assert row.recommended_by is None
    hall.recommended(row)
    hall.agree(row, Decision.YES)
    assert row.published_by == hall.second.id
    assert row.objections_until is not None
    assert row.shown_until is not None
    assert hall.subject(row).score == results.standings(hall.session, row)[0].score.shown
    assert results.changed_since(results.standings(hall.session, row)) == []


def test_an_agreement_that_nobody_gives_moves_up(hall: Hall) -> None:
    row = hall.collected(hall.begun())
    city = person(hall.session, Role.COUNTY_STAFF, COUNTY[:4])
    hall.recommended(row)
    process = under_way(hall.session, f"assessment {row.id}", results.PUBLICATION)
    assert process is not None
    step = current(process)
    assert step is not None
    assert step.desk == COUNTY  # where the round was begun
    escalate(hall.session, MUCH_LATER)
    assert step.desk == city.region_code


def test_an_objection_in_time_is_decided_by_somebody_who_did_not_assess(hall: Hall) -> None:
    row = hall.begun()
    subject = hall.subject(row)
    refused(Conflict, "not_published", objecting.object_, hall.session, subject, "少算了", hall.keeper, NOW)
    hall.published(row)
    refused(Forbidden, "not_the_assessed", objecting.object_, hall.session, subject, "x", hall.staff, NOW)
    refused(Rejected, "objection_empty", objecting.object_, hall.session, subject, "  ", hall.keeper, NOW)
    refused(Conflict, "objection_late", objecting.object_, hall.session, subject, "x", hall.keeper, MUCH_LATER)
    one = objecting.object_(hall.session, subject, "设备去年就换了", hall.keeper, NOW)
    refused(Conflict, "objection_there", objecting.object_, hall.session, subject, "x", hall.keeper, NOW)
    kind = ObjectionKind()
    uphold = objecting.uphold
    refused(Forbidden, "assessed_it", uphold, hall.session, one, kind, 9500, True, "x", hall.township, NOW)
    refused(Conflict, "objections_open", results.close, hall.session, row, hall.staff, MUCH_LATER)
    process = under_way(hall.session, f"assessment objection {one.id}", results.OBJECTION)
    assert process is not None
    refused(Conflict, "score_missing", decide, hall.session, kind, process, 0, Decision.YES, "x", hall.second, NOW)


def test_an_objection_that_is_upheld_gives_both_numbers_and_the_forms_still_give_the_first(hall: Hall) -> None:
    row = hall.published(hall.begun())
    subject = hall.subject(row)
    one = objecting.object_(hall.session, subject, "设备去年就换了", hall.keeper, NOW)
    kind, uphold = ObjectionKind(), objecting.uphold
    for score in (None, 10_001, -1, one.score_before):
        refused(Rejected, "correction_wrong", uphold, hall.session, one, kind, score, True, "x", hall.second, NOW)
    refused(Rejected, "correction_wrong", uphold, hall.session, one, kind, 9500, True, " ", hall.second, NOW)
    uphold(hall.session, one, kind, 9500, True, "发票为证", hall.second, NOW)
    refused(Conflict, "objection_decided", uphold, hall.session, one, kind, 9600, True, "x", hall.second, NOW)
    line = results.standings(hall.session, row)[0]
    assert (line.final, line.score.shown, subject.score, one.score_before) == (9500, 9080, 9080, 9080)
    assert results.changed_since([line]) == []
    refused(Conflict, "still_shown", results.close, hall.session, row, hall.staff, NOW)
    results.close(hall.session, row, hall.staff, MUCH_LATER)
    refused(Conflict, "not_published", results.close, hall.session, row, hall.staff, MUCH_LATER)
    deputy = person(hall.session, Role.STATION_ADMIN, VILLAGE)
    refused(Conflict, "objection_late", objecting.object_, hall.session, subject, "x", deputy, NOW)
    refused(Conflict, "recommended", results.recommend, hall.session, row, set(), "x", hall.staff, NOW)
    refused(Conflict, "form_sent", hall.by_phone, row, hall.members[0])
    assert results.standings(hall.session, row)[0].final == 9500


def test_an_objection_that_is_declined_changes_nothing(hall: Hall) -> None:
    row = hall.published(hall.begun())
    member = hall.members[0]
    assert [one.id for one in objecting.about(hall.session, member, NOW)] == [hall.subject(row).id]
    one = objecting.object_by_phone(hall.session, member, hall.subject(row), "分太高了", SEAL, NOW)
    assert one.by is None
    assert str(member.id) not in one.mark
    call = objecting.object_by_phone
    refused(Conflict, "objection_there", call, hall.session, member, hall.subject(row), "x", SEAL, NOW)
    stranger = add_member(
        hall.session,
        hall.session.scalars(select(Station.id).where(Station.id != hall.village.id)).first() or UUID(int=0),
        "外村人",
        "900",
    )
    refused(NotFound, "assessment_unknown", call, hall.session, stranger, hall.subject(row), "x", SEAL, NOW)
    refused(Rejected, "reason_missing", objecting.decline, hall.session, one, ObjectionKind(), "", hall.second, NOW)
    objecting.decline(hall.session, one, ObjectionKind(), "表都在，没有算错", hall.second, NOW)
    assert (one.upheld, hall.subject(row).corrected, one.score_after) == (False, None, None)
    assert objecting.about(hall.session, member, MUCH_LATER) == []
    refused(NotFound, "assessment_unknown", call, hall.session, member, hall.subject(row), "x", SEAL, MUCH_LATER)


def test_the_round_before_stands_beside_the_next(hall: Hall) -> None:
    first = hall.published(hall.begun())
    results.close(hall.session, first, hall.staff, MUCH_LATER)
    later = MUCH_LATER + timedelta(days=300)
    second = hall.begun(now=later)
    assert [line.before for line in results.standings(hall.session, second)] == [9080]
    assert [line.before for line in results.standings(hall.session, first)] == [None]


def test_who_may_know_of_a_round(hall: Hall) -> None:
    row = hall.begun(TOWNSHIP)
    other = person(hall.session, Role.COUNTY_STAFF, "640205")
    beside = person(hall.session, Role.STATION_ADMIN, f"{COUNTY}999001")
    for who, seen in ((hall.staff, True), (hall.township, True), (hall.keeper, False), (other, False)):
        assert (row in hall.session.scalars(service.rounds_seen(who)).all()) is seen
    refused(NotFound, "assessment_unknown", service.round_asked, hall.session, row.id, hall.keeper)
    row.published_at, row.published_by = NOW, hall.second.id
    hall.session.flush()
    assert service.round_asked(hall.session, row.id, hall.keeper) is row
    for who, seen in ((hall.keeper, True), (other, False), (beside, False)):
        assert (row in hall.session.scalars(service.rounds_seen(who)).all()) is seen
    refused(NotFound, "assessment_unknown", service.subject_asked, hall.session, hall.subject(row).id, other)

"""How rounds begin and forms come in: who is asked, and what goes wrong with forms and with those who are assessed."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from flask import Flask
from flask_babel import Babel
from sqlalchemy import select

from contentserver import tidings
from contentserver.assessments import filling, results, schemes, service
from contentserver.assessments.models import AssessmentForm, AssessmentRound, AssessmentVoter
from contentserver.audit.models import AuditEntry
from contentserver.kernel import clock
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.sealing import Seal
from contentserver.members import Branch, add_member
from contentserver.processes import Decision
from contentserver.stations import Station
from contentserver.timetable import holiday_table
from tests.contentserver.assessments.conftest import GOOD, MEMBER, MUCH_LATER, SEAL, TOWNSHIP, Hall, refused
from tests.contentserver.conftest import NOW, VILLAGE


def test_a_preview_says_whom_it_asks_and_until_when_and_keeps_nothing(hall: Hall) -> None:
    found = service.preview(hall.session, TOWNSHIP, "two_three_one", NOW, holiday_table(hall.session))
    assert len(found.subjects) > 1
    assert found.forms("peers") == found.assessors("peers") == 4
    assert found.assessors("above") == 1
    assert found.forms("above") == len(found.subjects)
    assert found.without("own", 1) == len(found.subjects) - 1
    assert hall.session.scalars(select(AssessmentRound)).all() == []


def test_who_is_asked_is_fixed_when_it_begins(hall: Hall) -> None:
    row = hall.begun()
    assert {one.account_id for one in hall.session.scalars(select(AssessmentForm))} == {
        hall.keeper.id,
        hall.township.id,
    }
    assert len(hall.session.scalars(select(AssessmentVoter)).all()) == 4
    newcomer = add_member(hall.session, hall.village.id, "李新", "200")
    refused(Forbidden, "not_asked", hall.by_phone, row, newcomer)
    assert filling.dues_for(hall.session, newcomer, SEAL, NOW) == []


def test_a_deadline_in_a_holiday_becomes_the_next_working_day(hall: Hall) -> None:
    before_national_day = datetime(2026, 9, 28, 2, tzinfo=NOW.tzinfo)
    row = hall.begun(now=before_national_day)
    assert service.dues_of(row)["own"] == date(2026, 10, 10)  # a Saturday that is worked, after the holidays
    assert row.collected_on == max(service.dues_of(row).values())


def test_a_round_needs_a_title_somebody_to_assess_and_no_other_of_its_kind(hall: Hall) -> None:
    begin, calendar = service.begin, holiday_table(hall.session)
    for title in ("", " ", "x" * 81):
        refused(
            Rejected,
            "title_wrong",
            begin,
            hall.session,
            VILLAGE,
            "two_three_one",
            title,
            hall.staff,
            SEAL,
            NOW,
            calendar,
        )
    refused(
        Rejected, "subjects_wrong", begin, hall.session, VILLAGE, "secretaries", "x", hall.staff, SEAL, NOW, calendar
    )
    refused(
        NotFound,
        "assessment_scheme_unknown",
        begin,
        hall.session,
        VILLAGE,
        "nothing",
        "x",
        hall.staff,
        SEAL,
        NOW,
        calendar,
    )
    refused(
        Forbidden, "out_of_scope", begin, hall.session, "640205", "two_three_one", "x", hall.staff, SEAL, NOW, calendar
    )
    refused(Forbidden, "no_right", begin, hall.session, VILLAGE, "two_three_one", "x", hall.keeper, SEAL, NOW, calendar)
    hall.begun()
    refused(
        Conflict,
        "assessment_under_way",
        begin,
        hall.session,
        VILLAGE,
        "two_three_one",
        "x",
        hall.staff,
        SEAL,
        NOW,
        calendar,
    )


def test_a_form_is_sent_once_by_whom_it_asks_in_time_and_on_its_scale(hall: Hall) -> None:
    row = hall.begun()
    form = hall.form_of(row, hall.township)
    refused(Forbidden, "not_asked", filling.send, hall.session, form, GOOD, hall.staff, NOW)
    refused(NotFound, "form_unknown", filling.form_asked, hall.session, form.id, hall.keeper)
    told = refused(Rejected, "form_wrong", hall.send, row, hall.township, {"members": "11", "keeper": "x"})
    assert set(told.fields) == {"members", "keeper", "role"}
    assert form.points is None
    refused(Conflict, "form_late", hall.send, row, hall.township, GOOD, MUCH_LATER)
    hall.send(row, hall.township)
    refused(Conflict, "form_sent", hall.send, row, hall.township, {"members": "1", "keeper": "1", "role": "1"})
    full = service.scheme_of(row).parts[2].full
    assert [form.points, form.sent_at] == [full, NOW]


def test_a_member_assesses_once_and_nothing_leads_from_the_form_to_them(hall: Hall) -> None:
    row = hall.begun()
    audited = len(hall.session.scalars(select(AuditEntry)).all())
    member = hall.members[1]
    assert [one.used for one in filling.dues_for(hall.session, member, SEAL, NOW)] == [False]
    hall.by_phone(row, member)
    refused(Conflict, "form_sent", hall.by_phone, row, member)
    assert [one.used for one in filling.dues_for(hall.session, member, SEAL, NOW)] == [True]
    form = hall.session.scalars(select(AssessmentForm).where(AssessmentForm.account_id.is_(None))).one()
    assert form.id.version == 4
    assert len(hall.session.scalars(select(AssessmentVoter).where(AssessmentVoter.used)).all()) == 1
    assert form.sent_at is None
    kept = " ".join(map(str, (form.answers, form.id, form.part)))
    assert str(member.id) not in kept
    assert member.name not in kept
    marks = {
        service.mark_of(Seal("another key" * 4, "personal data"), hall.subject(row).id, "peers", one.id)
        for one in hall.members
    }
    assert not marks & set(hall.session.scalars(select(AssessmentVoter.mark)))
    assert len(hall.session.scalars(select(AuditEntry)).all()) == audited  # a line with an address would name them
    told = refused(
        Rejected, "form_wrong", hall.by_phone, row, hall.members[2], {"useful": "6", "kept": "4", "asked": "1"}
    )
    assert set(told.fields) == {"useful"}
    refused(Conflict, "form_late", hall.by_phone, row, hall.members[2], MEMBER, MUCH_LATER)
    refused(NotFound, "form_unknown", filling.send_by_phone, hall.session, member, uuid4(), "peers", MEMBER, SEAL, NOW)
    refused(
        Forbidden,
        "not_asked",
        filling.send_by_phone,
        hall.session,
        member,
        hall.subject(row).id,
        "above",
        GOOD,
        SEAL,
        NOW,
    )


def test_who_was_merged_or_moved_still_assesses_and_only_once(hall: Hall) -> None:
    row = hall.begun()
    first, second, moved = hall.members[:3]
    hall.by_phone(row, second)
    second.merged_into, second.active = first.id, False
    hall.session.flush()
    refused(Conflict, "form_sent", hall.by_phone, row, first)  # the record that stands for both has written it
    elsewhere = hall.session.scalars(select(Station).where(Station.id != hall.village.id)).first()
    assert elsewhere is not None
    moved.station_id = elsewhere.id
    hall.session.flush()
    assert [one.used for one in filling.dues_for(hall.session, moved, SEAL, NOW)] == [False]
    hall.by_phone(row, moved)
    assert results.tallies(hall.session, row)[hall.subject(row).id]["peers"].sent == 2


def test_what_is_taken_out_gets_no_score_and_its_forms_are_refused(hall: Hall) -> None:
    row = hall.begun()
    subject = hall.subject(row)
    refused(Rejected, "reason_missing", service.take_out, hall.session, subject, " ", hall.staff, NOW)
    hall.send(row, hall.keeper)
    service.take_out(hall.session, subject, "站点撤并", hall.staff, NOW)
    refused(Conflict, "subject_gone", hall.send, row, hall.township)
    refused(Conflict, "subject_gone", hall.by_phone, row, hall.members[0])
    refused(Conflict, "too_late", service.take_out, hall.session, subject, "again", hall.staff, NOW)
    line = results.standings(hall.session, row)[0]
    assert (line.place, line.row.gone, line.proposed) == (None, "taken_out", False)
    refused(Rejected, "recommendation_wrong", results.recommend, hall.session, row, {subject.id}, "x", hall.staff, NOW)
    hall.recommended(row)
    hall.agree(row, Decision.YES)
    assert subject.score is None
    assert not subject.recommended


def test_a_secretary_is_assessed_by_themselves_their_branch_and_the_level_above(hall: Hall, branch: Branch) -> None:
    row = hall.begun(VILLAGE, "secretaries")
    subject, secretary = hall.subject(row), hall.members[0]
    assert service.titles(hall.session, service.scheme_of(row), [subject])[subject.id] == "王*芳 · 马场村支部"
    assert [one.part.code for one in filling.dues_for(hall.session, secretary, SEAL, NOW)] == ["own"]
    assert [one.part.code for one in filling.dues_for(hall.session, hall.members[1], SEAL, NOW)] == ["peers"]
    filling.send_by_phone(hall.session, secretary, subject.id, "own", {"work": "9"}, SEAL, NOW)
    for one in hall.members[1:]:
        filling.send_by_phone(hall.session, one, subject.id, "peers", {"work": "5", "service": "4"}, SEAL, NOW)
    hall.send(row, hall.township, {"work": "8"})
    assert results.standings(hall.session, row)[0].score.shown == 1800 + 4500 + 2400
    whole = msgspec.structs.replace(service.scheme_of(row), names="whole")
    assert service.titles(hall.session, whole, [subject])[subject.id] == "王小芳 · 马场村支部"


@pytest.mark.parametrize("what", ["left", "dissolved"])
def test_who_leaves_or_is_dissolved_during_a_round_is_out_of_it(hall: Hall, branch: Branch, what: str) -> None:
    code = "secretaries"
    if what == "dissolved":
        text = schemes.written(schemes.SCHEMES.shipped["two_three_one"])
        text = text.replace('subjects = "stations"', 'subjects = "branches"')
        code = schemes.SCHEMES.adopt(hall.session, "branch_round", text, hall.staff, NOW).code
    row = hall.begun(VILLAGE, code)
    subject = hall.subject(row)
    if what == "left":
        hall.members[0].active = False
    else:
        branch.dissolved_on = date(2026, 11, 1)
    hall.session.flush()
    refused(Conflict, "subject_gone", hall.send, row, hall.township, {**GOOD, "work": "8"})
    assert filling.dues_for(hall.session, hall.members[1], SEAL, NOW) == []
    results.recommend(hall.session, row, set(), "", hall.staff, MUCH_LATER)
    assert subject.gone == what
    assert results.standings(hall.session, row)[0].place is None


def test_a_secretary_whose_record_was_merged_stays_in_the_round(hall: Hall, branch: Branch) -> None:
    row = hall.begun(VILLAGE, "secretaries")
    kept = add_member(hall.session, hall.village.id, "王芳芳", "300")
    hall.members[0].merged_into, hall.members[0].active = kept.id, False
    hall.session.flush()
    assert (
        service.titles(hall.session, service.scheme_of(row), [hall.subject(row)])[hall.subject(row).id][:3] == "王*芳"
    )
    filling.send_by_phone(hall.session, kept, hall.subject(row).id, "own", {"work": "9"}, SEAL, NOW)
    service.note_gone(hall.session, service.subjects_of(hall.session, row))
    assert hall.subject(row).gone == ""


def test_whoever_has_forms_is_told_on_their_last_days(hall: Hall) -> None:
    row, calendar = hall.begun(), holiday_table(hall.session)
    last = datetime.combine(service.dues_of(row)["above"], datetime.min.time(), NOW.tzinfo) + timedelta(hours=4)
    assert filling.last_days(hall.session, NOW, calendar) == []
    told = [(hall.township.id, TOWNSHIP, 1)]
    assert filling.last_days(hall.session, last, calendar) == told
    assert filling.last_days(hall.session, last - timedelta(days=1), calendar) == told
    assert filling.last_days(hall.session, last + timedelta(days=1), calendar) == []
    hall.send(row, hall.township)
    assert filling.last_days(hall.session, last, calendar) == []


def test_the_message_on_the_last_days_goes_out_once_on_working_days_from_nine(hall: Hall) -> None:
    app = Flask("speaking")
    Babel(app, default_locale="en")
    hall.begun()
    day = service.dues_of(hall.session.scalars(select(AssessmentRound)).one())["above"]
    nine = datetime.combine(day, tidings.TOLD_AT, clock.SHANGHAI)
    with app.test_request_context("/"):
        (one,) = tidings.assessment_deadlines(hall.session, nine)
        assert (one.accounts, one.region) == ((hall.township.id,), TOWNSHIP)
        assert tidings.assessment_deadlines(hall.session, nine - timedelta(minutes=1)) == ()
        assert list(tidings.assessment_deadlines(hall.session, nine + timedelta(days=1))) == []  # they are over

"""From a draft to the boxes and back: two people, the emergency right, CAP files, revisions, proofs, the audit."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.alerts import publishing, service
from contentserver.alerts.cap import read_cap
from contentserver.alerts.models import AlertRecord, AlertRevision
from contentserver.alerts.rules import AlertState
from contentserver.alerts.service import AlertRefused, ChangedMeanwhile
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stations import Station
from schedules.airings import LayerId
from schedules.layers import region_layer
from schedules.wire.messages import AlertsMessage, Reported
from schedules.wire.signing import Signer, Verifier, jwk_set
from schedules.wire.topics import BoxId
from tests.contentserver.alerts.samples import cap, info, words
from tests.contentserver.conftest import NOW, VILLAGE, enrolled_box, person

COUNTY = "640221"
HOUR = timedelta(hours=1)


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF)


@pytest.fixture
def second(session: Session, village: Station) -> Person:
    return person(session, Role.REVIEWER, "6402")


def document(session: Session, signer: Signer, code: str) -> AlertsMessage:
    """The newest document of a region, as a box reads it."""
    row = publishing.newest_alerts(session, region_layer(code))
    assert row is not None
    return Verifier(jwk_set([signer.public_jwk])).read(row.jws.encode(), AlertsMessage)


def waiting(session: Session, writer: Person, **changes: object) -> AlertRecord:
    record = service.draft(session, words(**changes), writer, NOW)
    service.submit(session, record, writer, NOW)
    return record


def sent(session: Session, writer: Person, second: Person, signer: Signer, **changes: object) -> AlertRecord:
    record = waiting(session, writer, **changes)
    service.approve(session, record, signer, second, NOW)
    return record


def actions(session: Session) -> list[str]:
    return list(
        session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("alert.")).order_by(AuditEntry.id))
    )


def test_two_people_send_an_alert(session: Session, writer: Person, second: Person, signer: Signer) -> None:
    record = waiting(session, writer)
    assert publishing.newest_alerts(session, region_layer(VILLAGE)) is None
    with pytest.raises(Forbidden, match="own_alert"):
        service.approve(session, record, signer, writer, NOW)
    service.approve(session, record, signer, second, NOW + timedelta(minutes=1))
    message = document(session, signer, VILLAGE)
    assert (message.layer, message.revision) == (region_layer(VILLAGE), 1)
    (alert,) = message.alerts
    assert (alert.headline, alert.sender, alert.kind) == ("冰雹红色预警", "石嘴山市气象台", "hail")
    assert alert.sent == alert.effective == NOW + timedelta(minutes=1)
    assert alert.instructions == ("马上进屋，关好门窗", "牛羊赶进圈")
    assert [row.layer_id for row in publishing.due_alerts(session)] == [region_layer(VILLAGE)]
    publishing.mark_alerts_published(session, region_layer(VILLAGE), 1)
    session.flush()
    assert publishing.due_alerts(session) == []
    assert len(publishing.due_alerts(session, everything=True)) == 1
    assert actions(session) == ["alert.drafted", "alert.submitted", "alert.approved"]


def test_whoever_changed_a_word_is_not_the_second_person(
    session: Session, writer: Person, second: Person, signer: Signer
) -> None:
    record = service.draft(session, words(), writer, NOW)
    service.change(session, record, words(headline="冰雹橙色预警"), 1, second, NOW)
    service.submit(session, record, writer, NOW)
    with pytest.raises(Forbidden, match="own_alert"):
        service.approve(session, record, signer, second, NOW)
    third = person(session, Role.COUNTY_STAFF)
    service.approve(session, record, signer, third, NOW)
    assert record.state == AlertState.SENT


def test_the_emergency_right_is_one_persons_with_a_reason(
    session: Session, writer: Person, signer: Signer, village: Station
) -> None:
    record = service.draft(session, words(), writer, NOW)
    officer = person(session, Role.DUTY_OFFICER)
    with pytest.raises(Forbidden, match="no_right"):
        service.send_now(session, record, "冰雹已到", signer, writer, NOW)
    with pytest.raises(Rejected, match="reason_missing"):
        service.send_now(session, record, "  ", signer, officer, NOW)
    with pytest.raises(Forbidden, match="out_of_scope"):
        service.send_now(session, record, "x", signer, person(session, Role.DUTY_OFFICER, "640205"), NOW)
    assert record.state == AlertState.DRAFT
    service.send_now(session, record, "冰雹已到", signer, officer, NOW)
    assert len(document(session, signer, VILLAGE).alerts) == 1
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "alert.sent_alone")).one()
    assert entry.account_id == officer.id
    assert "冰雹已到" in entry.after


def test_nobody_warns_outside_their_region(session: Session, writer: Person, second: Person, signer: Signer) -> None:
    with pytest.raises(Forbidden, match="out_of_scope"):
        service.draft(session, words(regions=("640205",)), writer, NOW)
    with pytest.raises(Forbidden, match="out_of_scope"):
        service.draft(session, words(regions=(VILLAGE, "64")), writer, NOW)
    with pytest.raises(NotFound):
        service.draft(session, words(regions=("640221999",)), writer, NOW)
    stranger = person(session, Role.COUNTY_STAFF, "640205")
    record = waiting(session, writer)
    with pytest.raises(Forbidden, match="out_of_scope"):
        service.approve(session, record, signer, stranger, NOW)
    service.approve(session, record, signer, second, NOW)
    with pytest.raises(Forbidden, match="out_of_scope"):
        service.cancel(session, [record], "x", signer, stranger, NOW)
    assert record.state == AlertState.SENT


def test_an_alert_that_cannot_stand_is_refused_whole(session: Session, writer: Person) -> None:
    with pytest.raises(AlertRefused) as refused:
        service.draft(session, words(headline="", expires=NOW, regions=()), writer, NOW)
    assert {fault.field for fault in refused.value.faults} == {"headline", "expires", "regions"}
    assert session.scalars(select(AlertRecord)).all() == []


def test_its_hour_may_have_passed_while_it_waited(
    session: Session, writer: Person, second: Person, signer: Signer
) -> None:
    record = waiting(session, writer)
    with pytest.raises(AlertRefused):
        service.approve(session, record, signer, second, NOW + 3 * HOUR)
    assert record.state == AlertState.WAITING


def test_cancelling_leaves_a_newer_document_without_it(
    session: Session, writer: Person, second: Person, signer: Signer
) -> None:
    record = sent(session, writer, second, signer)
    other = sent(session, writer, second, signer, headline="大风蓝色预警")
    assert [alert.headline for alert in document(session, signer, VILLAGE).alerts] == ["冰雹红色预警", "大风蓝色预警"]
    with pytest.raises(Rejected, match="reason_missing"):
        service.cancel(session, [record], "", signer, writer, NOW)
    service.cancel(session, [record], "云已散", signer, writer, NOW)
    message = document(session, signer, VILLAGE)
    assert (message.revision, [alert.id for alert in message.alerts]) == (3, [str(other.id)])
    with pytest.raises(Conflict):
        service.cancel(session, [record], "again", signer, writer, NOW)
    assert (record.state, record.end_reason, record.ended_by) == (AlertState.CANCELLED, "云已散", writer.id)
    assert actions(session)[-1] == "alert.cancelled"


def test_what_has_expired_leaves_the_documents_by_itself(
    session: Session, writer: Person, second: Person, signer: Signer
) -> None:
    record = sent(session, writer, second, signer, regions=(VILLAGE, "640221203204"))
    assert publishing.end_expired(session, signer, NOW + HOUR) == 0
    assert publishing.end_expired(session, signer, NOW + 2 * HOUR) == 1
    assert publishing.end_expired(session, signer, NOW + 2 * HOUR) == 0
    assert record.state == AlertState.EXPIRED
    for code in (VILLAGE, "640221203204"):
        message = document(session, signer, code)
        assert (message.revision, message.alerts) == (2, ())
    with pytest.raises(Conflict):
        service.cancel(session, [record], "x", signer, writer, NOW)


def test_a_region_inside_another_is_not_warned_twice(
    session: Session, writer: Person, second: Person, signer: Signer
) -> None:
    record = sent(session, writer, second, signer, regions=(VILLAGE, COUNTY, "640221203"))
    assert service.regions_of(record) == (COUNTY,)
    assert [row.layer_id for row in session.scalars(select(AlertRevision))] == [region_layer(COUNTY)]


def test_concurrent_changes_are_seen_and_nothing_is_lost(session: Session, writer: Person, second: Person) -> None:
    record = service.draft(session, words(), writer, NOW)
    service.change(session, record, words(headline="第一个人写的"), 1, writer, NOW)
    with pytest.raises(ChangedMeanwhile) as refused:
        service.change(session, record, words(headline="第二个人写的"), 1, second, NOW)
    assert refused.value.record.headline == "第一个人写的"
    assert record.headline == "第一个人写的"
    service.submit(session, record, writer, NOW)
    with pytest.raises(Conflict, match="alert_moved_on"):
        service.change(session, record, words(), record.version, writer, NOW)


def test_a_returned_alert_carries_the_note_and_a_draft_may_be_thrown_away(
    session: Session, writer: Person, second: Person
) -> None:
    record = waiting(session, writer)
    service.give_back(session, record, "写明几点开始", second, NOW)
    assert (record.state, record.return_note) == (AlertState.DRAFT, "写明几点开始")
    service.discard(session, record, writer, NOW)
    assert session.scalars(select(AlertRecord)).all() == []
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "alert.discarded")).one()
    assert "冰雹红色预警" in entry.before


def test_how_many_boxes_have_it_and_which_have_not(
    session: Session, writer: Person, second: Person, signer: Signer, village: Station
) -> None:
    first, late = enrolled_box(session, village, "one"), enrolled_box(session, village, "two")
    gone = enrolled_box(session, village, "three")
    gone.revoked_at = NOW
    record = sent(session, writer, second, signer, regions=(COUNTY,))
    found = publishing.progress(session, record)
    assert (found.boxes, found.stored, len(found.missing)) == (2, 0, 2)
    layer = region_layer(COUNTY)

    def report(box: int, revision: int) -> None:
        words = {layer: revision, LayerId("region-99"): 4}
        publishing.record_alert_proofs(session, Reported(box=BoxId(box), epoch="e", at=NOW, alerts=words))
        session.flush()

    report(first.id, 1)
    found = publishing.progress(session, record)
    assert (found.boxes, found.stored) == (2, 1)
    assert [(box.id, station.id) for box, station in found.missing] == [(late.id, village.id)]
    report(first.id, 0)
    report(late.id, 99)
    assert publishing.progress(session, record).stored == 2
    other = sent(session, writer, second, signer, headline="大风蓝色预警", regions=(COUNTY,))
    assert publishing.progress(session, other).stored == 0, "a revision that is yet to come proves nothing"


def test_a_cap_file_becomes_a_draft_with_our_regions(session: Session, writer: Person, signer: Signer) -> None:
    data = cap()
    record = service.take_in_cap(session, read_cap(data), data, writer, NOW)
    assert (record.state, record.source, service.regions_of(record)) == (AlertState.DRAFT, "cap", (COUNTY,))
    found = service.words_of(record)
    assert (found.kind, found.headline, found.instructions[1]) == ("hail", "冰雹红色预警", "牛羊赶进圈")
    assert record.original == data.decode()
    with pytest.raises(Conflict, match="cap_known"):
        service.take_in_cap(session, read_cap(data), data, writer, NOW)
    other = cap(sender="another@office.example")
    assert service.take_in_cap(session, read_cap(other), other, writer, NOW).id != record.id


@pytest.mark.parametrize(
    ("area", "geocode", "codes", "left"),
    [
        ("平罗县", "", (COUNTY,), ""),
        ("平罗县、惠农区", "", (COUNTY,), ""),
        ("某地", "", (), "某地"),
        ("石嘴山市", "<geocode><valueName>x</valueName><value>640200</value></geocode>", (), "石嘴山市"),
        ("马场一带", "<geocode><valueName>c</valueName><value>640221203205</value></geocode>", (VILLAGE,), ""),
    ],
)
def test_regions_by_code_or_name_and_only_ones_own(
    session: Session, writer: Person, area: str, geocode: str, codes: tuple[str, ...], left: str
) -> None:
    data = cap(info(area=area, geocode=geocode))
    record = service.take_in_cap(session, read_cap(data), data, writer, NOW)
    assert (service.regions_of(record), record.area_text) == (codes, left)


def test_a_draft_without_a_region_is_seen_by_its_author_alone(session: Session, writer: Person, second: Person) -> None:
    data = cap(info(area="某地", geocode=""))
    record = service.take_in_cap(session, read_cap(data), data, writer, NOW)
    states = [AlertState.DRAFT]
    assert [one.id for one in service.alerts_seen(session, writer, states, 1).rows] == [record.id]
    assert service.alerts_seen(session, second, states, 1).rows == []
    with pytest.raises(AlertRefused):
        service.submit(session, record, writer, NOW)


def test_a_file_that_is_over_is_refused(session: Session, writer: Person) -> None:
    data = cap()
    with pytest.raises(Rejected, match="cap_over"):
        service.take_in_cap(session, read_cap(data), data, writer, NOW + 5 * HOUR)


def test_an_update_replaces_what_it_refers_to(session: Session, writer: Person, second: Person, signer: Signer) -> None:
    first = cap()
    old = service.take_in_cap(session, read_cap(first), first, writer, NOW)
    service.submit(session, old, writer, NOW)
    service.approve(session, old, signer, second, NOW)
    references = "weather@shizuishan.example,SZS-20261123-001,2026-11-23T18:46:00+08:00"
    update = cap(info(headline="冰雹橙色预警"), identifier="SZS-2", msgType="Update", references=references)
    new = service.take_in_cap(session, read_cap(update), update, writer, NOW)
    service.submit(session, new, writer, NOW)
    assert [alert.id for alert in document(session, signer, COUNTY).alerts] == [str(old.id)]
    service.approve(session, new, signer, second, NOW)
    (alert,) = document(session, signer, COUNTY).alerts
    assert (alert.id, alert.references) == (str(new.id), (str(old.id),))
    assert (old.state, old.end_reason) == (AlertState.CANCELLED, "replaced")
    assert service.cap_records(session, read_cap(update)) == [old]


def test_who_sees_an_alert(session: Session, writer: Person, second: Person, signer: Signer) -> None:
    record = sent(session, writer, second, signer, regions=(COUNTY,))
    for region, seen in (("640221203", True), (VILLAGE, True), ("6402", True), ("", True), ("640205", False)):
        who = person(session, Role.COUNTY_STAFF, region)
        rows = service.alerts_seen(session, who, [AlertState.SENT], 1).rows
        assert [one.id for one in rows] == ([record.id] if seen else []), region


def test_long_texts_and_a_nul_in_a_file_are_kept_as_they_are(session: Session, writer: Person) -> None:
    long = "沿河低洼地段" * 200
    data = cap(info(description=long, headline="甲" * 200))
    record = service.take_in_cap(session, read_cap(data), data, writer, NOW)
    assert (record.description, record.headline) == (long, "甲" * 200)

"""From draft to published and back: two people, the history, boxes that lack it, a lesson withdrawn."""

import re
from datetime import UTC, datetime

import msgspec
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from contentserver.boxes import Box
from contentserver.stations import Station
from contentserver.timetable import keep_proofs
from schedules.airings import LayerId
from schedules.layers import region_layer
from schedules.wire.messages import Proof
from schedules.wire.topics import BoxId
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.desk.conftest import (
    MISSING,
    NEXT_MONDAY,
    TOWNSHIPS,
    WITHDRAWN,
    at,
    drafted_titles,
    layer_now,
    plan,
    publish,
    send,
    sit_down,
    submit,
)

pytestmark = pytest.mark.xdist_group("planning-desk")


def test_one_submits_another_approves_and_it_is_published(watched: Watched) -> None:
    code = TOWNSHIPS["review"]
    plan(watched.office, code, "看懂化验单", at(0, 19, 30), rule="FREQ=WEEKLY;COUNT=3")
    page = sit_down(watched, "li")
    watched.go(f"/timetable/{code}/review")
    expect(page.locator(".changes li")).to_have_text(re.compile(r"is added: .* 19:30, Every week, 3 times, Regular\.$"))
    page.get_by_role("button", name="Submit for approval").click()
    expect(page.locator(".flash")).to_contain_text("It waits for another person's approval now.")
    watched.go(f"/timetable/{code}/review")
    expect(page.get_by_role("button", name="Approve and publish")).to_have_count(0)
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()

    page = sit_down(watched, "ma")
    page.get_by_role("link", name=re.compile("timetables? waits? too")).click()
    page.get_by_role("link", name="Review 黄渠桥镇").click()
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.locator(".flash")).to_contain_text("Published.")
    assert layer_now(watched.office, code).revision == 1
    watched.go(f"/timetable/{code}/review")
    expect(page.locator("main")).to_contain_text("There is nothing to decide.")


def test_a_plan_goes_back_with_a_word_and_never_without_one(watched: Watched) -> None:
    code = TOWNSHIPS["sent back"]
    plan(watched.office, code, "秋后取土样", at(5, 19, 30))
    submit(watched.office, code)
    page = sit_down(watched, "ma")
    watched.go(f"/timetable/{code}/review")
    status, words = send(watched, f"/timetable/{code}/send-back", note="  ")
    assert (status, "Say what should be changed." in words) == (422, True)
    assert layer_now(watched.office, code).submitted_version is not None
    page.fill("#note", "周六有集市，改到周日")
    page.get_by_role("button", name="Send back").click()
    expect(page.locator(".flash")).to_contain_text("It went back to its author with your word.")
    page = sit_down(watched, "li")
    watched.go(f"/timetable/{code}/review")
    expect(page.locator("main > .bar:not(#offline)")).to_have_text("Sent back: 周六有集市，改到周日")
    page.get_by_role("button", name="Submit for approval").click()
    watched.go(f"/timetable/{code}/review")
    page.get_by_role("button", name="Take it back").click()
    assert layer_now(watched.office, code).submitted_version is None


def test_nobody_approves_their_own_plan(watched: Watched) -> None:
    code = TOWNSHIPS["own"]
    plan(watched.office, code, "冬季安全用电", at(2, 19, 30), who="chen")
    submit(watched.office, code, who="chen")
    page = sit_down(watched, "chen")
    watched.go("/timetable/reviews")
    expect(page.locator("tr", has_text="高庄乡")).to_contain_text("somebody else must approve it")
    watched.go(f"/timetable/{code}/review")
    expect(page.get_by_role("button", name="Approve and publish")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Somebody else must approve what you planned yourself.")
    assert send(watched, f"/timetable/{code}/approve")[0] == 403
    assert layer_now(watched.office, code).revision == 0


def test_what_was_submitted_after_looking_is_not_approved_unseen(watched: Watched) -> None:
    code = TOWNSHIPS["moved on"]
    plan(watched.office, code, "滩羊冬季补饲", at(1, 19, 30))
    submit(watched.office, code)
    page = sit_down(watched, "ma")
    watched.go(f"/timetable/{code}/review")
    plan(watched.office, code, "手机防诈骗三招", at(3, 19, 30))
    submit(watched.office, code)
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.locator("main")).to_contain_text("What waits here has changed since you opened the page.")
    assert layer_now(watched.office, code).revision == 0
    watched.go(f"/timetable/{code}/review")
    expect(page.locator(".changes li")).to_have_count(2)
    page.get_by_role("button", name="Approve and publish").click()
    expect(page.locator(".flash")).to_contain_text("Published.")


def test_an_earlier_revision_comes_back_from_the_history(watched: Watched) -> None:
    code = TOWNSHIPS["history"]
    page = sit_down(watched, "li")
    watched.go(f"/timetable/{code}/history")
    expect(page.locator("main h2")).to_have_text("Nothing has been published yet")
    plan(watched.office, code, "看懂化验单", at(0, 19, 30))
    publish(watched.office, code)
    plan(watched.office, code, "缺哪样补哪样", at(1, 19, 30))
    publish(watched.office, code)
    watched.go(f"/timetable/{code}/history")
    newest, oldest = page.locator(".history > li").all()
    expect(newest).to_contain_text("缺哪样补哪样 is added")
    expect(newest).to_contain_text("approved by 马晓峰")
    expect(newest.get_by_role("button")).to_have_count(0)
    oldest.get_by_role("button", name="Back to revision 1").click()
    expect(page.locator(".flash")).to_contain_text("The draft is revision 1 again.")
    assert drafted_titles(watched.office, code) == ["看懂化验单"]
    watched.go(f"/timetable/{code}/review")
    expect(page.locator(".changes li")).to_have_text(re.compile("^缺哪样补哪样 is taken out"))
    watched.go(f"/timetable/{code}/history")
    page.get_by_role("button", name="Drop the draft").click()
    assert not layer_now(watched.office, code).changed


def test_the_box_that_proved_is_not_missing_and_the_other_is(watched: Watched) -> None:
    plan(watched.office, MISSING, "滩羊冬季补饲", at(2, 20, 20))
    revision = publish(watched.office, MISSING)
    with watched.office.services.database.unit_of_work() as session:
        boxes = session.scalars(select(Box).order_by(Box.id)).all()
        names = {box.id: session.get_one(Station, box.station_id).name for box in boxes}
        now, layer = datetime.now(UTC), region_layer(MISSING)
        proofs = [
            Proof(box=BoxId(box.id), layer=LayerId(layer), revision=revision, stored_at=now, applied=revision)
            for box in boxes[1:]
        ]
        keep_proofs(session, proofs[1:], now)
    page = sit_down(watched, "li")
    watched.go(f"/timetable/{MISSING}/missing")
    assert page.locator("tbody th a").all_inner_texts() == sorted(
        (names[boxes[0].id], names[boxes[1].id]), key=page.locator("tbody th a").all_inner_texts().index
    )
    expect(page.locator(".choices-row a").first).to_have_text("All 2")
    page.get_by_role("link", name=re.compile("^Has no line")).click()
    expect(page.locator("tbody th a")).to_have_text([names[boxes[1].id]])
    with watched.office.services.database.unit_of_work() as session:
        both = [proofs[0], msgspec.structs.replace(proofs[0], box=BoxId(boxes[0].id))]
        keep_proofs(session, both, datetime.now(UTC))
    watched.go(f"/timetable/{MISSING}/missing")
    expect(page.locator("main")).to_contain_text("Every box has it")


def test_a_withdrawn_lesson_leaves_the_published_week(watched: Watched) -> None:
    code = TOWNSHIPS["withdrawn"]
    plan(watched.office, code, WITHDRAWN, at(4, 19, 30))
    assert publish(watched.office, code) == 1
    page = sit_down(watched, "ma")
    watched.go(f"/lessons/{watched.office.lesson}")
    assert send(watched, f"/lessons/{watched.office.lesson}/withdraw", reason=" ")[0] == 422
    page.get_by_text("Withdraw this lesson").click()
    page.fill("#reason", "剂量写错了")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("1 published timetable loses it now")
    expect(page.locator("main")).to_contain_text("Withdrawn: no television plays it")
    expect(page.get_by_text("Withdraw this lesson")).to_have_count(0)
    assert layer_now(watched.office, code).revision == 2
    watched.go(f"/timetable?region={code}&week={NEXT_MONDAY}")
    page.locator("#calendar .ec-body .ec-day").first.wait_for()
    expect(page.locator("#state")).to_contain_text("Revision 2")
    expect(page.get_by_role("gridcell", name=re.compile(WITHDRAWN))).to_contain_text("not approved")
    expect(page.locator("#evening")).not_to_contain_text(WITHDRAWN)
    watched.go(f"/timetable/{code}/history")
    expect(page.locator("main .note")).to_contain_text("Revision 2 carries the same plan on")
    watched.go(f"/lessons/{watched.office.lesson}")
    page.get_by_role("button", name="Review it again").click()
    expect(page.locator(".flash")).to_contain_text("It waits for review again.")

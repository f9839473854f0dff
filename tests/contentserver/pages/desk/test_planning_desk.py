"""The planner's desk: weeks copied, templates, files, quotas, holidays."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from contentserver import regions
from contentserver.timetable.models import LayerRecord, LayerTemplate
from contentserver.timetable.programmes import draft_of
from schedules.layers import region_layer
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.desk.conftest import (
    MISSING,
    NEXT_MONDAY,
    OTHER_COUNTY,
    TOWNSHIPS,
    at,
    drafted_titles,
    plan,
    send,
    sit_down,
)

pytestmark = pytest.mark.xdist_group("planning-desk")


def test_a_week_is_copied_into_two_regions_or_into_none(watched: Watched) -> None:
    code = TOWNSHIPS["copy"]
    plan(watched.office, code, "看懂化验单", at(0, 19, 30))
    plan(watched.office, code, "秋后取土样", at(2, 19, 30))
    with watched.office.services.database.reader() as session:
        villages = [one.code for one in regions.children_of(session, code)][:2]
    page = sit_down(watched, "li")
    watched.go(f"/timetable/copies?region={code}&week={NEXT_MONDAY}")
    page.uncheck(f"input[name=regions][value='{code}']")
    for village in villages:
        page.check(f"input[name=regions][value='{village}']")
    page.get_by_role("button", name="Put into the drafts").click()
    expect(page.locator(".flash")).to_contain_text("4 airings were put into the drafts of")
    for village in villages:
        assert drafted_titles(watched.office, village) == ["看懂化验单", "秋后取土样"]

    watched.go(f"/timetable/copies?region={code}&week={NEXT_MONDAY}")
    page.fill("#to", str(NEXT_MONDAY))
    page.check(f"input[name=regions][value='{villages[0]}']")
    page.get_by_role("button", name="Put into the drafts").click()
    refusal = page.locator(".summary-of-errors")
    expect(refusal).to_contain_text("In the layer of 头闸镇")
    expect(refusal).to_contain_text("看懂化验单 would meet 看懂化验单")
    expect(page.locator("#to")).to_have_value(str(NEXT_MONDAY))
    expect(page.locator(f"input[name=regions][value='{villages[0]}']")).to_be_checked()
    assert len(drafted_titles(watched.office, villages[0])) == 2
    page.uncheck(f"input[name=regions][value='{code}']")
    page.uncheck(f"input[name=regions][value='{villages[0]}']")
    page.get_by_role("button", name="Put into the drafts").click()
    expect(refusal).to_contain_text("Choose at least one region.")


def test_a_week_is_kept_as_a_template_and_used(watched: Watched) -> None:
    code = TOWNSHIPS["template"]
    plan(watched.office, code, "缺哪样补哪样", at(3, 19, 30))
    page = sit_down(watched, "li")
    address = f"/timetable/copies?region={code}&week={NEXT_MONDAY}"
    for said in ("The template 冬闲的一周 is kept.", "There is a template of this name already."):
        watched.go(address)
        page.fill("#name", " 冬闲的一周 ")
        page.get_by_role("button", name="Keep").click()
        expect(page.locator("main")).to_contain_text(said)
    watched.go(address)
    page.select_option("#template", label="Template 冬闲的一周")
    page.fill("#to", str(NEXT_MONDAY + timedelta(days=23)))
    page.get_by_role("button", name="Put into the drafts").click()
    expect(page.locator(".flash")).to_contain_text("1 airing was put into the draft of 姚伏镇.")
    with watched.office.services.database.reader() as session:
        document = draft_of(session, session.get_one(LayerRecord, region_layer(code)))
        key = str(session.scalars(select(LayerTemplate.id).where(LayerTemplate.region_code == code)).one())
    assert [slot.local_start for slot in document.slots] == [at(3, 19, 30), at(24, 19, 30)]

    other = sit_down(watched, "fang")
    status, _words = send(
        watched, "/timetable/copies", region=OTHER_COUNTY, regions=OTHER_COUNTY, template=key, to=str(NEXT_MONDAY)
    )
    assert (status, send(watched, f"/timetable/templates/{key}/remove")[0]) == (403, 403)
    assert other.title()
    page = sit_down(watched, "li")
    watched.go(address)
    page.get_by_role("button", name="Remove the template 冬闲的一周").click()
    expect(page.locator(".flash")).to_contain_text("The template 冬闲的一周 is gone")


def test_a_sheet_with_faults_and_a_good_calendar_are_read_in(watched: Watched) -> None:
    code, page = TOWNSHIPS["import"], sit_down(watched, "li")
    day = at(1, 0).date()
    sheet = f"课件,日期,时间,重复\n看懂化验单,{day},19:30,每周\n没有的课,{day},20:30,\n秋后取土样,{day},25:99,\n"

    def look(name: str, data: bytes) -> None:
        watched.go(f"/timetable/import?region={code}")
        page.set_input_files("#file", files={"name": name, "mimeType": "application/octet-stream", "buffer": data})
        page.get_by_role("button", name="Look what it holds").click()

    look("plan.csv", sheet.encode())
    faults = page.locator("section", has=page.locator("#faults-heading"))
    expect(faults.locator("tbody tr")).to_have_count(2)
    expect(faults).to_contain_text("there is no such lesson that could air here")
    assert drafted_titles(watched.office, code) == []
    page.get_by_role("button", name="Put into the draft").click()
    expect(page.locator(".flash")).to_contain_text("1 slot was put into the draft.")
    assert drafted_titles(watched.office, code) == ["看懂化验单"]

    look("plan.csv", sheet.encode())
    page.get_by_role("button", name="Put into the draft").click()
    expect(page.locator(".summary-of-errors")).to_contain_text("看懂化验单 would meet 看懂化验单")
    expect(page.locator("section", has=page.locator("#slots-heading")).locator("tbody tr")).to_have_count(1)

    written = page.context.request.get(f"{watched.office.url}/timetable/{code}/slots.ics").body()
    look("plan.ics", written.replace(b"T193000", b"T203000"))
    expect(page.locator("#faults-heading")).to_have_count(0)
    page.get_by_role("button", name="Put into the draft").click()
    expect(page.locator(".flash")).to_be_visible()
    assert drafted_titles(watched.office, code) == ["看懂化验单", "看懂化验单"]

    look("photo.png", b"\x89PNG\r\n\x1a\n")
    expect(page.locator(".summary-of-errors")).to_contain_text("The first row must name the columns")
    look("plan.xlsx", b"PK\x03\x04 no workbook")
    expect(page.locator(".summary-of-errors")).to_contain_text("This is neither a calendar")
    look("plan.csv", b"x" * 3_000_000)
    expect(page.locator(".summary-of-errors")).to_contain_text("This file is too large to be a timetable.")
    look("plan.csv", "课件,日期,时间\n".encode())
    expect(page.locator("main")).to_contain_text("There is nothing in this file")


def test_a_quota_is_set_refused_and_inherited_again(watched: Watched) -> None:
    page = sit_down(watched, "li")
    watched.go(f"/timetable/quotas?region={MISSING}")
    expect(page.locator("aside")).to_contain_text("The usual: at least two sessions and twenty hours.")
    page.fill("#sessions", "3")
    page.fill("#hours", "5")
    page.get_by_role("button", name="Ask this of every station here").click()
    expect(page.locator("aside")).to_contain_text("Set for this region.")
    expect(page.locator("tbody tr").first).to_contain_text("/ 5")
    with watched.office.services.database.reader() as session:
        village = regions.children_of(session, MISSING)[0].code
    watched.go(f"/timetable/quotas?region={village}")
    expect(page.locator("aside")).to_contain_text("Set by 通伏乡.")
    for rubbish in ("-1", "745", "9" * 4000, "many", ""):
        status, words = send(watched, "/timetable/quotas", region=MISSING, sessions=rubbish, hours="5")
        assert (status, "Give whole numbers from 0 to 744." in words) == (422, True), rubbish
    watched.go(f"/timetable/quotas?region={MISSING}")
    page.get_by_role("button", name="Ask the same as the region above").click()
    expect(page.locator("aside")).to_contain_text("The usual")
    sit_down(watched, "zhao")
    watched.go("/timetable/quotas")
    expect(page.locator("#sessions")).to_have_count(0)
    assert send(watched, "/timetable/quotas", region="640221203205", sessions="1", hours="1")[0] == 403


def test_an_administrator_changes_a_holiday_and_others_read_it(watched: Watched) -> None:
    far = f"{NEXT_MONDAY.year + 3}-05-04"
    page = sit_down(watched, "gao")
    watched.go("/timetable/holidays")
    page.fill("#day", far)
    page.select_option("#kind", "holiday")
    page.fill("#name", "赶集")
    page.get_by_role("button", name="Change").click()
    row = page.locator("tbody tr", has_text=far)
    expect(row).to_contain_text("赶集")
    for fields, sentence in (
        ({"day": "0000-99-99", "kind": "holiday"}, "Give a day"),
        ({"day": "9999-01-01", "kind": "holiday"}, "outside the years"),
        ({"day": far, "kind": "party"}, "Say what kind of day it is."),
        ({"day": far}, "Say what kind of day it is."),
    ):
        status, words = send(watched, "/timetable/holidays", **fields)
        assert (status, sentence in words) == (422, True), fields
    sit_down(watched, "li")
    watched.go("/timetable/holidays")
    expect(row).to_contain_text("changed here")
    expect(page.locator("#day")).to_have_count(0)
    expect(row.get_by_role("button")).to_have_count(0)
    assert send(watched, "/timetable/holidays", day=far, kind="working")[0] == 403
    sit_down(watched, "chen")  # of one county, and the table is everybody's
    assert send(watched, "/timetable/holidays", day=far, kind="working")[0] == 403
    sit_down(watched, "gao")
    watched.go("/timetable/holidays")
    page.get_by_role("button", name=f"Take back the change of {far}").click()
    expect(page.locator(".flash")).to_be_visible()
    expect(row).to_have_count(0)

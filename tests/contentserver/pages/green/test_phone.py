"""The green channel on a phone: asked with a photograph, looked through, light, and not too often."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from contentserver.accounts import Account, person_of
from contentserver.consultations import answering
from contentserver.consultations.models import Case, CaseFile, CaseOutcome
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.green.conftest import NUMBER, Green, on_a_phone, photograph, signed_in, whole
from tests.contentserver.pages.looks import every_look

pytestmark = pytest.mark.xdist_group("pages")


def test_a_phone_asks_with_a_photograph_and_reads_the_answer(watched: Watched, green: Green) -> None:
    page = on_a_phone(watched, green)
    whole(page)
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    page.locator("#topic-wrong").wait_for()
    page.locator("#text-wrong").wait_for()
    page.get_by_label("Rice").check()
    page.fill("#text", "稻田里有黄叶，怎么办？")
    page.set_input_files("#photo", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"<script>alert(1)</script>"})
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    page.locator("#photo-wrong").wait_for()
    assert page.locator("#text").input_value() == "稻田里有黄叶，怎么办？"
    assert page.get_by_label("Rice").is_checked()
    whole(page)
    page.set_input_files("#photo", {"name": "leaf.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    page.get_by_role("status").filter(has_text="Your question has number").wait_for()
    whole(page)
    case = green.newest()
    assert (case.text, case.state, case.source) == ("稻田里有黄叶，怎么办？", "open", "phone")
    with green.office.services.database.reader() as session:
        assert session.scalars(select(CaseFile).where(CaseFile.case_id == case.id)).one().kind == "photo"
    phone = page.context.storage_state()
    page.set_viewport_size({"width": 1366, "height": 768})
    page = signed_in(watched, "green.expert")
    watched.go(f"/cases/{case.id}")
    page.fill("#text", "先排水。")
    page.get_by_role("button", name="Send the answer").press("Enter")
    page.get_by_role("status").wait_for()
    page.context.clear_cookies()
    page.context.add_cookies(phone["cookies"])  # type: ignore[arg-type]
    watched.go(f"{green.join}/cases")
    page.get_by_text("先排水。").first.wait_for()
    whole(page)


def answered(green: Green, days: int = 0) -> Case:
    """The station's last question, answered some days ago."""
    case, now = green.newest(), datetime.now(UTC) - timedelta(days=days)
    with green.office.services.database.unit_of_work() as session:
        account = session.scalars(select(Account).where(Account.username == "green.expert")).one()
        who = person_of(account)
        answering.answer(session, case.id, "温汤浸种。", "", [], who, now)
    return case


def asked_by_phone(watched: Watched, green: Green, text: str, language: str = "en") -> Page:
    """A phone with a question; its page of questions is open."""
    page = on_a_phone(watched, green, language)
    page.check("input[name=topic][value=pests]", force=True)
    page.fill("#text", text)
    page.locator("main form button.primary").press("Enter")
    page.get_by_role("status").wait_for()
    return page


def test_a_phone_says_that_it_helped_and_takes_it_back_with_the_other(watched: Watched, green: Green) -> None:
    page = asked_by_phone(watched, green, "谷种怎么浸？")
    assert page.get_by_role("button", name="It helped").count() == 0
    case = answered(green)
    watched.go(f"{green.join}/cases")
    whole(page)
    mine = page.locator(f"#case-{case.id}")
    mine.get_by_role("button", name="It helped").press("Enter")
    mine.get_by_text("Noted.").wait_for()
    assert green.newest().helped is True
    whole(page)
    mine.get_by_role("button", name="It did not help yet").press("Enter")
    expect(mine.get_by_role("button", name="It did not help yet")).to_have_attribute("aria-pressed", "true")
    assert mine.get_by_role("button", name="It helped").get_attribute("aria-pressed") == "false"
    assert green.newest().helped is False
    assert not green.paper().cases[0].asks_outcome


@every_look
def test_a_phone_is_asked_what_came_of_it_in_one_form(
    watched: Watched, green: Green, scheme: str, language: str
) -> None:
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page = asked_by_phone(watched, green, f"蚜虫怎么治？{scheme}{language}", language)
    case = answered(green, 15)
    watched.go(f"{green.join}/cases")
    form = page.locator(f"#case-{case.id} details")
    form.locator("summary").press("Enter")
    whole(page)
    form.locator("[name=area]").fill("many")
    form.locator("button.primary").press("Enter")
    page.locator(f"#area-{case.id}-wrong").wait_for()
    whole(page)
    assert form.locator("[name=area]").input_value() == "many"
    form.locator("input[value=yes]").check(force=True)
    form.locator("[name=area]").fill("3.5")
    form.locator("[name=income]").fill("800")
    form.locator("button.primary").press("Enter")
    page.get_by_role("status").wait_for()
    whole(page)
    assert form.count() == 0
    with green.office.services.database.reader() as session:
        made = session.scalars(select(CaseOutcome).where(CaseOutcome.case_id == case.id)).one()
    assert (made.solved, made.area_tenths, made.income_cents, made.by) == (True, 35, 80_000, None)


def test_the_page_with_its_form_is_light_and_others_may_not_speak(watched: Watched, green: Green) -> None:
    page = asked_by_phone(watched, green, "螟虫怎么治？")
    case = answered(green, 15)
    stolen = page.context.storage_state()["cookies"]
    with httpx.Client(base_url=green.office.url) as stranger:
        token = _token(stranger.get(f"{green.join}/ask").text)
        for what, sent in (("helped", {"helped": "yes"}), ("outcome", {"solved": "yes"})):
            answer = stranger.post(f"{green.join}/cases/{case.id}/{what}", data={"csrf_token": token, **sent})
            assert answer.status_code == 404
    with httpx.Client(base_url=green.office.url) as phone:
        for cookie in stolen:
            phone.cookies.set(cookie["name"], cookie["value"])
        answer = phone.get(f"{green.join}/cases")
        parts = {one.split("#")[0] for one in _linked(answer.text)}
        weight = len(answer.content) + sum(len(phone.get(part).content) for part in parts)
        assert weight < 60_000
        token = _token(answer.text)
        wrong = phone.post(f"{green.join}/cases/{case.id}/helped", data={"csrf_token": token, "helped": "perhaps"})
        assert wrong.status_code == 422
    assert green.newest().helped is None


def test_abuse_waits_for_somebody_who_looks(watched: Watched, green: Green) -> None:
    page = on_a_phone(watched, green)
    page.get_by_label("Something else").check()
    page.fill("#text", "你们这些混蛋")
    page.get_by_role("button", name="Ask", exact=True).press("Enter")
    page.get_by_text("To be looked through").wait_for()
    case = green.newest()
    assert all(card.id != str(case.id) for card in green.paper().cases)
    page.set_viewport_size({"width": 1366, "height": 768})
    page = signed_in(watched, "green.expert")
    assert watched.go(f"/cases/{case.id}") == 404
    page = signed_in(watched, "green.staff")
    watched.go(f"/cases/{case.id}")
    whole(page)
    page.get_by_role("button", name="Do not pass it on").press("Enter")
    page.get_by_role("status").filter(has_text="no television shows it").wait_for()
    assert green.newest().state == "refused"


def test_a_phone_page_weighs_less_than_sixty_kilobytes_and_has_no_script(green: Green) -> None:
    with httpx.Client(base_url=green.office.url) as client:
        for before in ("", NUMBER):
            answer = client.get(f"{green.join}/ask")
            if before:
                client.post(f"{green.join}/ask/who", data={"csrf_token": _token(answer.text), "number": before})
                answer = client.get(f"{green.join}/ask")
            assert "<script" not in answer.text
            parts = {one.split("#")[0] for one in _linked(answer.text)}
            assert len(parts) == 2
            weight = len(answer.content) + sum(len(client.get(part).content) for part in parts)
            assert weight < 60_000


def _linked(html: str) -> list[str]:
    return [one.split('"')[0] for one in html.split('href="')[1:] if one.startswith("/static/")]


def test_a_phone_that_asks_too_often_or_too_much_is_told_so(watched: Watched, green: Green) -> None:
    with httpx.Client(base_url=green.office.url, follow_redirects=True) as client:
        token = _token(client.get(f"{green.join}/ask").text)
        client.post(f"{green.join}/ask/who", data={"csrf_token": token, "number": NUMBER})
        sent = {"csrf_token": _token(client.get(f"{green.join}/ask").text), "topic": "soil"}
        huge = {"photo": ("huge.jpg", b"\xff\xd8\xff" + bytes(40_000_000), "image/jpeg")}
        answer = client.post(f"{green.join}/ask", data=sent, files=huge)
        assert (answer.status_code, "16 MB" in answer.text) == (413, True)
        for number in range(12):
            assert client.post(f"{green.join}/ask", data=sent | {"text": f"问题 {number}"}).status_code == 200
        assert client.post(f"{green.join}/ask", data=sent | {"text": "还有"}).status_code == 429
        wrong = client.post(f"{green.join}/ask/who", data={"csrf_token": token, "number": "999999"})
        assert wrong.status_code == 422
        assert client.post(f"{green.join}/ask", data={"topic": "soil"}).status_code == 400
    with httpx.Client(base_url=green.office.url) as stranger:
        assert stranger.get("/join/nowhere-nowhere-nowhere/ask").status_code == 404
        other = green.newest()
        token = _token(stranger.get(f"{green.join}/cases").text) or _token(stranger.get(f"{green.join}/ask").text)
        answer = stranger.post(f"{green.join}/cases/{other.id}/withdraw", data={"csrf_token": token})
        assert answer.status_code == 404
    green.withdrawn()


def _token(html: str) -> str:
    return html.split('name="csrf_token" value="', 1)[-1].partition('"')[0] if "csrf_token" in html else ""

"""Review in a browser, two people: comment, answer, sent back, another recording, approved; what waits; days."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from contentserver.accounts import Account
from contentserver.courses import Lesson, LessonState
from contentserver.kernel.auth import Role
from contentserver.kernel.clock import local
from media_pipeline.captions import CaptionInput
from media_pipeline.transcode import Package, transcode
from tests.contentserver.pages.conftest import STAFF, Office, Watched
from tests.media_pipeline.conftest import film
from tests.serving import PASSWORD

pytestmark = pytest.mark.xdist_group("pages")
TICKS = 5


@pytest.fixture
def uploader(browser: Browser, office: Office) -> Iterator[Page]:
    """李敏, in a browser of her own."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(f"{office.url}/sign-in")
    page.fill("#username", "li")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(f"{office.url}/")
    yield page
    context.close()


@pytest.fixture
def lessons(office: Office, package: tuple[Path, Package]) -> Iterator[list[str]]:
    """Two further lessons of 李敏's that wait for review; what is left of them afterwards counts as withdrawn."""
    made = []
    with office.services.database.unit_of_work() as session:
        model = session.scalars(select(Lesson).where(Lesson.id == UUID(office.waiting_lesson))).one()
        taken = max(session.scalars(select(Lesson.number).where(Lesson.course_id == model.course_id)))
        for place, title in enumerate(("看懂农药标签", "大棚保温"), start=1):
            lesson = Lesson(
                course_id=model.course_id,
                number=taken + place,
                title=title,
                state=LessonState.IN_REVIEW,
                uploader_id=model.uploader_id,
                created_at=datetime.now(UTC) - timedelta(days=4 - place),
                package_name=package[1].name,
                duration_ms=14_000,
                package_bytes=model.package_bytes,
            )
            session.add(lesson)
            session.flush()
            made.append(str(lesson.id))
    yield made
    with office.services.database.unit_of_work() as session:
        session.execute(
            update(Lesson).where(Lesson.id.in_([UUID(one) for one in made])).values(state=LessonState.WITHDRAWN)
        )


def state_of(office: Office, lesson: str) -> tuple[str, int]:
    with office.services.database.reader() as session:
        found = session.get_one(Lesson, UUID(lesson))
        return found.state, found.version


def tick_all(page: Page) -> None:
    for box in page.locator("main input[name=tick]").all():
        box.check()
    assert page.locator("main input[name=tick]:checked").count() == TICKS


def test_a_lesson_is_commented_answered_sent_back_brought_anew_and_approved(
    watched: Watched, uploader: Page, lessons: list[str], tmp_path: Path, package: tuple[Path, Package]
) -> None:
    page, office, lesson = watched.page, watched.office, lessons[0]
    watched.sign_in("ma")
    watched.go(f"/lessons/{lesson}")
    page.fill("#comment-at", "0:07")
    page.fill("#comment-text", "碱解氮旁边加一句大白话")
    page.press("#comment-text", "Enter")
    expect(page.locator(".comment.open")).to_contain_text("00:07")
    expect(page.locator(".pin.open")).to_have_text("1")

    tick_all(page)
    page.get_by_role("button", name="批准并签名").click()
    expect(page.locator("main .wrong").first).to_contain_text("还有意见")
    assert page.locator("main input[name=tick]:checked").count() == TICKS
    page.get_by_text("退回修改").first.click()
    page.fill("#reason", "用量前后不一致")
    page.locator("form[action$='/send-back'] button").click()
    expect(page.locator(".chip")).to_have_text("退回修改")
    assert state_of(office, lesson) == (LessonState.RETURNED, 1)

    uploader.goto(f"{office.url}/lessons/{lesson}")
    expect(uploader.locator("main")).to_contain_text("用量前后不一致")
    uploader.locator(".comment summary").press("Enter")
    uploader.locator(".comment input[name=answer]").fill("已加上")
    uploader.locator(".comment input[name=answer]").press("Enter")
    expect(uploader.locator(".comment .answer")).to_contain_text("已加上")
    uploader.locator("a[href$='/recording']").click()
    uploader.set_input_files("#recording_file", film(tmp_path / "two.mp4", seconds=1, size="320x180"))
    uploader.click("button[type=submit].primary")
    uploader.wait_for_url(f"**/lessons/{lesson}")
    assert state_of(office, lesson) == (LessonState.TRANSCODING, 2)
    with office.services.database.unit_of_work() as session:  # what a worker does is tested elsewhere
        found = session.get_one(Lesson, UUID(lesson))
        found.state, found.package_name, found.duration_ms = LessonState.IN_REVIEW, package[1].name, 14_000

    uploader.goto(f"{office.url}/lessons/{lesson}")
    assert uploader.locator("form[action$='/approve']").count() == 0
    watched.go(f"/lessons/{lesson}")
    expect(page.locator("main")).to_contain_text("第 2 版")
    assert page.locator(".pin").count() == 0
    page.get_by_text("以前版本的意见").click()
    expect(page.locator(".comment")).to_contain_text("已加上")
    tick_all(page)
    page.get_by_role("button", name="批准并签名").click()
    expect(page.locator("main")).to_contain_text("马晓峰 已批准并签名")
    assert state_of(office, lesson) == (LessonState.APPROVED, 2)


def test_a_pin_and_its_comment_are_one_and_the_form_takes_the_players_moment(
    watched: Watched, lessons: list[str]
) -> None:
    page, lesson = watched.page, lessons[0]
    watched.sign_in("ma")
    watched.go(f"/lessons/{lesson}")
    page.fill("#comment-at", "00:09")
    page.fill("#comment-text", "这里没有声音")
    page.press("#comment-text", "Enter")
    expect(page.locator(".pin.open")).to_be_visible()
    page.locator(".pin").press("Enter")
    expect(page.locator(".comment[aria-current=true]")).to_contain_text("这里没有声音")
    assert page.locator("video").evaluate("video => video.currentTime") >= 9
    page.locator("video").evaluate("video => video.pause()")
    slider = page.locator(".seek input[type=range]")
    slider.press("Home")
    expect(page.locator("#comment-at")).to_have_value("00:00")
    slider.press("ArrowRight")
    expect(page.locator("#comment-at")).to_have_value("00:05")
    page.fill("#comment-text", "写了一半")
    slider.press("ArrowRight")
    expect(page.locator("#comment-at")).to_have_value("00:05")


@pytest.mark.parametrize(("at", "sentence"), [("17.40", "分和秒"), ("59:00", "已经播完")])
def test_a_wrong_moment_is_told_beside_the_form_and_loses_nothing(
    watched: Watched, lessons: list[str], at: str, sentence: str
) -> None:
    page, lesson = watched.page, lessons[0]
    watched.sign_in("ma")
    watched.go(f"/lessons/{lesson}")
    page.fill("#comment-at", at)
    page.fill("#comment-text", "字太小")
    page.press("#comment-text", "Enter")
    expect(page.locator(".comment-form .wrong")).to_contain_text(sentence)
    assert (page.input_value("#comment-at"), page.input_value("#comment-text")) == (at, "字太小")
    assert page.locator(".comment").count() == 0


def post(watched: Watched, path: str, **form: str) -> tuple[int, str]:
    """A form sent as a program does; status and what it says."""
    page = watched.page
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    answer = page.request.post(
        watched.office.url + path,
        form={"csrf_token": token, **form},
        headers={"Accept": "application/json"},
        max_redirects=0,
    )
    return answer.status, answer.json().get("title", "")


def test_who_lost_the_right_or_is_second_changes_nothing(watched: Watched, lessons: list[str]) -> None:
    office, lesson = watched.office, lessons[0]
    watched.sign_in("ma")
    watched.go(f"/lessons/{lesson}")
    with office.services.database.unit_of_work() as session:
        ma = session.scalars(select(Account).where(Account.username == "ma")).one()
        ma.role = Role.COUNTY_STAFF
    assert post(watched, f"/lessons/{lesson}/send-back", reason="不行")[0] == 403
    with office.services.database.unit_of_work() as session:
        session.scalars(select(Account).where(Account.username == "ma")).one().role = STAFF["ma"][1]
    assert state_of(office, lesson) == (LessonState.IN_REVIEW, 1)
    assert post(watched, f"/lessons/{lesson}/send-back", reason="不行", version="2")[0] == 409
    assert post(watched, f"/lessons/{lesson}/approve")[0] == 422
    assert state_of(office, lesson) == (LessonState.IN_REVIEW, 1)
    assert post(watched, f"/lessons/{lesson}/send-back", reason="不行", version="1")[0] == 200
    status, said = post(watched, f"/lessons/{lesson}/approve", version="1")
    assert (status, "马晓峰" in said) == (409, True)
    watched.page.context.clear_cookies()
    watched.sign_in("chen")
    assert post(watched, f"/lessons/{lesson}/send-back", reason="不行")[0] == 403
    assert post(watched, f"/lessons/{lesson}/comments", at="0:01", text="不行")[0] == 403
    assert state_of(office, lesson) == (LessonState.RETURNED, 1)


def test_the_queue_shows_the_oldest_first_and_lets_nothing_be_chosen_that_has_a_finding(
    watched: Watched, lessons: list[str]
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("ma")
    watched.go("/review")
    titles = page.locator("main tbody th a").all_inner_texts()
    assert titles[:2] == ["看懂农药标签", "大棚保温"]
    assert page.locator("main tbody input:enabled").count() == 0
    expect(page.get_by_role("button", name="批准并签名所选")).to_be_disabled()
    watched.go(f"/lessons/{lessons[0]}")
    watched.go("/review?age=3")
    assert page.locator("main tbody th a").all_inner_texts() == ["看懂农药标签"]
    expect(page.locator("main tbody tr")).to_contain_text("已打开")
    watched.go("/review?subject=养殖")
    expect(page.locator(".empty")).to_be_visible()
    # A silence was found in this package, so it is decided about on its own page.
    assert post(watched, "/review/approve", lesson=f"{lessons[0]}:1")[0] == 422
    assert state_of(office, lessons[0]) == (LessonState.IN_REVIEW, 1)


@pytest.fixture
def clean(office: Office, lessons: list[str], tmp_path: Path) -> list[str]:
    """The same two lessons, with packages in which nothing is to be looked at."""
    (tmp_path / "zh.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:02.000\n缺哪样补哪样\n", encoding="utf-8")
    store = office.services.store.folder
    for number, lesson in enumerate(lessons, start=1):
        recording = film(tmp_path / f"{number}.mp4", seconds=2 + number, size="320x180")
        made = transcode(recording, store, [CaptionInput(tmp_path / "zh.vtt", "zh")])
        with office.services.database.unit_of_work() as session:
            session.get_one(Lesson, UUID(lesson)).package_name = made.name
    return lessons


def test_several_are_approved_together_each_with_its_own_outcome(watched: Watched, clean: list[str]) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("ma")
    for lesson in clean:
        watched.go(f"/lessons/{lesson}")
    watched.go("/review")
    boxes = page.locator("main tbody input[name=lesson]:enabled")
    assert [one.get_attribute("value") for one in boxes.all()] == [f"{lesson}:1" for lesson in clean]
    for box in boxes.all():
        box.check()
    page.get_by_role("button", name="批准并签名所选").click()
    expect(page.locator("main .wrong")).to_contain_text("逐项确认")
    assert page.locator("main tbody input[name=lesson]:checked").count() == len(clean)
    assert post(watched, f"/lessons/{clean[1]}/send-back", reason="字太小")[0] == 200
    tick_all(page)
    page.get_by_role("button", name="批准并签名所选").press("Enter")
    expect(page.locator("h1")).to_contain_text("2 课中已签名 1 课")
    rows = page.locator("main tbody tr")
    expect(rows.nth(0)).to_contain_text("已批准并签名")
    expect(rows.nth(1)).to_contain_text("马晓峰 已经决定")
    assert [state_of(office, lesson)[0] for lesson in clean] == [LessonState.APPROVED, LessonState.RETURNED]


def test_who_may_not_approve_sees_no_queue(watched: Watched) -> None:
    watched.sign_in("li")
    assert watched.go("/review") == 403


def test_source_and_days_are_kept_and_the_wrong_order_is_told(watched: Watched, lessons: list[str]) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/lessons/{lessons[0]}")
    today = local(datetime.now(UTC)).date()
    page.locator("section:has(#terms-heading) summary").press("Enter")
    page.select_option("#origin", "broadcaster")
    page.fill("#origin_name", "宁夏广播电视台")
    page.fill("#rights", "授权一年")
    page.fill("#airable_from", f"{today:%Y-%m-%d}")
    page.fill("#expires_on", f"{today - timedelta(days=1):%Y-%m-%d}")
    page.locator("form[action$='/terms'] button").click()
    expect(page.locator(".summary-of-errors")).to_contain_text("早于")
    assert page.input_value("#rights") == "授权一年"
    page.fill("#expires_on", f"{today + timedelta(days=10):%Y-%m-%d}")
    page.locator("form[action$='/terms'] button").click()
    expect(page.locator("section:has(#terms-heading)")).to_contain_text("宁夏广播电视台")
    with office.services.database.reader() as session:
        found = session.get_one(Lesson, UUID(lessons[0]))
        assert found.terms.last == today + timedelta(days=10)


def test_both_pages_work_in_both_languages(watched: Watched, lessons: list[str]) -> None:
    page = watched.page
    watched.sign_in("ma")
    for language, words in (("en", "Your decision"), ("zh_CN", "您的决定")):
        watched.go(f"/lessons/{lessons[0]}")
        page.locator(f"form[action='/language/{language}'] button").click()
        expect(page.locator("#decision-heading")).to_have_text(re.compile(words))

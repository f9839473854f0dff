"""The player of a lesson's page: every rendition, sound and caption of a real package, in a real browser."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from media_pipeline.transcode import Package
from tests.contentserver.pages.conftest import Watched

pytestmark = pytest.mark.xdist_group("pages")
WAIT_MS = 20_000


def until(page: Page, condition: str) -> None:
    """Wait in the page until a condition on its `video` holds; the page's policy forbids playwright's own way."""
    held = page.evaluate(
        f"""async () => {{
            const video = document.querySelector("video");
            const end = performance.now() + {WAIT_MS};
            while (!({condition}) && performance.now() < end) await new Promise((go) => setTimeout(go, 30));
            return Boolean({condition});
        }}"""
    )
    assert held, f"{condition}: {state(page)}"


def state(page: Page) -> object:
    """How the video stands, for a failed test."""
    return page.evaluate(
        """() => { const {currentTime, paused, readyState, videoHeight, error} = document.querySelector("video");
        return {currentTime, paused, readyState, videoHeight, error: error?.message}; }"""
    )


def plays_on(page: Page) -> None:
    """Wait until the video has moved on by half a second from where it is now."""
    at = page.evaluate("document.querySelector('video').currentTime % 13")
    until(page, f"!video.paused && video.readyState > 2 && video.currentTime > {at} + 0.5")


@pytest.fixture
def player(watched: Watched) -> tuple[Page, list[Response]]:
    """A lesson's page at its beginning, its sound off, and the answers to come from its package."""
    answers: list[Response] = []
    watched.page.on("response", lambda one: answers.append(one) if "/media/" in one.url else None)
    watched.sign_in("ma")
    watched.go(f"/lessons/{watched.office.waiting_lesson}")
    watched.page.locator("[data-controls]").wait_for()
    watched.page.evaluate("document.querySelector('video').muted = true")
    return watched.page, answers


def fetched(answers: list[Response], part: str) -> bool:
    """Whether a file of the package came whose path holds this."""
    return any(part in urlsplit(one.url).path and one.status in {200, 206} for one in answers)


def test_every_rendition_plays_and_every_request_carries_the_signature(
    player: tuple[Page, list[Response]], package: tuple[object, Package]
) -> None:
    page, answers = player
    manifest = package[1].manifest
    assert {one.kind for one in manifest.renditions} == {"video", "audio"}
    page.click("[data-play]")
    plays_on(page)
    for rendition in manifest.renditions:
        page.locator("[data-seek] input").press("Home")
        page.select_option("[data-rendition]", rendition.name)
        height = f"video.videoHeight === {rendition.height}"
        until(page, f"{height} && !video.paused && video.readyState > 2 && video.currentTime > 0.5")
        assert fetched(answers, f"/{rendition.playlist}")
    page.select_option("[data-rendition]", "")
    until(page, "video.videoHeight > 0 && !video.paused")
    assert page.locator("[data-trouble]").is_hidden()
    assert [one.url for one in answers if one.status >= 400 or not parse_qs(urlsplit(one.url).query).get("s")] == []


def test_the_other_sound_is_heard_with_the_picture_and_alone(player: tuple[Page, list[Response]]) -> None:
    page, answers = player
    assert page.locator("[data-sound] option").all_inner_texts() == ["普通话", "湘语"]
    page.click("[data-play]")
    plays_on(page)
    assert not fetched(answers, "-1/seg-")
    page.select_option("[data-sound]", "1")
    page.locator("[data-seek] input").press("Home")
    plays_on(page)
    assert fetched(answers, "-1/seg-")
    answers.clear()
    page.select_option("[data-rendition]", "sound")
    until(page, "video.videoHeight === 0 && !video.paused && video.readyState > 2")
    plays_on(page)
    assert fetched(answers, "-1/seg-")
    assert not fetched(answers, "-0/seg-")


def test_captions_are_shown_from_the_start_changed_and_put_away(player: tuple[Page, list[Response]]) -> None:
    page, _answers = player
    showing = "[...video.textTracks].filter((track) => track.mode === 'showing')"
    words = f"{showing}.flatMap((track) => [...(track.activeCues ?? [])]).map((cue) => cue.text).join()"
    page.click("[data-play]")
    until(page, f"{words} === '缺哪样补哪样'")
    page.select_option("[data-captions]", label="字幕 英语")
    until(page, f"{words} === 'What is missing is added'")
    page.select_option("[data-rendition]", "sound")
    until(page, f"video.videoHeight === 0 && {words} === 'What is missing is added'")
    page.select_option("[data-captions]", "")
    until(page, f"{showing}.length === 0")


def test_a_remark_and_a_chapter_lead_to_their_moment(player: tuple[Page, list[Response]]) -> None:
    page, _answers = player
    silence = page.locator(".checks .risk", has_text="没有声音").locator("[data-jump]")
    at = int(silence.get_attribute("data-jump") or "") / 1000
    assert 5.5 < at < 6.5
    silence.click()
    until(page, f"!video.paused && video.currentTime >= {at} && video.currentTime < {at} + 4")
    expect(page.locator(".chapters [aria-current]")).to_contain_text("取土样")
    page.locator(".chapters button", has_text="看懂化验单").click()
    until(page, "!video.paused && video.currentTime >= 11 && video.readyState > 2")
    expect(page.locator(".chapters [aria-current]")).to_contain_text("看懂化验单")


def test_the_keyboard_alone_plays_seeks_and_turns_everything(player: tuple[Page, list[Response]]) -> None:
    page, answers = player
    reached: list[str] = []
    page.locator("[data-player]").focus()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => { const one = document.activeElement;
                if (!one.closest("[data-controls]")) return "";
                const ring = getComputedStyle(one);
                return ring.outlineStyle === "none" || parseFloat(ring.outlineWidth) < 3 ? "no ring"
                    : Object.keys(one.dataset).find((name) => !name.startsWith("text")) ?? one.type; }"""
            )
        )
    wanted = ["range", "play", "mute", "volume", "sound", "captions", "speed", "rendition", "full"]
    assert [name for name in reached if name] == wanted
    page.locator("[data-seek] input").focus()
    page.keyboard.press("ArrowRight")
    until(page, "video.currentTime === 5")
    expect(page.locator("[data-seek] input")).to_have_attribute("aria-valuetext", "00:05")
    expect(page.locator("[data-preview]")).to_contain_text("取土样 00:05")
    page.keyboard.press(" ")
    until(page, "!video.paused && video.currentTime > 5.3")
    expect(page.locator("[data-play]")).to_have_attribute("aria-label", "暂停")
    page.keyboard.press("k")
    until(page, "video.paused")
    page.keyboard.press("c")
    until(page, "[...video.textTracks].every((track) => track.mode !== 'showing')")
    page.keyboard.press("m")
    until(page, "!video.muted")
    page.locator("[data-speed]").focus()
    page.keyboard.press("ArrowDown")
    until(page, "video.playbackRate === 1.25")
    assert fetched(answers, "/thumbnails/")


def test_pointing_at_the_bar_shows_the_picture_of_that_moment(player: tuple[Page, list[Response]]) -> None:
    page, answers = player
    box = page.locator("[data-seek] input").bounding_box()
    assert box is not None
    with page.expect_response(lambda one: "/thumbnails/sheet" in one.url) as sheet:
        page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    assert sheet.value.status == 200
    expect(page.locator("[data-preview]")).to_contain_text("看懂化验单 00:11")
    assert not fetched(answers, "/seg-")
    page.mouse.move(0, 0)
    expect(page.locator("[data-preview]")).to_be_hidden()


def test_the_table_tells_what_each_rendition_costs(
    player: tuple[Page, list[Response]], package: tuple[object, Package]
) -> None:
    page, _answers = player
    rows = page.locator(".renditions tbody tr").all_inner_texts()
    assert len(rows) == len(package[1].manifest.renditions)
    assert "只听声音" in rows[-1]
    assert all("秒送达" in row for row in rows)
    assert all("VMAF" in row for row in rows[:-1])
    assert "LUFS" in page.locator("table", has_text="响度").inner_text()


def test_a_line_that_breaks_is_told_and_play_goes_on_once_it_is_back(player: tuple[Page, list[Response]]) -> None:
    page, _answers = player
    page.route("**/media/**/seg-*", lambda route: route.fulfill(status=404))
    page.reload()  # what came before the line broke is forgotten
    page.click("[data-play]")
    expect(page.locator("[data-trouble]")).to_contain_text("请按播放再试", timeout=WAIT_MS)
    page.unroute_all()
    page.click("[data-play]")
    plays_on(page)
    expect(page.locator("[data-trouble]")).to_be_hidden()

"""Lessons: upload in pieces, nothing from half a file, approval by another person."""

import base64
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from contentserver.courses import Lesson, LessonState
from tests.contentserver.pages.conftest import Watched
from tests.media_pipeline.conftest import film

pytestmark = pytest.mark.xdist_group("pages")
MP4 = b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
"""How a recording begins."""


def test_a_recording_goes_up_and_becomes_a_lesson(watched: Watched, tmp_path: Path) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/courses/{office.course}/lessons/new")
    page.fill("#title", "手机防诈骗三招")
    page.set_input_files("#recording_file", film(tmp_path / "../..mp4", seconds=1, size="320x180"))
    page.click("button[type=submit].primary")
    page.wait_for_url("**/lessons/*-*")
    assert page.locator("h1").inner_text() == "手机防诈骗三招"
    assert page.locator(".chip").inner_text() == "正在制作"
    with page.expect_navigation():
        page.click("form[action$='/cancel'] button")
    assert page.locator(".chip").inner_text() == "草稿"
    assert page.locator("form[action$='/retry']").count() == 1


def deliver(watched: Watched, data: bytes, name: str) -> str:
    """Send a file by the protocol, as the signed-in person; gives back its upload's id."""
    page = watched.page
    tus = {"X-CSRFToken": page.get_attribute("meta[name=csrf-token]", "content") or "", "Tus-Resumable": "1.0.0"}
    about = {"Upload-Length": str(len(data)), "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}"}
    made = page.request.post(f"{watched.office.url}/uploads", headers={**tus, **about})
    piece = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert page.request.patch(watched.office.url + made.headers["location"], headers=piece, data=data).status == 204
    return made.headers["location"].rsplit("/", 1)[1]


def files_of(watched: Watched, title: str) -> list[tuple[str, str]]:
    """Kind and language of what lies beside the recording of the lesson with this title."""
    with watched.office.services.database.reader() as session:
        lesson = session.scalars(select(Lesson).where(Lesson.title == title)).one()
        assert lesson.transcode is not None
        assert (watched.office.services.settings.uploads_dir / lesson.transcode.source).exists()
        return [(file.kind, file.language) for file in lesson.transcode.files]


def add_file(page: Page, kind: str, file: Path, language: str) -> None:
    """Add a row for a file by the keyboard, and choose the file."""
    page.locator(f"#{kind}_upload [data-add]").press("Enter")
    row = page.locator(f"#{kind}_upload [data-rows] [data-file]").last
    expect(row.locator("input[type=file]")).to_be_focused()
    row.locator("input[type=file]").set_input_files(file)
    row.locator("select").select_option(language)


def test_captions_and_sounds_go_up_with_their_languages_and_a_mistake_loses_nothing(
    watched: Watched, tmp_path: Path
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/courses/{office.course}/lessons/new")
    page.fill("#title", "两种话讲一课")
    (tmp_path / "lesson.mp4").write_bytes(MP4 + b"m" * 100_000)
    page.set_input_files("#recording_file", tmp_path / "lesson.mp4")
    for number, language in enumerate(("zh", "zh")):
        (tmp_path / f"{number}.srt").write_text(f"{number}")
        add_file(page, "captions", tmp_path / f"{number}.srt", language)
    (tmp_path / "xiang.m4a").write_bytes(MP4 + b"s" * 1000)
    add_file(page, "sound", tmp_path / "xiang.m4a", "hsn")
    add_file(page, "sound", tmp_path / "xiang.m4a", "yue")
    page.locator("#sound_upload [data-remove]").last.press("Enter")
    expect(page.locator("#sound_upload [data-add]")).to_be_focused()
    page.click("button[type=submit].primary")
    expect(page.locator(".summary-of-errors")).to_contain_text("这种语言的字幕已经有了")
    assert page.locator("[data-here]:visible").all_inner_texts() == [
        f"已传完：{name}" for name in ("lesson.mp4", "0.srt", "1.srt", "xiang.m4a")
    ]
    page.locator("#captions_upload select").nth(1).select_option("en")
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if "/uploads" in asked.url else None)
    page.click("button[type=submit].primary")
    page.wait_for_url("**/lessons/*-*")
    assert sent == []
    assert files_of(watched, "两种话讲一课") == [("captions", "zh"), ("captions", "en"), ("sound", "hsn")]


def test_an_upload_goes_on_after_a_reload_where_the_line_broke(watched: Watched, tmp_path: Path) -> None:
    page, office = watched.page, watched.office
    (tmp_path / "long.mp4").write_bytes(MP4 + bytes(range(256)) * 40_000)
    watched.sign_in("li")
    page.on("dialog", lambda dialog: dialog.accept())
    watched.go(f"/courses/{office.course}/lessons/new")
    pieces: list[str] = []
    page.on("request", lambda asked: pieces.append(asked.method) if "/uploads/" in asked.url else None)
    page.route(
        "**/uploads/*",
        lambda route: (
            route.abort() if pieces.count("PATCH") > 1 and route.request.method == "PATCH" else route.continue_()
        ),
    )
    page.fill("#title", "断了再传")
    page.set_input_files("#recording_file", tmp_path / "long.mp4")
    page.click("button[type=submit].primary")
    expect(page.locator("[data-recording] [data-line]")).to_contain_text("线路断了")
    watched.go(f"/courses/{office.course}/lessons/new")  # and the line is there again once the old page has gone
    page.unroute_all()
    pieces.clear()
    page.fill("#title", "断了再传")
    page.set_input_files("#recording_file", tmp_path / "long.mp4")
    page.click("button[type=submit].primary")
    page.wait_for_url("**/lessons/*-*")
    assert pieces == ["HEAD", "PATCH", "PATCH"]
    assert files_of(watched, "断了再传") == []


def test_the_same_upload_posted_twice_is_one_lesson(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    fields = [
        ("csrf_token", page.get_attribute("meta[name=csrf-token]", "content") or ""),
        ("title", "只有一课"),
        ("upload", deliver(watched, MP4, "film.mp4")),
    ]
    for language in ("zh", "ug"):
        fields += [("captions_upload", deliver(watched, b"WEBVTT", "a.vtt")), ("captions_language", language)]
    json = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    address = f"{office.url}/courses/{office.course}/lessons"
    answers = [page.request.post(address, headers=json, data=urlencode(fields)) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert files_of(watched, "只有一课") == [("captions", "zh"), ("captions", "ug")]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [(("captions_language", "tlh"), "请从列表里选择语言"), (("captions_upload", "0" * 32), "没有这次上传")],
)
def test_a_wrong_language_or_upload_is_told_beside_its_file(
    watched: Watched, wrong: tuple[str, str], sentence: str
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    before = office.lesson_states()
    fields: dict[str, str | float | bool] = {
        "csrf_token": page.get_attribute("meta[name=csrf-token]", "content") or "",
        "title": "填错了",
        "upload": deliver(watched, MP4, "film.mp4"),
        "captions_upload": deliver(watched, b"WEBVTT", "a.vtt"),
        "captions_language": "zh",
    }
    fields[wrong[0]] = wrong[1]
    address = f"{office.url}/courses/{office.course}/lessons"
    answer = page.request.post(address, form=fields)
    assert answer.status == 422
    assert answer.text().count(sentence) == 2
    assert str(fields["upload"]) in answer.text()
    told = page.request.post(address, form=fields, headers={"Accept": "application/json"})
    assert told.status in {404, 422}
    assert sentence in told.json()["title"]
    assert office.lesson_states() == before


@pytest.mark.parametrize(
    ("field", "data", "more", "code"),
    [
        ("upload", b"MZ" + bytes(200), {}, "not_a_recording"),
        ("upload", b"#EXTM3U\nfile:///etc/passwd", {}, "not_a_recording"),
        ("captions_upload", b"\x89PNG\r\n" + bytes(20), {"captions_language": "zh"}, "not_captions"),
        ("captions_upload", b"<html><script>1</script>", {"captions_language": "zh"}, "not_captions"),
        ("sound_upload", b"<svg onload='x'/>", {"sound_language": "zh"}, "not_a_recording"),
    ],
)
def test_what_is_something_else_makes_no_lesson(
    watched: Watched, field: str, data: bytes, more: dict[str, str], code: str
) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    before = office.lesson_states()
    form: dict[str, str | float | bool] = {
        "csrf_token": page.get_attribute("meta[name=csrf-token]", "content") or "",
        "title": "不是录像",
        "upload": deliver(watched, MP4, "film.mp4"),
        **more,
        field: deliver(watched, data, "film.mp4"),
    }
    address = f"{office.url}/courses/{office.course}/lessons"
    told = page.request.post(address, form=form, headers={"Accept": "application/json"})
    assert (told.status, told.json()["code"]) == (422, code)
    assert page.request.post(address, form=form).status == 422
    assert office.lesson_states() == before


def test_half_a_file_makes_no_lesson_and_the_page_says_so(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    before = office.lesson_states()
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    tus = {"X-CSRFToken": token, "Tus-Resumable": "1.0.0"}
    name = base64.b64encode(b"../../etc/passwd").decode()
    made = page.request.post(
        office.url + "/uploads", headers={**tus, "Upload-Length": "1000", "Upload-Metadata": f"filename {name}"}
    )
    assert made.status == 201
    piece = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert page.request.patch(office.url + made.headers["location"], headers=piece, data=b"x" * 400).status == 204
    form: dict[str, str | float | bool] = {
        "csrf_token": token,
        "title": "半截",
        "upload": made.headers["location"].rsplit("/", 1)[1],
    }
    answer = page.request.post(f"{office.url}/courses/{office.course}/lessons", form=form)
    assert answer.status == 422
    assert "文件没有传完整" in answer.text()
    assert office.lesson_states() == before


def test_somebody_elses_upload_is_not_to_be_had(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    token = page.get_attribute("meta[name=csrf-token]", "content") or ""
    made = page.request.post(
        office.url + "/uploads",
        headers={"X-CSRFToken": token, "Tus-Resumable": "1.0.0", "Upload-Length": "10"},
    )
    page.context.clear_cookies()
    watched.sign_in("chen")
    head = page.request.fetch(office.url + made.headers["location"], method="HEAD", headers={"Tus-Resumable": "1.0.0"})
    assert head.status == 404


def test_the_uploader_sees_no_decision_and_another_person_approves(watched: Watched) -> None:
    page, office = watched.page, watched.office
    watched.sign_in("li")
    watched.go(f"/lessons/{office.lesson}")
    assert "马晓峰 已批准并签名" in page.locator("main").inner_text()
    assert page.locator("form[action$='/approve']").count() == 0
    assert page.locator("table tbody tr").count() >= 1
    status = page.request.get(f"{office.url}/api/v1/lessons/{office.lesson}").json()
    assert (status["state"], status["approved_by"]) == (LessonState.APPROVED, "马晓峰")
    seconds = page.locator("video").evaluate(
        """video => new Promise((done, failed) => {
            video.muted = true;
            video.ontimeupdate = () => video.currentTime > 0.2 && done(video.currentTime);
            video.play().catch(failed);
        })"""
    )
    assert seconds > 0.2

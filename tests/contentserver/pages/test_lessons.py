"""Lessons: upload in pieces, nothing from half a file, approval by another person."""

import base64
from pathlib import Path

import pytest

from contentserver.courses import LessonState
from tests.contentserver.pages.conftest import Watched
from tests.media_pipeline.conftest import film

pytestmark = pytest.mark.xdist_group("pages")


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

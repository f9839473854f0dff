"""The planner's desk against rubbish, tampering and strangers; open to all who may come, in both skins."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from contentserver.courses import Course, Lesson, LessonState
from tests.contentserver.pages.conftest import Watched
from tests.contentserver.pages.desk.conftest import (
    MISSING,
    NEXT_MONDAY,
    OTHER_COUNTY,
    TOWNSHIPS,
    at,
    drafted_titles,
    lesson_id,
    plan,
    publish,
    send,
    sit_down,
    staff,
    submit,
)
from tests.contentserver.pages.looks import every_look, read_in
from tests.contentserver.pages.test_every_page import serious

pytestmark = pytest.mark.xdist_group("planning-desk")


def test_slots_that_were_tampered_with_are_refused_in_words(watched: Watched) -> None:
    code, page = TOWNSHIPS["rubbish"], sit_down(watched, "li")
    with watched.office.services.database.unit_of_work() as session:
        course = session.scalars(select(Course)).first()
        assert course is not None
        known = lesson_id(session, "看懂化验单")
        waiting = Lesson(
            course_id=course.id,
            number=99,
            title="没批准的课",
            state=LessonState.IN_REVIEW,
            uploader_id=staff(session, "li").id,
            created_at=datetime.now(UTC),
            package_name="sha256-waiting",
            duration_ms=60_000,
        )
        session.add(waiting)
        session.flush()
        unapproved = str(waiting.id)
    slot = {"id": "", "lessons": [known], "local_start": at(0, 10).isoformat()}
    cases = {
        "not json": "cannot be read any more",
        "[" * 100_000: "cannot be read any more",
        "[]": "cannot be read any more",
        json.dumps([slot | {"lessons": []}]): "cannot be read any more",
        json.dumps([slot | {"local_start": "9999-12-31T23:59:59"}]): "cannot be read any more",
        json.dumps([slot | {"local_start": "2026-12-01T10:00:00+08:00"}]): "cannot be read any more",
        json.dumps([slot | {"exceptions": ["0001-01-01T00:00:00"]}]): "cannot be read any more",
        json.dumps([slot | {"zone": "Mars/Olympus"}]): "cannot be read any more",
        json.dumps([slot | {"zone": "../../etc/passwd"}]): "cannot be read any more",
        json.dumps([slot | {"lessons": [str(uuid4())]}]): "does not exist, or is not for this region",
        json.dumps([slot | {"lessons": ["x'; --"]}]): "does not exist, or is not for this region",
        json.dumps([slot | {"lessons": [unapproved]}]): "has not been approved yet",
        json.dumps([slot | {"rule": "FREQ=SECONDLY"}]): "",
        json.dumps([slot | {"rule": "FREQ=NONSENSE"}]): "This repetition cannot be understood.",
        json.dumps([slot | {"local_start": "2020-01-01T10:00:00"}]): "This time has passed.",
        json.dumps([slot, slot]): "Something else airs at that time in this layer.",
    }
    for text, sentence in cases.items():
        status, words = send(watched, "/timetable/import", region=code, slots=text)
        assert (status, sentence in words) == (422, True), text[:200]
    assert page.title()
    assert drafted_titles(watched.office, code) == []


def test_rubbish_gets_a_sentence_and_changes_nothing(watched: Watched) -> None:
    code, empty = TOWNSHIPS["review"], TOWNSHIPS["empty"]
    page = sit_down(watched, "chen")
    week = str(NEXT_MONDAY)
    forms: list[tuple[str, dict[str, str], int]] = [
        ("/timetable/copies", {}, 404),
        ("/timetable/copies", {"region": "0"}, 404),
        ("/timetable/copies", {"region": empty, "regions": "1 OR 1", "week": week, "to": week}, 404),
        ("/timetable/copies", {"region": empty, "regions": empty, "week": "soon", "to": week}, 422),
        ("/timetable/copies", {"region": empty, "regions": empty, "week": week, "to": "9999-12-31"}, 422),
        ("/timetable/copies", {"region": empty, "regions": empty, "week": week, "to": week}, 422),
        ("/timetable/copies", {"region": empty, "regions": empty, "to": week, "template": "no-id"}, 422),
        ("/timetable/copies", {"region": empty, "regions": empty, "to": week, "template": str(uuid4())}, 404),
        ("/timetable/templates", {"region": empty, "week": week, "name": "空"}, 422),
        ("/timetable/templates", {"region": empty, "week": "", "name": "空"}, 422),
        (f"/timetable/templates/{uuid4()}/remove", {}, 404),
        ("/timetable/import", {}, 404),
        ("/timetable/import", {"region": empty}, 422),
        ("/timetable/quotas", {"region": ""}, 404),
        ("/timetable/quotas", {"region": empty}, 422),
        ("/timetable/holidays", {}, 403),
        (f"/timetable/{empty}/submit", {}, 422),
        (f"/timetable/{empty}/approve", {}, 409),
        (f"/timetable/{empty}/approve", {"version": "9" * 40}, 409),
        (f"/timetable/{empty}/send-back", {"note": "x"}, 409),
        (f"/timetable/{empty}/take-back", {}, 409),
        (f"/timetable/{empty}/history/{10**30}", {}, 404),
        ("/timetable/nowhere/submit", {}, 403),
        ("/timetable/640221999/submit", {}, 404),
    ]
    for path, fields, expected in forms:
        status, words = send(watched, path, **fields)
        assert status == expected, (path, fields, words[:200])
        assert "Something went wrong" not in words
    for path in (
        f"/timetable/copies?region={empty}&week=9999-12-31&to=0001-01-01",
        f"/timetable/quotas?region={empty}&month=9999-12&page={10**30}",
        "/timetable/quotas?month=0001-01",
        f"/timetable/{empty}/missing?page=-5&cause=none",
        f"/timetable/{empty}/review",
        f"/timetable/{code}/history",
    ):
        assert watched.go(path) == 200, path
    assert page.title()


def test_other_regions_and_roles_stay_outside(watched: Watched) -> None:
    code = MISSING
    sit_down(watched, "fang")
    week = str(NEXT_MONDAY)
    for path in ("review", "history", "missing", "slots.ics"):
        assert watched.go(f"/timetable/{code}/{path}") == 403, path
    watched.go("/timetable/reviews")
    for path, fields in (
        (f"/timetable/{code}/submit", {}),
        (f"/timetable/{code}/history/1", {}),
        ("/timetable/copies", {"region": code, "regions": code, "week": week, "to": week}),
        ("/timetable/copies", {"region": OTHER_COUNTY, "regions": code, "week": week, "to": week}),
        ("/timetable/templates", {"region": code, "week": week, "name": "别人的"}),
        ("/timetable/import", {"region": code, "slots": "[]"}),
        ("/timetable/quotas", {"region": code, "sessions": "1", "hours": "1"}),
    ):
        assert send(watched, path, **fields)[0] == 403, path
    sit_down(watched, "ma")
    assert send(watched, f"/timetable/{code}/submit")[0] == 403
    sit_down(watched, "li")
    assert send(watched, f"/timetable/{code}/approve")[0] == 403
    assert send(watched, f"/timetable/{code}/send-back", note="x")[0] == 403


@every_look
def test_every_page_of_the_desk_is_open_to_all(watched: Watched, scheme: str, language: str) -> None:
    code = TOWNSHIPS["shown"]
    if not drafted_titles(watched.office, code):
        plan(watched.office, code, "看懂化验单", at(0, 8))
        publish(watched.office, code)
        plan(watched.office, code, "秋后取土样", at(1, 8))
        submit(watched.office, code)
    page = sit_down(watched, "chen")
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    if language == "zh_CN":
        read_in(page, "zh-CN")
    paths = ["/timetable/reviews", f"/timetable/copies?region={code}&week={NEXT_MONDAY}", "/timetable/holidays"]
    paths += [f"/timetable/import?region={code}", f"/timetable/quotas?region={MISSING}"]
    paths += [
        f"/timetable/{one}/{name}" for one in (code, TOWNSHIPS["empty"]) for name in ("review", "history", "missing")
    ]
    for path in paths:
        assert watched.go(path) == 200, path
        page.locator("html.scripted").wait_for(state="attached")
        assert page.locator("h1").count() == 1, path
        assert page.locator(".desk a[aria-current=page]").count() == 1, path
        assert serious(page) == [], path
        page.set_viewport_size({"width": 360, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} is too wide"
        page.set_viewport_size({"width": 1366, "height": 768})

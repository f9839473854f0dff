"""The API for programs: by token alone, within its region, and every answer as the document says."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from sqlalchemy import select
from werkzeug.test import TestResponse

from contentserver import figures, stations
from contentserver.app import Services, create_app
from contentserver.attendance import take_in
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.members import Member, add_member
from contentserver.reports import tokens
from contentserver.reports.answers import iso_duration
from contentserver.reports.models import ApiToken
from contentserver.stations import Station
from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.messages import AiringStarted, EventBatch, EventBody, PlaybackSpan, SignedIn, SignInMethod
from schedules.wire.topics import BoxId
from tests.contentserver.journals import records
from tests.serving import SECRET, hire, import_regions, services_in

COUNTY, TOWNSHIP, VILLAGE, ELSEWHERE = "640221", "640221203", "640221203205", "640202"
EVENING = datetime(2026, 10, 12, 11, 30, tzinfo=UTC)
OCTOBER = "from=2026-10-01&to=2026-10-31"
NAMES = ("马建国", "王小芳", "杨秀英")
CARD = LessonCard(id=LessonId("l1"), title="看懂化验单", course="测土配方施肥")


@dataclass
class Program:
    """Another program with a token of the county."""

    client: FlaskClient
    services: Services
    secret: str
    members: list[str]

    def ask(self, path: str, secret: str | None = None) -> TestResponse:
        return self.client.get(path, headers={"Authorization": f"Bearer {secret or self.secret}"})

    def valid(self, path: str, schema: str) -> Any:
        """An answer that is what the document says of it."""
        answer = self.ask(path)
        assert answer.status_code == 200, answer.text
        document = self.client.get("/api/v1/openapi.json").json
        assert document is not None
        Draft202012Validator({**document, "$ref": f"#/components/schemas/{schema}"}).validate(answer.json)
        return answer.json


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    services = services_in(tmp_path_factory.mktemp("api"))
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, COUNTY)
        who = hire(session, {"wang": ("王立新", Role.COUNTY_STAFF, COUNTY)}, clock.now())["wang"]
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        box = Box(station_id=station.id, public_key="key", http_token_hash="hash", enrolled_at=EVENING)
        session.add(box)
        session.flush()
        for number, name in enumerate(NAMES):
            add_member(session, station.id, name, f"{101 + number}")
        members = [str(one) for one in session.scalars(select(Member.id).where(Member.station_id == station.id))]
        take_in(session, box, EventBatch(box=BoxId(box.id), epoch="e", events=_evening(members[:2])), EVENING)
        figures.refresh(session)
        secret = tokens.make_token(session, who, "平台", 30, clock.now())[1]
    yield Program(create_app(services.settings, services).test_client(), services, secret, members)
    services.database.engine.dispose()


def _evening(members: list[str]) -> Any:
    airing, package = AiringId("airing-1"), PackageName("p")
    bodies: list[EventBody] = [
        AiringStarted(
            airing=airing, planned_start=EVENING, duration_ms=60_000, lesson=CARD, package=package, late_ms=20
        ),
        *(SignedIn(airing=airing, lesson=CARD, member=one, method=SignInMethod.NAME) for one in members),
        PlaybackSpan(airing=airing, lesson=CARD, package=package, from_ms=0, to_ms=60_000, started_at=EVENING),
    ]
    return records(*bodies, since=EVENING)


def test_the_document_is_openapi_and_names_what_there_is(program: Program) -> None:
    document = program.client.get("/api/v1/openapi.json").json
    assert document is not None
    validate(document)
    assert document["openapi"] == "3.1.0"
    rules = {rule.rule for rule in program.client.application.url_map.iter_rules()}
    assert set(document["paths"]) < rules


def test_figures_stand_with_both_parts_of_every_share(program: Program) -> None:
    found = program.valid(f"/api/v1/figures?{OCTOBER}", "FiguresAnswer")
    assert (found["region"], found["from"], found["to"]) == (COUNTY, "2026-10-01", "2026-10-31")
    numbers = found["figures"]
    assert (numbers["came"], numbers["expected"], numbers["people"]) == (2, 3, 2)
    assert numbers["stations_showing"] == 1 < numbers["stations"]
    below = {one["region"]: one["figures"]["came"] for one in found["regions"]}
    assert below[TOWNSHIP] == 2 == sum(below.values())
    assert [(one["course"], one["figures"]["came"]) for one in found["courses"]] == [("测土配方施肥", 2)]
    none = program.valid(f"/api/v1/figures?{OCTOBER}&course=nothing&region={VILLAGE}", "FiguresAnswer")
    assert (none["figures"]["came"], none["regions"], none["courses"]) == (0, [], [])


def test_sessions_come_in_pages(program: Program) -> None:
    found = program.valid(f"/api/v1/sessions?{OCTOBER}", "SessionsAnswer")
    assert (found["page"], found["pages"], found["total"]) == (1, 1, 1)
    (one,) = found["sessions"]
    assert (one["lesson"], one["came"], one["expected"], one["late_ms"]) == ("看懂化验单", 2, 3, 20)
    assert program.valid(f"/api/v1/sessions?{OCTOBER}&page=9", "SessionsAnswer") == found
    nothing = program.valid("/api/v1/sessions?from=2020-01-01&to=2020-01-31", "SessionsAnswer")
    assert (nothing["total"], nothing["sessions"]) == (0, [])


def test_statements_say_who_attended_under_pseudonyms(program: Program) -> None:
    answer = program.ask(f"/api/v1/xapi.jsonl?{OCTOBER}")
    assert answer.content_type == "application/jsonl"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert len(lines) == len({line["id"] for line in lines}) == 2
    for line in lines:
        assert line["verb"]["id"] == "http://adlnet.gov/expapi/verbs/attended"
        assert line["object"]["definition"]["name"] == {"zh-CN": "看懂化验单"}
        assert line["actor"]["account"]["homePage"] == program.services.settings.public_url
        assert line["result"]["duration"].startswith("PT")
        assert line["timestamp"].endswith("Z")
    assert not [one for one in (*program.members, *NAMES, SECRET) if one in answer.text]
    again = program.ask(f"/api/v1/xapi.jsonl?{OCTOBER}&region={VILLAGE}")
    assert again.text == answer.text
    assert program.ask("/api/v1/xapi.jsonl?from=2020-01-01&to=2020-01-31").text == ""


@pytest.mark.parametrize("path", ["figures", "sessions", "xapi.jsonl"])
def test_what_is_refused(program: Program, path: str) -> None:
    address = f"/api/v1/{path}"
    for answer in (program.client.get(address), program.ask(address, "yj_wrong")):
        assert answer.status_code == 401
        assert set(answer.json or {}) == {"code", "title"}
    assert program.ask(f"{address}?region={ELSEWHERE}").status_code == 403
    assert program.ask(f"{address}?region=nowhere").status_code == 404
    for days in ("from=yesterday", "to=2026-13-01", "to=0999-01-01"):
        assert program.ask(f"{address}?{days}").status_code == 422


@pytest.mark.parametrize("page", ["0", "-1", "x", "1.5", ""])
def test_pages_that_are_none(program: Program, page: str) -> None:
    assert program.ask(f"/api/v1/sessions?page={page}").status_code == 422


def test_a_token_notes_its_use_and_opens_nothing_once_it_ended(program: Program) -> None:
    with program.services.database.unit_of_work() as session:
        row = session.scalars(select(ApiToken)).one()
        who = tokens.person_with(session, program.secret, clock.now())[1]
        second, secret = tokens.make_token(session, who, "zweite", 1, clock.now())
    assert program.ask("/api/v1/figures", secret).status_code == 200
    with program.services.database.unit_of_work() as session:
        assert session.get_one(ApiToken, second.id).used_at is not None
        tokens.revoke(session, who, second.id, clock.now())
    assert program.ask("/api/v1/figures", secret).status_code == 401
    assert program.ask("/api/v1/figures").status_code == 200
    assert row.revoked_at is None


def test_a_token_is_no_way_to_the_pages(program: Program) -> None:
    assert program.ask("/reports").status_code == 302
    assert program.client.post("/api/v1/figures").status_code == 405


def test_lengths_are_written_as_iso_says() -> None:
    written = [iso_duration(one) for one in (0, 999, 1000, 61_230, -5, 3_600_000)]
    assert written == ["PT0S", "PT0.99S", "PT1S", "PT61.23S", "PT0S", "PT3600S"]

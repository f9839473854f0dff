"""The server against its documents: whatever is asked of an operation, it answers as the document says, or refuses.

Cases come from the documents (schemathesis), right ones and wrong ones, the same each time. The document for programs
is the server's own (`/api/v1/openapi.json`); that of boxes stands in `box_document.py`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from contentserver import boxes, stations
from contentserver.app import Services, create_app
from contentserver.boxes import Box
from contentserver.kernel import http
from contentserver.kernel.auth import Role
from contentserver.reports import tokens
from contentserver.stations import Station
from contentserver.support.models import CommandRow
from tests.contentserver.conftest import create_postgres_database
from tests.contentserver.security.box_document import OPERATIONS, box_document
from tests.serving import SECRET, hire, import_regions, services_in

COUNTY, VILLAGE = "640221", "640221203205"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
"""Of every operation, right ones and as many wrong ones, for every asker."""


@dataclass
class Asked:
    """The application, its two documents, and the tokens of those who ask."""

    app: Flask
    reports: BaseSchema
    boxes: BaseSchema
    tokens: dict[str, str]

    def headers(self, asker: str) -> dict[str, str]:
        """How somebody says who they are."""
        return {"Authorization": f"Bearer {self.tokens[asker]}"} if asker in self.tokens else {}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    settings = {}
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        settings["database_url"] = create_postgres_database(server, f"t{uuid4().hex}")
    services = services_in(tmp_path_factory.mktemp("documents"), development=True, **settings)
    yield _furnished(services)
    services.database.engine.dispose()


def _furnished(services: Services) -> Asked:
    """A county with one box that was asked for two things, and a scheduler with a token."""
    now = datetime.now(UTC)
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, VILLAGE[:9])
        li = hire(session, {"li": ("李敏", Role.SCHEDULER, COUNTY)}, now)["li"]
        station = session.scalars(select(Station).where(Station.region_code == VILLAGE)).one()
        box = boxes.enrol_for_trial(session, station, "1", services.signer, SECRET, now)
        commands = [_command(box, kind, now) for kind in ("take_screenshot", "send_logs")]
        session.add_all(commands)
        session.flush()
        known, number = tuple(str(one.id) for one in commands), box.id
        held = boxes.credentials_of(box, SECRET, services.introduction).http_token
        secret = tokens.make_token(session, li, "平台", 30, now)[1]
    app = create_app(services.settings, services)
    return Asked(
        app,
        schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app),
        schemathesis.openapi.from_dict(box_document(number, known)),
        {"scheduler": secret, "box": held},
    )


def _command(box: Box, kind: str, now: datetime) -> CommandRow:
    return CommandRow(
        box_id=box.id, kind=kind, body="{}", jws="", asked_at=now, expires_at=now.replace(year=2999), state="sent"
    )


def ask_everything(asked: Asked, document: BaseSchema, asker: str, examples: int = EXAMPLES) -> dict[str, set[int]]:
    """Ask every operation of a document; what it answered, by operation.

    Raises:
        FailureGroup: an answer is a fault of the server, or not as the document says.
    """
    statuses: dict[str, set[int]] = {}
    http.limiter.enabled = False
    asked.app.config["PROPAGATE_EXCEPTIONS"] = False
    for result in document.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        statuses[operation.label] = _statuses(asked, operation, asker, examples)
    return statuses


def _statuses(asked: Asked, operation: APIOperation[Any, Any, Any, Any], asker: str, examples: int) -> set[int]:
    found = set()

    def ask(case: Case[Any]) -> None:
        answer = case.call(app=asked.app, base_url="http://localhost", headers=asked.headers(asker))
        found.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    limited = settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for mode in GenerationMode if list(operation.iter_parameters()) or operation.body else [GenerationMode.POSITIVE]:
        limited(given(operation.as_strategy(generation_mode=mode))(ask))()
    return found


@pytest.mark.parametrize("asker", ["nobody", "scheduler", "box"])
def test_programs_are_answered_as_the_document_says(asked: Asked, asker: str) -> None:
    found = ask_everything(asked, asked.reports, asker)
    assert set(found) == {f"GET /api/v1/{name}" for name in ("figures", "sessions", "xapi.jsonl")}
    for statuses in found.values():
        assert (200 in statuses) is (asker == "scheduler")


@pytest.mark.parametrize(("asker", "examples"), [("nobody", 2), ("scheduler", 2), ("box", EXAMPLES)])
def test_boxes_are_answered_as_the_document_says(asked: Asked, asker: str, examples: int) -> None:
    found = ask_everything(asked, asked.boxes, asker, examples)
    assert set(found) == {f"{method.upper()} {path}" for method, path, *_ in OPERATIONS}
    own = {label: statuses for label, statuses in found.items() if "/box/" in label and label.startswith("GET")}
    assert all((401 not in statuses) is (asker == "box") for statuses in own.values())
    if asker == "box":
        assert 200 in found["POST /api/v1/box/events"] & found["GET /api/v1/box/roster"]
        assert 204 in found["POST /api/v1/box/reported"]


@pytest.mark.parametrize("answer", [lambda: ("fault", 500), lambda: ("{}", 200), lambda: ({}, 418), lambda: ({}, 200)])
def test_it_is_seen_when_an_answer_is_another(
    asked: Asked, answer: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(asked.app.view_functions, "reports_api.figures", answer)
    with pytest.raises(FailureGroup):
        ask_everything(asked, asked.reports, "nobody", 1)

"""Text that no database keeps, bodies that are none, and queries put together from words."""

import ast
from collections.abc import Iterator

import pytest
from flask import Flask

from contentserver.app import Services, create_app
from contentserver.kernel import http
from tests.contentserver.security.house import entered, sources

PLACES = ("/courses?q=%00", "/stations?q=a%00b", "/people?q=%00", "/audit?words=%00", "/audit?%00=1", "/reports%00")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on each database."""
    name = "services" if request.param == "sqlite" else "postgres_services"
    services: Services = request.getfixturevalue(name)
    yield create_app(services.settings, services)
    http.limiter.reset()


def test_a_nul_is_refused_in_every_place(either: Flask) -> None:
    client = entered(either)
    assert {place: client.get(place).status_code for place in PLACES} == dict.fromkeys(PLACES, 400)
    either.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/sign-in", data={"username": "a\0b", "password": "x"}).status_code == 400


def test_it_is_seen_when_a_nul_comes_through(postgres_services: Services) -> None:
    app = create_app(postgres_services.settings, postgres_services)
    hooks = app.before_request_funcs[None]
    app.before_request_funcs[None] = [one for one in hooks if one.__name__ != "_refuse_unstorable"]
    assert entered(app).get("/audit?words=%00").status_code == 422  # the database refuses it, and that is said


def test_broken_letters_are_no_error(either: Flask) -> None:
    client = entered(either)
    for value in ("%ff", "%ed%a0%80", "'", "%F0%9F%93%BA" * 60):
        for path in ("/courses?q=", "/stations?q=", "/people?q=", "/audit?words=", "/audit?page="):
            assert client.get(path + value).status_code == 200, path + value


def test_no_query_is_put_together_from_words() -> None:
    """SQL comes from SQLAlchemy; a text of one's own has no part that is filled in."""
    assert assembled("session.execute(text(f'SELECT {x}'))") == 1
    assert assembled("session.execute(text('SELECT ' + x))") == 1
    assert assembled("session.execute(text('SELECT 1'))") == 0
    found = {str(file): assembled(file.read_text(encoding="utf-8")) for file in sources()}
    assert {file: number for file, number in found.items() if number} == {}


def assembled(source: str) -> int:
    """How often `text(…)` gets a text that is put together."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    named = [(getattr(call.func, "id", getattr(call.func, "attr", "")), call) for call in calls]
    sql = [call for name, call in named if name in {"text", "literal_column"}]
    return sum(isinstance(argument, ast.JoinedStr | ast.BinOp) for call in sql for argument in call.args[:1])

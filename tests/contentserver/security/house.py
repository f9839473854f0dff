"""Asking a server as somebody would who means harm."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import contentserver
from tests.serving import PASSWORD

STAFF = "root"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY = UUID(int=7)


def entered(app: Flask) -> FlaskClient:
    """A browser of the administrator, who passed the form's token as a browser does."""
    client = app.test_client()
    page = client.get("/sign-in").get_data(as_text=True)
    answer = client.post("/sign-in", data={"username": STAFF, "password": PASSWORD, "csrf_token": token_in(page)})
    assert answer.status_code == 302, answer.text
    return client


def token_in(page: str) -> str:
    """The form's token of a page."""
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found is not None
    return found[1]


def addresses(app: Flask, method: str) -> Iterator[tuple[Rule, str]]:
    """Every route that knows a method, its parts filled in."""
    urls = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()):
            parts = {name: _part(rule, name) for name in rule.arguments - set(rule.defaults or ())}
            yield rule, urls.build(rule.endpoint, parts, method=method)


def _part(rule: Rule, name: str) -> object:
    kind = type(rule._converters[name]).__name__
    if kind == "AnyConverter":
        return "csv"
    return {"UUIDConverter": NOBODY, "IntegerConverter": 1}.get(kind, "x")


def sources() -> list[Path]:
    """The modules of the content server, without its migrations."""
    root = Path(contentserver.__file__).parent
    return [file for file in sorted(root.rglob("*.py")) if "migrations" not in file.parts]

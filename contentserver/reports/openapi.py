"""The API in words of OpenAPI 3.1. Schemas come from the values that are sent (`answers.py`), so they cannot differ."""

from typing import Any, Final

import msgspec
from flask_babel import lazy_gettext as _

from contentserver.reports.answers import FiguresAnswer, SessionsAnswer
from schedules.wire.messages import Problem

VERSION: Final = "1.0.0"
Parameter = tuple[str, object, dict[str, object]]
_DAY: Final[dict[str, object]] = {"type": "string", "format": "date"}
_TEXT: Final[dict[str, object]] = {"type": "string"}
_NUMBER: Final[dict[str, object]] = {"type": "integer", "minimum": 1}
_REGION: Final[Parameter] = (
    "region",
    _("Statistical division code of the region; the token's own unless given."),
    _TEXT,
)
_FROM: Final[Parameter] = ("from", _("First local day; the first of this month unless given."), _DAY)
_TO: Final[Parameter] = ("to", _("Last local day, at most a year after the first; today unless given."), _DAY)
_COURSE: Final[Parameter] = ("course", _("Only the course of this title."), _TEXT)
_PAGE: Final[Parameter] = ("page", _("Number of the page of 50, from 1; beyond the last, the last."), _NUMBER)


def document(home: str) -> dict[str, Any]:
    """The document of the server at an address."""
    _schemas, components = msgspec.json.schema_components(
        [FiguresAnswer, SessionsAnswer, Problem], ref_template="#/components/schemas/{name}"
    )
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(_("Yuanjiao reports")),
            "version": VERSION,
            "description": str(
                _("Figures, sessions and attendance, for reading. A token sees what its owner may see.")
            ),
        },
        "servers": [{"url": home}],
        "security": [{"token": []}],
        "paths": {
            "/api/v1/figures": _path(
                "figures",
                _("Figures of a region, of what lies below it, and of each course."),
                (_REGION, _FROM, _TO, _COURSE),
                "application/json",
                {"$ref": "#/components/schemas/FiguresAnswer"},
            ),
            "/api/v1/sessions": _path(
                "sessions",
                _("Sessions of a region, the newest first, in pages."),
                (_REGION, _FROM, _TO, _PAGE),
                "application/json",
                {"$ref": "#/components/schemas/SessionsAnswer"},
            ),
            "/api/v1/xapi.jsonl": _path(
                "statements",
                _("One xAPI statement a line for every attended lesson; the same fact always has the same id."),
                (_REGION, _FROM, _TO),
                "application/jsonl",
                {"type": "string"},
            ),
        },
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {
                str(status): {
                    "description": str(words),
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                for status, words in _PROBLEMS.items()
            },
        },
    }


_PROBLEMS: Final = {
    400: _("A character that nobody can type stands in the question."),
    401: _("No token, or one that is unknown or has ended."),
    403: _("The region lies outside of the token's."),
    404: _("There is no such region."),
    422: _("An argument cannot be understood."),
    429: _("Too many questions; wait a minute."),
}


def _path(
    name: str, words: object, parameters: tuple[Parameter, ...], kind: str, schema: dict[str, object]
) -> dict[str, object]:
    return {
        "get": {
            "operationId": name,
            "summary": str(words),
            "parameters": [
                {"name": one, "in": "query", "required": False, "description": str(told), "schema": shape}
                for one, told, shape in parameters
            ],
            "responses": {
                "200": {"description": str(words), "content": {kind: {"schema": schema}}},
                **{str(status): {"$ref": f"#/components/responses/{status}"} for status in _PROBLEMS},
            },
        }
    }

"""What docs/wire.md says of HTTP for boxes, as OpenAPI: bodies and answers come from the messages themselves."""

from typing import Any, Final

import msgspec

from schedules.wire.messages import (
    Ack,
    Commands,
    CredentialRequest,
    Credentials,
    EnrolmentOffer,
    EnrolmentRequest,
    EnrolmentReveal,
    EnrolmentState,
    EventBatch,
    EventBody,
    EventRecord,
    Notices,
    PackageAccess,
    Problem,
    Reply,
    Reported,
    Roster,
    ServerTime,
    SigningKeys,
)

Kind = type[msgspec.Struct] | str
REFUSALS: Final = (400, 401, 404, 409, 410, 413, 422, 429)
OPERATIONS: Final[tuple[tuple[str, str, Kind | None, int, Kind | None], ...]] = (
    ("get", "/api/v1/authority", None, 200, "application/x-pem-file"),
    ("post", "/api/v1/enrolments", EnrolmentRequest, 201, EnrolmentOffer),
    ("post", "/api/v1/enrolments/{id}/nonce", EnrolmentReveal, 200, EnrolmentState),
    ("get", "/api/v1/enrolments/{id}", None, 200, EnrolmentState),
    ("post", "/api/v1/box/credentials", CredentialRequest, 200, Credentials),
    ("get", "/api/v1/box/desired", None, 200, "application/jose"),
    ("get", "/api/v1/box/keys", None, 200, SigningKeys),
    ("get", "/api/v1/box/roster", None, 200, Roster),
    ("get", "/api/v1/box/papers/{name}", None, 200, Notices),
    ("get", "/api/v1/box/answer-files/{name}", None, 200, "application/octet-stream"),
    ("post", "/api/v1/box/events", EventBatch, 200, Ack),
    ("post", "/api/v1/box/reported", Reported, 204, None),
    ("get", "/api/v1/box/commands", None, 200, Commands),
    ("post", "/api/v1/box/replies", Reply, 204, None),
    ("post", "/api/v1/box/commands/{id}/picture", "image/jpeg", 204, None),
    ("post", "/api/v1/box/commands/{id}/log", "text/plain", 204, None),
    ("get", "/api/v1/box/release/{name}", None, 200, "application/octet-stream"),
    ("get", "/api/v1/layers/{name}", None, 200, "application/jose"),
    ("get", "/api/v1/alerts/{name}", None, 200, "application/jose"),
    ("get", "/api/v1/packages/{name}", None, 200, PackageAccess),
    ("get", "/api/v1/time", None, 200, ServerTime),
)
"""Method, address, what is sent, what is answered when it goes well."""


INSTANTS: Final = (
    "2026-11-23T11:00:00Z",
    "2026-11-23T19:00:00.123456+08:00",
    "2026-11-23T11:00:00",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
)
"""Some that a box may write: its own zone, none at all, the first and the last that there are."""
WHOLE: Final = (0, -1, 2**31, 2**63, -(2**63) - 1, 10**30)
"""Numbers at the ends of what databases keep."""


def box_document(box: int, known: tuple[str, ...]) -> dict[str, Any]:
    """The document as one box uses it: bodies speak of this box, parts of addresses are known ones or strange ones."""
    kinds = [kind for *_where, sent, _status, got in OPERATIONS for kind in (sent, got) if isinstance(kind, type)]
    ways, got = msgspec.json.schema_components([EventBody, Problem, *kinds], ref_template="#/components/schemas/{name}")
    pair = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    got[Ack.__name__]["properties"]["gaps"]["items"] = pair  # schemathesis misreads `prefixItems`
    sent = _pushed({"event": ways[0], **got}, box)
    sent[_sent(EventRecord)]["properties"]["body"] = sent.pop("event.sent")
    paths: dict[str, Any] = {}
    for method, path, body, status, answer in OPERATIONS:
        paths.setdefault(path, {})[method] = _operation(path, body, status, answer, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Boxes", "version": "1"},
        "paths": paths,
        "components": {"schemas": {**got, **sent}},
    }


def _sent(kind: type) -> str:
    return f"{kind.__name__}.sent"


def _pushed(schemas: dict[str, Any], box: int) -> dict[str, Any]:
    """Schemas of what is sent: as they are, with instants and numbers that somebody chose who means harm."""

    def push(schema: object) -> Any:
        match schema:
            case {"type": "integer"}:
                return {"anyOf": [{"type": "integer"}, {"enum": list(WHOLE)}]}
            case {"$ref": str(name)}:
                return {"$ref": f"{name}.sent"}
            case {"properties": dict(parts), **rest}:
                return {**rest, "properties": {name: part(name, one) for name, one in parts.items()}}
            case dict():
                return {name: push(one) for name, one in schema.items()}
            case list():
                return [push(one) for one in schema]
            case _:
                return schema

    def part(name: str, schema: object) -> Any:
        if name == "box":
            return {"enum": [box]}
        return {"enum": list(INSTANTS)} if name in ("at", "planned_start") or name.endswith("_at") else push(schema)

    return {f"{name}.sent": push(schema) for name, schema in schemas.items()}


def _operation(path: str, sent: Kind | None, status: int, got: Kind | None, known: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "responses": {
            str(status): {"description": "well", **({"content": _content(got)} if got else {})},
            **{str(one): {"description": "refused", "content": _content(Problem)} for one in REFUSALS},
        }
    }
    if sent:
        made["requestBody"] = {"required": True, "content": _content(sent, ".sent")}
    if "{" in path:
        name = path.partition("{")[2].partition("}")[0]
        parts = {"enum": [*known, "00000000-0000-0000-0000-000000000007", "x", "é", "%00", "..", "a" * 300]}
        made["parameters"] = [{"name": name, "in": "path", "required": True, "schema": parts}]
    return made


def _content(kind: Kind, ending: str = "") -> dict[str, Any]:
    if isinstance(kind, str):
        return {kind: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}{ending}"}}}

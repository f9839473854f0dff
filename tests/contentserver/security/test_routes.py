"""Every route that changes something: it asks for the form's token, and leaves a row in the audit trail."""

import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from flask import Flask

from contentserver.audit.service import audit
from tests.contentserver.security.house import SAFE, addresses, entered

BY_TOKEN_ALONE = {"attendance_api", "boxes_api", "market_api", "messages_api", "reports_api", "support_api"}
"""Programs without a cookie: a foreign page has nothing to ride on. Each refuses whoever has no token."""
NEED_NO_ROW = {
    "accounts.code_given": "the second step of signing in",
    "accounts.confirmed": "a password given again changes nothing",
    "accounts.sign_in_submitted": "who is signed in stands in the sessions; a wrong password counts at the account",
    "accounts.sign_out": "ends one's own session",
    "alerts.preview": "shows, and keeps nothing",
    "attendance_api.events": "evidence of a television, kept as it came, with its own sequence",
    "boxes.expected_read": "shows what a sheet says; keeping it is another step",
    "boxes_api.enrol": "a television that nobody has claimed yet; claiming it is written down",
    "boxes_api.newest_credentials": "hands a television what was changed before",
    "boxes_api.reported": "what a television says of itself",
    "bulk.names": "shows what names of files would become",
    "courses.upload": "pieces of a file; the lesson it becomes is written down",
    "forum.begin": "what somebody says stands in the forum, under their name",
    "forum.reply": "likewise",
    "forum.report": "a report stands beside the post, under its writer's name",
    "joining.here": "a member signs in by phone; that is evidence of its own",
    "school_forum.begin": "what a member says stands in the forum, under their name",
    "school_forum.reply": "likewise",
    "school_forum.report": "a report stands beside the post, under its writer's name",
    "joining.look_up": "a member finds themselves; their signing in is evidence of its own",
    "language": "one's own language",
    "market.import_read": "shows what a sheet says; keeping it is another step",
    "member_sheets.read": "shows what a sheet says; keeping it is another step",
    "messages_api.incoming": "who wants no messages is written down",
    "messages_api.receipts": "what a gateway says of a message that is written down",
    "own_account.begin_factor": "offers a secret; taking it into use is written down",
    "paper.names": "shows who is on the roll",
    "people.import_read": "shows what a sheet says; keeping it is another step",
    "phone_cases.who": "a member finds themselves; what they then ask is written down",
    "quizzes.import_read": "shows what a sheet says; keeping it is another step",
    "roll.correct": "written down by the correction itself, which it reaches by a table of kinds",
    "saved_reports.bring_back": "one's own list",
    "saved_reports.keep": "one's own list",
    "saved_reports.remove": "one's own list",
    "saved_reports.try_again": "sends again what was due",
    "school.leave": "ends the seat of this browser alone; taking it is written down",
    "school.played": "evidence of a lesson in the browser, kept as it came, with its own sequence",
    "star_rounds.count": "reads a draft anew; what becomes of it is written down",
    "support_api.log": "what a television sends when it was asked; the asking is written down",
    "support_api.picture": "likewise",
}


def changing(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every method that changes something: endpoint, method, address."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for rule, address in addresses(app, method):
            yield rule.endpoint, method, address


def without_token(app: Flask) -> set[str]:
    """Endpoints that a signed-in browser reaches without the form's token."""
    client, open_ = entered(app), set()
    for endpoint, method, address in changing(app):
        answer = client.open(address, method=method, headers={"Accept": "application/json"})
        code = (answer.get_json(silent=True) or {}).get("code")
        by_phone = endpoint.startswith(("joining", "own_record", "phone_cases"))
        expired = answer.status_code == 400 if by_phone else code == "form_expired"
        refused = answer.status_code == 400 and expired
        if not refused:
            open_.add(endpoint)
    return open_


def test_a_foreign_page_changes_nothing(app: Flask) -> None:
    found = without_token(app)
    assert {endpoint.partition(".")[0] for endpoint in found} <= BY_TOKEN_ALONE
    client = app.test_client()
    for endpoint, method, address in changing(app):
        if endpoint in found and endpoint != "boxes_api.enrol":  # of a television that has no token yet
            assert client.open(address, method=method).status_code in (401, 403, 422), address


def test_it_is_seen_when_the_token_is_not_asked_for(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    assert "language" in without_token(app)


def leaves_row(view: Callable[..., Any], seen: set[Any]) -> bool:
    """Whether a function can come to `audit`, by the names that it and what it calls have."""
    function = inspect.unwrap(view)
    if function is audit:
        return True
    if function in seen:
        return False
    seen.add(function)
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    return any(leaves_row(one, seen) for one in _called(function, names))


def _called(function: Callable[..., Any], names: set[str]) -> Iterator[Callable[..., Any]]:
    closed_over = inspect.getclosurevars(function).nonlocals
    for name in names | closed_over.keys():
        found = closed_over.get(name, function.__globals__.get(name))
        ours = type(found).__module__.startswith("contentserver")  # a thing of ours: its methods
        holder = found if inspect.ismodule(found) or inspect.isclass(found) else type(found) if ours else None
        for one in [found, *(getattr(holder, part, None) for part in names)]:
            if inspect.isfunction(one) and inspect.unwrap(one).__module__.startswith("contentserver"):
                yield one


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def without_row(app: Flask) -> set[str]:
    """Endpoints that change something and cannot come to `audit`."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if (rule.methods or set()) - SAFE and not leaves_row(app.view_functions[rule.endpoint], set())
    }


def test_every_change_is_written_down_or_stands_in_the_list_with_its_reason(app: Flask) -> None:
    assert without_row(app) - set(NEED_NO_ROW) == set()


def test_it_is_seen_when_a_change_is_not_written_down(app: Flask) -> None:
    app.add_url_rule("/silent", "silent", lambda: "changed", methods=["POST"])
    assert "silent" in without_row(app) - set(NEED_NO_ROW)

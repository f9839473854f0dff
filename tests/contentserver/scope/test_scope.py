"""Nobody sees or changes what lies outside their region: every route, every verb, everybody, a thing of every kind."""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import true
from werkzeug.routing import Map, Rule

import contentserver
from contentserver.accounts import people
from contentserver.attendance import quarantine
from contentserver.attendance import views as attendance_views
from contentserver.boxes import listing
from contentserver.consultations import service as consultations_service
from contentserver.courses import deciding
from contentserver.kernel import scoping
from contentserver.kernel.http import SAFE_METHODS
from contentserver.stations import groups as station_groups
from contentserver.stations import service as stations_service
from contentserver.transcripts import asking
from contentserver.transcripts import service as transcripts_service
from tests.contentserver.scope.asking import HTML, JSON, Answer, Office, UnknownParameter
from tests.contentserver.scope.conftest import EVERYWHERE

OPEN = {
    "guide": "what is on is for everybody, whoever asks",
    "joining": "whoever holds a station's secret address stands before its television",
    "joining_earlier": "likewise",
    "joining_own": "likewise",
    "joining_register": "likewise",
    "phone_cases": "likewise",
    "site_index": "which branches and public pages there are is for everybody, and says nothing of a person",
    "knowledge": "what was released is for everybody, and says nothing of a place",
}
"""Blueprints that show things of every region to everybody, with the reason."""
EVERYBODYS = ("holidays", "credit_rules", "retention_rules", "releases", "signing_keys", "key_sets")
"""Tables whose rows count in every region: whoever acts for less than everywhere changes none of them."""
SERVER = Path(contentserver.__file__).parent
MUTATED = r"^/(courses|stations|boxes|sessions|timetable)"
ALIKE = {"scheduler", "reviewer", "duty_officer", "expert"}
"""Whose lists are those of others who work for the same region: they are asked only about things elsewhere."""
REFUSED = {401, 403, 404}


def faults(office: Office, everybody: Collection[str], only: str = ".") -> list[str]:
    """What somebody could see or do that they must not, in sentences. `only` chooses routes by their address."""
    return [
        f"{who}: {method} {rule.rule} {said}"
        for rule, method in office.rules()
        if rule.endpoint.split(".")[0] not in OPEN and re.search(only, rule.rule)
        for who in everybody
        for said in _faults_of(office, who, rule, method)
    ]


def _faults_of(office: Office, who: str, rule: Rule, method: str) -> Iterator[str]:
    away, safe = office.away, method in SAFE_METHODS
    path, form = office.path(rule, away), office.form(rule, away)
    named = rule.arguments & away.named.keys()
    for fields in (None, form) if safe and not named and who not in ALIKE else (form,):
        answer = office.ask(who, rule, method, path, fields, JSON if named and not safe else HTML, away)
        if answer.status >= 500:
            yield f"breaks with {answer.status}"
        if not safe and named and answer.status not in REFUSED:
            yield f"answers {answer.status} about things elsewhere"
        if shown := _shown(office, answer, path, form):
            yield f"shows {shown!r}"
        if office.changed():
            if touched := _touched(office, everything=bool(named) and not safe):
                yield f"changes {touched}"
            office.put_right()


def _shown(office: Office, answer: Answer, path: str, form: dict[str, str | list[str]]) -> str:
    """What betrays the county away in an answer, apart from what the question itself said."""
    words = answer.words.lower()
    said = [value for values in form.values() for value in ([values] if isinstance(values, str) else values)]
    for one in sorted([path, *path.split("/"), *said], key=len, reverse=True):
        if len(one) > 6:
            words = words.replace(one.lower(), "")
    return next((one for one in (office.away.mark, *office.away.ids) if one.lower() in words), "")


def _touched(office: Office, *, everything: bool) -> str:
    """The tables in which a row of the county away came, went or changed; or, of `everything`, any row."""
    before, after = office.rows_kept(), office.rows_now()
    needles = {office.away.mark, office.away.mark.lower(), office.away.township}
    needles |= {one.replace("-", "") for one in office.away.ids} | office.away.ids
    found = []
    for table in before.keys() | after.keys():
        rows = before.get(table, set()) ^ after.get(table, set())
        if rows and (everything or table in EVERYBODYS or any(one in row for row in rows for one in needles)):
            found.append(table)
    return " ".join(sorted(found))


def test_nobody_sees_or_changes_what_lies_elsewhere(office: Office) -> None:
    everybody = [who for who in office.headers if who != EVERYWHERE]
    assert faults(office, everybody) == []


def test_whoever_acts_everywhere_does_see_it(office: Office) -> None:
    """The marks are there to be seen, so that the matrix would tell."""
    shown = [one for one in faults(office, [EVERYWHERE], MUTATED) if "GET" in one and "shows" in one]
    assert len(shown) > 20


def test_a_route_of_which_nobody_knows_whose_things_it_names_is_told(office: Office) -> None:
    rule = Rule("/barns/<uuid:barn_id>", endpoint="barns.show", methods=["GET"])
    Map([rule])
    with pytest.raises(UnknownParameter, match=r"barn_id.*furnish\.py"):
        office.path(rule, office.away)


def test_a_forgotten_question_of_scope_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same server, where nothing is asked before the view."""
    monkeypatch.setattr(scoping, "require_known", lambda _rule, _values: None)
    found = faults(office, ["system_admin"], MUTATED)
    for route in ("POST /courses/", "GET /stations/", "POST /boxes/", "GET /sessions/", "POST /timetable/<code>/"):
        assert any(route in one for one in found), f"{route} without a question of scope is not found"


@pytest.mark.parametrize(
    ("module", "route"),
    [
        (listing, "/boxes"),
        (stations_service, "/stations"),
        (station_groups, "/stations/groups"),
        (people, "/people"),
        (attendance_views, "/sessions"),
        (transcripts_service, "/members"),
        (quarantine, "/quarantine"),
        (deciding, "/review"),
        (asking, "/members/requests"),
        (consultations_service, "/cases"),
    ],
)
def test_a_list_that_forgot_its_region_is_found(
    office: Office, monkeypatch: pytest.MonkeyPatch, module: ModuleType, route: str
) -> None:
    monkeypatch.setattr(module, "subtree_filter", lambda _column, _root: true())
    assert any(f"GET {route} shows" in one for one in faults(office, ["system_admin"], f"^{route}$"))


def test_no_list_finds_its_region_by_itself() -> None:
    """`regions.subtree_filter` is the one place where SQL says what lies below a region."""
    own = re.compile(r"\b[A-Z]\w+\.(region_code|code)\.(like|ilike|startswith)\((?!LayerRecord\.)")
    found = [
        f"{file.relative_to(SERVER)}: {line.strip()}"
        for file in sorted(SERVER.rglob("*.py"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if own.search(line)
    ]
    assert found == []

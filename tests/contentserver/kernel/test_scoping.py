"""A name in an address is declared before the server starts, and asked about before the view."""

import csv
import io
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Blueprint, Flask, current_app, g, request
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from contentserver import courses
from contentserver.app import Services, create_app
from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right, Role
from contentserver.kernel.db import Database
from contentserver.kernel.errors import NotFound
from contentserver.kernel.ids import new_id
from contentserver.kernel.scoping import Undeclared
from contentserver.regions import Region, region_asked, region_named
from tests.serving import services_in

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer as Buffer

FREE = Path(__file__).parents[2] / "golden" / "free_names.csv"
BARNS = {1: "640221203205", 2: "640205"}
"""Where barns lie, by number."""


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    found = services_in(tmp_path_factory.mktemp("scoping"))
    yield found
    found.database.engine.dispose()


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services.settings, services)


def where_barn(_session: Session, barn_id: int) -> str:
    """The region in which a barn lies."""
    try:
        return BARNS[barn_id]
    except KeyError:
        raise NotFound("barn_unknown", "There is no such barn.") from None


def barns() -> tuple[Blueprint, list[int]]:
    """Routes of barns, and the numbers of those that their views were asked for."""
    blueprint, opened = Blueprint("barns", __name__, url_prefix="/barns"), list[int]()

    @blueprint.get("/<int:barn_id>")
    @auth.require(Right.CLAIM_BOX)
    def show(barn_id: int) -> str:
        opened.append(barn_id)
        return "hay"

    @blueprint.post("/<int:barn_id>")
    @auth.require()
    def fill(barn_id: int) -> str:
        opened.append(barn_id)
        with sqlite3.connect(file_of_request(), timeout=0) as other, pytest.raises(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")  # whoever changes something holds the database by now
        return request.get_data(as_text=True)

    @blueprint.get("/<int:barn_id>/<int:shelf>")
    @auth.require()
    def shelf(barn_id: int, shelf: int) -> str:
        return f"{barn_id}, {shelf}"

    return blueprint, opened


def file_of_request() -> Path:
    """SQLite's file."""
    found: Database = current_app.extensions["database"]
    return Path(str(found.engine.url.database))


class SlowLine(io.BytesIO):
    """A body that comes in slowly: while it is read, somebody else writes to the database."""

    written_meanwhile = 0

    def readinto(self, buffer: "Buffer", /) -> int:
        with sqlite3.connect(file_of_request(), timeout=0) as other:
            other.execute("BEGIN IMMEDIATE")
        self.written_meanwhile += 1
        return super().readinto(buffer)


def ask(app: Flask, path: str, who: Person | None, method: str = "GET") -> tuple[int, str]:
    """Status and code of an answer to somebody."""

    def be() -> None:
        g.person = who

    app.before_request_funcs[None] = [be, *app.before_request_funcs[None]]
    answer = app.test_client().open(path, method=method, headers={"Accept": "application/json"})
    app.before_request_funcs[None].pop(0)
    return answer.status_code, (answer.get_json(silent=True) or {}).get("code", "")


def somebody(role: Role = Role.SYSTEM_ADMIN, region: str = "640221") -> Person:
    return Person(id=new_id(), username="who", display_name="Who", role=role, region_code=region)


def test_a_new_route_of_which_nobody_said_whose_things_it_names_stops_the_start(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    blueprint, _opened = barns()
    monkeypatch.setattr(courses, "blueprints", lambda had=courses.blueprints: (*had(), blueprint))
    with pytest.raises(Undeclared) as told:
        create_app(services.settings, services)
    lines = str(told.value).splitlines()
    assert [line.split(" in its")[0] for line in sorted(lines)] == [
        "/barns/<int:barn_id> (barns.fill) has barn_id",
        "/barns/<int:barn_id> (barns.show) has barn_id",
        "/barns/<int:barn_id>/<int:shelf> (barns.shelf) has barn_id, shelf",
    ]
    for line in lines:
        assert 'scoping.lies(blueprint, "barn_id", where=' in line
        assert 'scoping.free(blueprint, "barn_id", because=' in line


def test_it_starts_once_it_was_said(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    blueprint, _opened = barns()
    scoping.lies(blueprint, "barn_id", where=where_barn)
    scoping.free(blueprint, "shelf", because="a shelf of the barn")
    monkeypatch.setattr(courses, "blueprints", lambda had=courses.blueprints: (*had(), blueprint))
    app = create_app(services.settings, services)
    assert ask(app, "/barns/1/7", somebody()) == (200, "")


def test_what_is_said_of_a_name_that_no_address_has_is_told(app: Flask) -> None:
    scoping.free(app, "barn_id", because="barns are for everybody")
    with pytest.raises(Undeclared, match=r"the application declares barn_id, but no address needs it"):
        scoping.require_declared(app)


def test_a_view_that_was_renamed_is_told(app: Flask) -> None:
    blueprint, _opened = barns()
    scoping.lies(blueprint, "barn_id", where=where_barn)
    scoping.free(blueprint, "shelf", at=("rack",), because="a shelf of the barn")
    app.register_blueprint(blueprint)
    with pytest.raises(Undeclared, match=r"/barns/<int:barn_id>/<int:shelf> \(barns\.shelf\) has shelf"):
        scoping.require_declared(app)


def test_a_route_that_comes_after_the_start_is_not_answered_either(app: Flask) -> None:
    blueprint, opened = barns()
    app.register_blueprint(blueprint)
    app.testing = True
    with pytest.raises(Undeclared, match="barn_id"):
        ask(app, "/barns/1", somebody())
    assert opened == []


@pytest.mark.parametrize(
    ("path", "who", "answer"),
    [
        ("/barns/1", somebody(), (200, "")),
        ("/barns/2", somebody(), (403, "out_of_scope")),
        ("/barns/2", somebody(region=""), (200, "")),
        ("/barns/3", somebody(), (404, "barn_unknown")),
        ("/barns/1", None, (401, "sign_in_first")),
        ("/barns/2", None, (401, "sign_in_first")),
        ("/barns/3", None, (401, "sign_in_first")),
        ("/barns/2", somebody(Role.EXPERT), (403, "no_right")),
        ("/barns/3", somebody(Role.EXPERT), (403, "no_right")),
    ],
)
def test_who_asks_comes_first_then_the_right_then_the_region(
    app: Flask, path: str, who: Person | None, answer: tuple[int, str]
) -> None:
    blueprint, opened = barns()
    scoping.lies(blueprint, "barn_id", where=where_barn)
    app.register_blueprint(blueprint)
    assert ask(app, path, who) == answer
    assert bool(opened) == (answer[0] == 200)


def test_the_closer_word_counts(app: Flask) -> None:
    blueprint, _opened = barns()
    scoping.lies(blueprint, "barn_id", where=where_barn)
    scoping.free(blueprint, "barn_id", at=("show",), because="everybody may look in")
    scoping.lies(blueprint, "barn_id", "shelf", where=lambda _session, barn_id, shelf: BARNS[barn_id * shelf])
    app.register_blueprint(blueprint)
    assert ask(app, "/barns/2", somebody()) == (200, "")
    assert ask(app, "/barns/1/1", somebody()) == (200, "")
    assert ask(app, "/barns/1/2", somebody()) == (403, "out_of_scope")


def test_a_slice_may_decide_itself(app: Flask) -> None:
    def barn_asked(_session: Session, barn_id: int, who: Person) -> None:
        if not who.reaches(BARNS[barn_id]):
            raise NotFound("barn_unknown", "There is no such barn.")

    blueprint, _opened = barns()
    scoping.decided(blueprint, "barn_id", by=barn_asked)
    app.register_blueprint(blueprint)
    assert ask(app, "/barns/1", somebody()) == (200, "")
    assert ask(app, "/barns/2", somebody()) == (404, "barn_unknown")


def test_what_is_free_needs_a_reason() -> None:
    blueprint, _opened = barns()
    with pytest.raises(ValueError, match="say why barn_id, shelf belongs to nobody"):
        scoping.free(blueprint, "barn_id", "shelf", because=" ")


def test_every_name_about_which_nobody_is_asked_says_why(app: Flask, tmp_path: Path) -> None:
    """Where one was added on purpose: look at its reason, then put the new file in the old one's place."""
    rows = [
        (one.owner or "the application", *one.names, " ".join(sorted(one.endpoints)), one.because)
        for one in app.extensions["scoping"].said
        if one.ask is None
    ]
    assert all(because for *_rest, because in rows)
    new = tmp_path / FREE.name
    with new.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("blueprint", "name", "routes", "because"), *sorted(rows)])
    agreed, now = (file.read_text(encoding="utf-8").splitlines() for file in (FREE, new))
    assert now == agreed, f"if it is meant: cp {new} {FREE}"


def test_the_view_finds_what_was_loaded_for_the_question(app: Flask, services: Services) -> None:
    blueprint, _opened = barns()
    code = BARNS[2]
    with services.database.unit_of_work() as session:
        session.merge(Region(code=code, level="county", name="County"))

    @blueprint.get("/of/<code>")
    @auth.require()
    def of(code: str) -> str:
        return region_named(http.db_session(), code).name

    scoping.lies(blueprint, "barn_id", where=where_barn)
    scoping.decided(blueprint, "code", by=region_asked)
    app.register_blueprint(blueprint)
    read = list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        read.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", note)
    assert ask(app, f"/barns/of/{code}", somebody(region="")) == (200, "")
    event.remove(services.database.engine, "before_cursor_execute", note)
    assert sum("FROM regions" in one for one in read) == 1


def test_nobody_waits_for_a_body_that_comes_in_slowly(app: Flask) -> None:
    blueprint, opened = barns()
    scoping.lies(blueprint, "barn_id", where=lambda session, _barn_id: session.scalar(text("SELECT '640221'")))
    app.register_blueprint(blueprint)
    app.config["WTF_CSRF_ENABLED"] = False
    app.before_request_funcs[None].insert(0, lambda: setattr(g, "person", somebody()))
    line = SlowLine(b"hay")
    answer = app.test_client().post("/barns/1", input_stream=line, content_type="text/plain", content_length=3)
    assert (answer.status_code, answer.get_data(as_text=True)) == (200, "hay")
    assert opened == [1]
    assert line.written_meanwhile


def test_flask_answers_what_a_route_can_do_without_asking_who(app: Flask) -> None:
    blueprint, _opened = barns()
    scoping.lies(blueprint, "barn_id", where=where_barn)
    app.register_blueprint(blueprint)
    assert ask(app, "/barns/2", None, "OPTIONS")[0] == 200

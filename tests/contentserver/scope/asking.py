"""Ask every route as somebody, about the things of a county; and see whether the database was changed by it."""

import io
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from contentserver.accounts.models import Account, WebSession
from contentserver.accounts.views import SESSION_KEY
from contentserver.courses.rules import ReviewItem
from contentserver.kernel import clock
from contentserver.kernel.auth import Role
from contentserver.kernel.http import SAFE_METHODS
from contentserver.kernel.ids import token_hash
from tests.contentserver.scope.county import County

JSON, HTML = "application/json", "text/html"
SAID = {
    ("stars.one", "name"): "place",
    ("courses_api.package", "name"): "unknown",
    ("courses_api.admission", "name"): "unknown",
    ("courses_api.media", "name"): "unknown",
    ("courses_api.media", "file"): "unknown",
    ("retention.change", "kind"): "screens",
    ("document_desk.receipts_file", "form"): "csv",
    ("ledger_desk.write", "kind"): "visit",
    ("ledger.completeness_file", "kind"): "csv",
    ("readiness.listed", "kind"): "csv",
    ("hours.taken_back", "day"): "2030-01-01",
    ("own_account.end_session", "mark"): "0123456789abcdef",
    ("boxes_api.release", "sha256"): "0" * 64,
    ("boxes_api.paper", "kind"): "quizzes",
    ("consultations_api.answer_file", "sha256"): "e" * 64,
    ("messages_api.receipts", "token"): "unknown",
    ("messages_api.incoming", "token"): "unknown",
    ("message_desk.end_opt_out", "mark"): "e" * 64,
    ("projects.photograph", "digest"): "e" * 64,
    ("site.picture", "digest"): "e" * 64,
    ("forum.picture", "digest"): "e" * 64,
    ("school_forum.picture", "digest"): "e" * 64,
    ("site.short", "code"): "unknown",
    ("site.article", "article_id"): "00000000-0000-7000-8000-000000000000",
    ("accounts.invitation", "token"): "unknown",
    ("accounts.invitation_taken", "token"): "unknown",
    ("verify.transcript", "token"): "unknown",
    ("own_record.mine", "token"): "unknown",
    ("own_record.ask", "token"): "unknown",
    ("own_assessments.mine", "token"): "unknown",
    ("own_assessments.send", "token"): "unknown",
    ("assessments.results_file", "kind"): "csv",
    ("own_record.learn_here", "token"): "unknown",
    ("courses.upload", "upload_id"): "0123456789abcdef",
    ("phone_cases.withdraw", "case_id"): "00000000-0000-7000-8000-000000000000",
    ("phone_cases.say_helped", "case_id"): "00000000-0000-7000-8000-000000000000",
    ("phone_cases.tell_outcome", "case_id"): "00000000-0000-7000-8000-000000000000",
    ("phone_cases.file", "file_id"): "00000000-0000-7000-8000-000000000000",
    ("knowledge.entry", "entry_id"): "00000000-0000-7000-8000-000000000000",
    ("language", "locale"): "en",
    ("static", "filename"): "unknown",
}
"""What an address says that is no thing of any county: by route and parameter."""
SECRET = "joining_secret"
USUAL: Mapping[str, str | list[str]] = {
    "title": "Title",
    "name": "Name",
    "display_name": "Name",
    "username": "a.new.name",
    "role": "expert",
    "mail": "",
    "reason": "because",
    "note": "a note",
    "text": "a text",
    "answer": "an answer",
    "why": "because",
    "subject": "",
    "audience": "",
    "stars": "3",
    "days": "90",
    "year": "2024",
    "seed": "1",
    "share": "60",
    "grace": "10",
    "first_day": "2030-01-01",
    "first": "2030-01-01",
    "last": "2030-01-02",
    "day": "2030-01-01",
    "week": "2030-01-07",
    "to": "2030-01-14",
    "date": "2030-01-08",
    "time": "19:30",
    "since": "2030-01-08T18:00",
    "until": "2030-01-08",
    "rank": "regular",
    "repeat": "once",
    "sessions": "4",
    "hours": "4",
    "percent": "10",
    "minutes": "10",
    "key": "ok",
    "number": "1",
    "numbers": "101",
    "quiet_from": "22:00",
    "quiet_until": "06:00",
    "origin": "own",
    "state": "has",
    "rhythm": "weekly",
    "address": "a@example.org",
    "version": "1",
    "headline": "Hail",
    "description": "Hail comes.",
    "step1": "Go in.",
    "sender_name": "Office",
    "severity": "severe",
    "urgency": "immediate",
    "upload": "0123456789abcdef",
    "tick": [item.value for item in ReviewItem],
    "at": "0:10",
}
"""Fields of forms that say nothing of any county, so that a form is not refused for what it lacks."""
OTHERWISE = {
    "support.ask": {"kind": "set_volume"},
    "roll.correct": {"form": "counted", "people": "3"},
    "stars.one": {"do": "keep"},
    "star_rounds.decided": {"do": "decide"},
    "timetable_desk.set_holiday": {"kind": "holiday"},
    "alerts.save_new": {"kind": "hail"},
    "alerts.save": {"kind": "hail"},
    "readiness.add_power_cut": {"since": "2030-01-08T18:00", "until": "2030-01-08T20:00"},
    "timetable.edit": {"do": "remove_slot"},
}
"""Where a field of the same name means something else, or a form needs one more."""
LISTS_OF_VERSIONS = frozenset({"review.approve_many"})
BODIES: Mapping[str, Mapping[str, object]] = {
    "boxes_api.reveal": {"nonce": "00"},
    "timetable_api.edit": {"edit": {"do": "remove_slot", "slot": "none"}},
    "timetable_api.undo": {"version": 1},
    "timetable_api.copy": {"week": "2030-01-07", "to": "2030-01-14"},
}
"""Bodies in JSON of those that take no form."""


class UnknownParameter(AssertionError):
    """A route has a parameter of which this test does not know whose it is."""

    def __init__(self, rule: Rule, name: str) -> None:
        super().__init__(
            f"{rule.rule} has the parameter {name}, which nothing here knows. If it names a thing that lies in a "
            f"region, make one in furnish.py and put it into `named`; if not, say in SAID (asking.py) what to write."
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `words` is the body as it can be read, files taken apart."""

    status: int
    code: str
    words: str
    location: str


@dataclass(slots=True)
class Office:
    """The application with two counties, and what tells of every change of its database."""

    app: Flask
    file: Path
    home: County
    away: County
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    _client: FlaskClient = field(init=False)
    _watching: sqlite3.Connection = field(init=False)
    _kept: sqlite3.Connection = field(init=False)
    _seen: int = 0
    _asked: int = 0

    def __post_init__(self) -> None:
        self._client = self.app.test_client(use_cookies=False)
        self._watching = sqlite3.connect(self.file, isolation_level=None)
        self._watching.execute("PRAGMA synchronous = OFF")
        self._kept = sqlite3.connect(":memory:")
        self.keep()

    def keep(self) -> None:
        """The database as it stands is what every request begins with."""
        self._watching.backup(self._kept)
        self._seen = self._version()

    def changed(self) -> bool:
        """Whether anybody has written since the last time that this was asked or put right."""
        return self._version() != self._seen

    def put_right(self) -> None:
        """As it was kept."""
        self._kept.backup(self._watching)
        self._seen = self._version()

    def _version(self) -> int:
        found: int = self._watching.execute("PRAGMA data_version").fetchone()[0]
        return found

    def rows_now(self) -> dict[str, set[str]]:
        """All rows of all tables."""
        return _rows(self._watching)

    def rows_kept(self) -> dict[str, set[str]]:
        """The same, before."""
        return _rows(self._kept)

    def close(self) -> None:
        """Let the files go."""
        self._watching.close()
        self._kept.close()

    def rules(self) -> Iterator[tuple[Rule, str]]:
        """Every route with each of its verbs."""
        for rule in sorted(self.app.url_map.iter_rules(), key=lambda one: (one.rule, sorted(one.methods or ()))):
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield rule, method

    def path(self, rule: Rule, about: County) -> str:
        """The address of a route about the things of a county.

        Raises:
            UnknownParameter: nobody knows what to write there.
        """
        values = {}
        for name in rule.arguments - set(rule.defaults or {}):
            known = SAID.get((rule.endpoint, name)) or about.named.get(name)
            if name == "token" and rule.endpoint.split(".")[0] in (
                "joining",
                "joining_earlier",
                "joining_own",
                "joining_register",
                "phone_cases",
            ):
                known = about.named[SECRET]
            if known is None and name == "kind":
                known = "csv"
            if known is None:
                raise UnknownParameter(rule, name)
            values[name] = known
        built = rule.build(values, append_unknown=False)
        assert built is not None, rule.rule
        return built[1]

    def form(self, rule: Rule, about: County) -> dict[str, str | list[str]]:
        """Every field that any form has, about the things of a county."""
        soon = f"{clock.local(clock.now() + timedelta(hours=5)):%Y-%m-%dT%H:%M}"
        found: dict[str, str | list[str]] = {**USUAL, "expires": soon, **about.form, **OTHERWISE.get(rule.endpoint, {})}
        if rule.endpoint in LISTS_OF_VERSIONS:
            found["lesson"] = [f"{one}:1" for one in about.form["lesson"]]
        if rule.endpoint == "market.import_kept":
            found["rows"] = about.form["priced"]
        if rule.endpoint == "people.import_kept":
            rows = [["a.new.name", "Name", "expert", about.township, ""]]
            found["rows"] = msgspec.json.encode(rows).decode()
        return found

    def ask(
        self,
        who: str,
        rule: Rule,
        method: str,
        path: str,
        fields: Mapping[str, str | list[str]] | None,
        accept: str = JSON,
        about: County | None = None,
    ) -> Answer:
        """One request, from an address of its own so that nobody is told to wait."""
        self._asked += 1
        whence = f"10.{self._asked >> 16 & 255}.{self._asked >> 8 & 255}.{self._asked & 255}"
        sent: dict[str, Any] = {}
        if rule.endpoint in BODIES and method not in SAFE_METHODS:
            body: dict[str, object] = dict(BODIES[rule.endpoint])
            if rule.endpoint == "timetable_api.copy" and about is not None:
                body["regions"] = [about.township]
            sent["json"] = body
        elif fields is not None:
            sent["query_string" if method in SAFE_METHODS else "data"] = fields
        response = self._client.open(
            path,
            method=method,
            headers={"Accept": accept, **self.headers[who]},
            environ_overrides={"REMOTE_ADDR": whence},
            **sent,
        )
        with closing(response):
            endless = response.mimetype == "text/event-stream"
            data = b"" if endless else response.get_data()
            code = ""
            if response.mimetype == JSON and response.status_code >= 400:
                code = str((response.get_json(silent=True) or {}).get("code", ""))
            location = response.headers.get("Location", "")
            return Answer(response.status_code, code, _readable(data), location)


def _readable(data: bytes) -> str:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return data.decode("utf-8", "replace")


def _rows(connection: sqlite3.Connection) -> dict[str, set[str]]:
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = ((table, connection.execute(f'SELECT * FROM "{table}"')) for table in tables)  # noqa: S608
    return {table: {repr(row) for row in found} for table, found in rows}


def sign_in(session: Session, office: Office, name: str, role: Role, region: str, now: datetime) -> None:
    """Somebody new, signed in with a browser of their own."""
    account = Account(
        username=f"asking.{name}"[:64],
        display_name=f"Asking {name}",
        password_hash="no password has this hash",
        role=role.value,
        region_code=region,
        created_at=now,
    )
    session.add(account)
    session.flush()
    browse(session, office, name, account, now)


def browse(session: Session, office: Office, name: str, account: Account, now: datetime) -> None:
    """A browser in which an account is signed in, the password just given."""
    secret = f"browser of {name}"
    session.add(
        WebSession(
            token_hash=token_hash(secret),
            account_id=account.id,
            created_at=now,
            seen_at=now,
            confirmed_at=now,
        )
    )
    signed = SecureCookieSessionInterface().get_signing_serializer(office.app)
    assert signed is not None
    cookie = signed.dumps({SESSION_KEY: secret, "touched": int((now + timedelta(days=1)).timestamp())})
    office.headers[name] = {"Cookie": f"{office.app.config['SESSION_COOKIE_NAME']}={cookie}"}


def by_program(office: Office, name: str, secret: str) -> None:
    """A program, or a television, with a token."""
    office.headers[name] = {"Authorization": f"Bearer {secret}"}

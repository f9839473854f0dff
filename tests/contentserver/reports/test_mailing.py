"""Reports by mail, to a real mail server: whole, tried again when refused, never to who may not see the region."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pypdfium2
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from openpyxl import load_workbook
from sqlalchemy import update

from contentserver import reports
from contentserver.accounts import Account
from contentserver.app import Services, create_app
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.reports import MailJobs, keeping
from contentserver.reports.models import KeptReport, ReportMail
from tests.demo.stack import free_port
from tests.serving import hire, import_regions, services_in

COUNTY = "640221"
ARGUMENTS = {"region": COUNTY, "span": "this_month", "against": "before"}


@dataclass
class Office:
    """A mail server's memory, and whether it refuses at the moment."""

    came: list[bytes] = field(default_factory=list)
    refusing: bool = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refusing:
            return "451 the mailbox is busy"
        content = envelope.content or b""
        self.came.append(content.encode() if isinstance(content, str) else content)
        return "250 taken"

    def mails(self) -> list[EmailMessage]:
        """What came, read."""
        return [message_from_bytes(one, policy=policy.default) for one in self.came]


@contextmanager
def serving(office: Office, port: int) -> Iterator[None]:
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    yield
    controller.stop()


@dataclass
class Post:
    """A server with a person who keeps a weekly report, and its mail."""

    services: Services
    jobs: MailJobs
    office: Office
    port: int
    who: Person
    kept: UUID

    def row(self) -> ReportMail:
        with self.services.database.reader() as session:
            return next(iter(keeping.last_mails(session, [session.get_one(KeptReport, self.kept)]).values()))

    def later(self) -> None:
        """The next try is due."""
        with self.services.database.unit_of_work() as session:
            session.execute(update(ReportMail).values(next_at=clock.now() - timedelta(seconds=1)))


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    services, port = services_in(tmp_path), free_port()
    long_ago = clock.now() - timedelta(days=40)
    with services.database.unit_of_work() as session:
        import_regions(session)
        who = hire(session, {"wang": ("王立新", Role.COUNTY_STAFF, COUNTY)}, long_ago)["wang"]
        kept = keeping.keep(session, who, "每周到课", ARGUMENTS, "en", long_ago)
        keeping.set_mail(session, who, kept.id, "weekly", "office@county.example", long_ago)
        key = kept.id
    app = create_app(services.settings, services)
    url = f"smtp://127.0.0.1:{port}"
    jobs = reports.mail_jobs(services.database, app, url, "reports@server.example")
    yield Post(services, jobs, Office(), port, who, key)
    services.database.engine.dispose()


def test_a_report_comes_as_two_files_and_once(post: Post) -> None:
    with serving(post.office, post.port):
        assert post.jobs.turn() == 1
        assert post.jobs.turn() == 0
    (mail,) = post.office.mails()
    row = post.row()
    assert (row.state, row.error, row.attempts) == ("sent", "", 1)
    assert (mail["To"], mail["From"]) == ("office@county.example", "reports@server.example")
    for words in ("每周到课", "平罗县", row.first.isoformat(), row.last.isoformat()):
        assert words in mail["Subject"]
    assert mail["Message-ID"] == f"<{row.id}@server.example>"
    text = mail.get_body(("plain",))
    assert text is not None
    assert "0 came / 0 expected" in text.get_content()
    files = {one.get_filename(): one.get_content() for one in mail.iter_attachments()}
    stem = f"overview-{COUNTY}-{row.first}-{row.last}"
    assert set(files) == {f"{stem}.xlsx", f"{stem}.pdf"}
    sheet = load_workbook(io.BytesIO(files[f"{stem}.xlsx"])).worksheets[0]
    assert row.first.isoformat() in str(sheet["A2"].value)
    document = pypdfium2.PdfDocument(files[f"{stem}.pdf"])
    assert "Overview of 平罗县" in document[0].get_textpage().get_text_bounded()


def test_a_mail_that_was_refused_is_tried_again_and_its_owner_can_read_why(post: Post) -> None:
    post.office.refusing = True
    with serving(post.office, post.port):
        assert post.jobs.turn() == 0
        row = post.row()
        assert (row.state, row.attempts) == ("waiting", 1)
        assert "the mailbox is busy" in row.error
        assert row.next_at > clock.now()
        assert post.jobs.turn() == 0
        assert post.row().attempts == 1
        post.office.refusing = False
        post.later()
        assert post.jobs.turn() == 1
    assert (post.row().state, post.row().error, len(post.office.came)) == ("sent", "", 1)


def test_a_mail_server_that_never_answers_is_given_up_until_somebody_asks(post: Post) -> None:
    for attempts in range(1, 7):
        assert post.jobs.turn() == 0
        assert post.row().attempts == attempts
        post.later()
    assert post.row().state == "failed"
    assert post.row().error
    assert post.jobs.turn() == 0
    assert post.row().attempts == 6
    with post.services.database.unit_of_work() as session:
        keeping.try_again(session, post.who, post.kept, clock.now())
    with serving(post.office, post.port):
        assert post.jobs.turn() == 1
    assert post.row().state == "sent"


def test_who_may_not_see_the_region_any_more_gets_nothing(post: Post) -> None:
    with post.services.database.unit_of_work() as session:
        session.get_one(Account, post.who.id).region_code = "640202"
    with serving(post.office, post.port):
        assert post.jobs.turn() == 0
    assert (post.row().state, post.office.came) == ("failed", [])


def test_a_report_that_was_taken_away_does_not_go_out(post: Post) -> None:
    post.office.refusing = True
    with serving(post.office, post.port):
        post.jobs.turn()
        with post.services.database.unit_of_work() as session:
            keeping.remove(session, post.who, post.kept, clock.now())
        post.later()
        post.office.refusing = False
        assert post.jobs.turn() == 0
    assert post.office.came == []


def test_a_password_never_goes_without_tls(post: Post) -> None:
    app = create_app(post.services.settings, post.services)
    url = f"smtp://name:secret@127.0.0.1:{post.port}"
    jobs = reports.mail_jobs(post.services.database, app, url, "reports@server.example")
    with serving(post.office, post.port):
        assert jobs.turn() == 0
    assert "no TLS" in post.row().error
    assert post.office.came == []


def test_a_server_without_a_mail_server_notes_nothing(post: Post) -> None:
    app = create_app(post.services.settings, post.services)
    assert reports.mail_jobs(post.services.database, app, "", "x@y").turn() == 0
    with post.services.database.reader() as session:
        assert keeping.last_mails(session, [session.get_one(KeptReport, post.kept)]) == {}

"""The pages of accounts without a browser: who only reads, who is asked again, mail, and the list of what asks."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask.testing import FlaskClient

from contentserver.accounts import Account, standing_in
from contentserver.app import create_app
from contentserver.confirmations import PASSWORD_AGAIN
from contentserver.kernel import clock
from tests.contentserver.accounts.places import TOWNSHIP, Place, staffed
from tests.demo.stack import free_port
from tests.serving import PASSWORD


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with staffed(tmp_path_factory.mktemp("people")) as found:
        yield found


@pytest.fixture
def place(running: Place) -> Place:
    running.forget()
    return running


@pytest.fixture
def client(place: Place) -> FlaskClient:
    """A program with a person's cookie, without a browser."""
    app = create_app(place.services.settings, place.services)
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_who_reads_only_changes_nothing(place: Place, client: FlaskClient) -> None:
    client.post("/sign-in", data={"username": "shen", "password": PASSWORD})
    assert client.get("/sessions").status_code == 200
    assert client.get("/people").status_code == 403
    for address in ("/reports/kept", "/reports/api", "/readiness/tell", "/readiness/power-cuts", "/people/new"):
        answer = client.post(address, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.get_json()["code"]) == (403, "reads_only"), address
    assert client.post("/language/en").status_code == 302
    assert client.post("/me/sessions/end").status_code == 302


def test_the_link_goes_by_mail_where_there_is_a_mail_server(place: Place) -> None:
    box, port = Letters(), free_port()
    post = Controller(box, hostname="127.0.0.1", port=port)
    post.start()
    settings = msgspec.structs.replace(place.services.settings, smtp_url=f"smtp://127.0.0.1:{port}")
    app = create_app(settings, place.services)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.post("/sign-in", data={"username": "qian", "password": PASSWORD})
    facts = {"username": "you", "display_name": "尤", "role": "reviewer", "region": TOWNSHIP, "mail": "you@x.cn"}
    page = client.post("/people/new", data=facts).get_data(as_text=True)
    post.stop()
    (letter,) = box.letters
    assert letter["To"] == "you@x.cn"
    link = re.search(r"https://\S+/invitation/[\w-]{43}", letter.get_content())
    assert link is not None
    assert link.group() in page
    again = client.post(f"/people/{place.account('you').id}/invite")  # the mail server is gone by now
    assert again.status_code == 200
    assert "bar trouble" in again.get_data(as_text=True)


class Letters:
    """What came to a mail server."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.letters.append(message_from_bytes(content, policy=policy.default))
        return "250 OK"


def test_an_expert_signs_in_without_a_second_factor_and_sees_lessons(place: Place, client: FlaskClient) -> None:
    client.post("/sign-in", data={"username": "zhuan", "password": PASSWORD})
    assert client.get("/courses").status_code == 200
    for address in ("/sessions", "/people", "/members", "/reports/attendance.csv"):
        assert client.get(address).status_code == 403


def test_nobody_stands_in_for_a_county_without_a_second_factor(place: Place, client: FlaskClient) -> None:
    today = clock.local(clock.now()).date()
    with place.services.database.unit_of_work() as session:
        giver = session.get_one(Account, place.account("quan").id)
        row = standing_in.give(session, giver, "zhuan", (today, today), clock.now())
    client.post("/sign-in", data={"username": "zhuan", "password": PASSWORD})
    answer = client.post(f"/me/act-for/{row.id}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "factor_first")
    assert client.get("/sessions").status_code == 403


def test_nobody_leaves_this_server_by_the_second_asking(place: Place, client: FlaskClient) -> None:
    client.post("/sign-in", data={"username": "li", "password": PASSWORD})
    for address in ("//evil.example/x", "https://evil.example/x", "\\\\evil.example"):
        page = client.post("/confirm", query_string={"next": address}, data={"password": PASSWORD})
        assert page.status_code == 200
        assert "evil.example" not in re.sub(r'"(0; url=)?/[^/"\\][^"]*"', "", page.get_data(as_text=True))


def test_a_program_is_told_to_give_the_password_again(place: Place, client: FlaskClient) -> None:
    client.post("/sign-in", data={"username": "li", "password": PASSWORD})
    address, json = f"/reports/overview.csv?region={TOWNSHIP}", {"Accept": "application/json"}
    place.age(9)
    assert client.get(address, headers=json).status_code == 200
    place.age(11)
    answer = client.get(address, headers=json)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "password_again")
    assert client.post("/confirm", data={"password": "wrong"}).status_code == 422
    assert client.post("/confirm", data={"password": PASSWORD}).status_code == 200
    assert client.get(address, headers=json).status_code == 200


def test_wrong_passwords_at_the_second_asking_lock_too(place: Place, client: FlaskClient) -> None:
    client.post("/sign-in", data={"username": "li", "password": PASSWORD})
    for _ in range(5):
        client.post("/confirm", data={"password": "wrong"})
    assert client.post("/confirm", data={"password": PASSWORD}).status_code == 422
    assert place.account("li").locked_until is not None


def test_everything_that_leads_out_asks_for_the_password(place: Place) -> None:
    app = create_app(place.services.settings, place.services)
    assert set(app.view_functions) >= PASSWORD_AGAIN
    files = re.compile(r"\.(csv|xlsx|pdf|zip|<any|<kind>)")
    harmless = {
        "attendance_roll",
        "boxes.expected_template",
        "people.import_template",
        "paper.sheet",  # masked names, for the village's wall
        "guide.door",
        "market.import_template",
        "notices.printed",  # for the village's board
        "projects.printed",  # masked names
        "documents.printed",  # for the office's file
        "member_sheets.template",
        "quizzes.import_template",
        "verify.transcript",
    }
    leading_out = {rule.endpoint for rule in app.url_map.iter_rules() if files.search(rule.rule)}
    assert leading_out - harmless <= PASSWORD_AGAIN
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}
    asked_for_itself = {"people.import_read", "own_account.change_password", "own_account.take_factor"}
    ends_something = {
        "own_account.end_session",
        "own_account.end_others",
        "own_account.take_back",
        "own_account.act_for_myself",
    }
    about_people = {name for name in changing if name.startswith(("people.", "own_account."))}
    assert about_people - asked_for_itself - ends_something <= PASSWORD_AGAIN

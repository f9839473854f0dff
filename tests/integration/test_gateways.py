"""Real message centres: SMPP 3.4 spoken with Net::SMPP, HTTP with Kannel and its fake message centre."""

import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from contentserver.adapters.kannel import KannelGateway
from contentserver.adapters.smpp import SmppGateway
from contentserver.messaging import Fate, GatewayAway, Incoming, Outgoing, Receipt, Way
from tests.centre import message_centre, started
from tests.tvclient.awaiting import eventually
from tests.tvclient.broker import free_port

FAKE = "/usr/lib/kannel/test/fakesmsc"


def message(last: str, text: str = "【远教】今晚七点半放课") -> Outgoing:
    return Outgoing(UUID(int=int(last) + 1), f"1380000000{last}", text)


def collected(gateway: SmppGateway, enough: Callable[[Sequence[object]], bool]) -> list[Receipt | Incoming]:
    found: list[Receipt | Incoming] = []

    def came() -> bool:
        found.extend(gateway.collect())
        gateway.acknowledge()
        return enough(found)

    eventually(came, "what the centre has to tell")
    return found


@pytest.fixture
def centre() -> Iterator[tuple[subprocess.Popen[str], str]]:
    with message_centre() as found:
        yield found


def test_messages_receipts_and_answers_over_smpp(centre: tuple[subprocess.Popen[str], str]) -> None:
    program, url = centre
    gateway = SmppGateway(url)
    long = "今晚七点半,马场村放《冬小麦越冬管理》,专家在线答疑。" * 4
    sent = [
        message("0"),
        message("1"),
        message("2"),
        message("3"),
        message("6", long),
        message("7"),
        message("8", "hello"),
    ]
    answers = {one.id: one for one in gateway.submit(sent)}
    fates = [answers[one.id].fate for one in sent]
    assert fates == [Fate.TAKEN] * 3 + [Fate.REFUSED] + [Fate.TAKEN] * 3
    assert [len(answers[one.id].references) for one in sent] == [1, 1, 1, 0, 2, 1, 1]
    assert answers[sent[3].id].error, "what the centre said stands there"
    came = collected(gateway, lambda found: len(found) >= 9)
    ways = Counter(one.way for one in came if isinstance(one, Receipt))
    assert ways == {Way.DELIVERED: 7, Way.FAILED: 1}
    assert [(one.sender, one.text) for one in came if isinstance(one, Incoming)] == [("8613800000007", "TD")]
    known = {reference for one in answers.values() for reference in one.references}
    assert {one.reference for one in came if isinstance(one, Receipt)} <= known
    gateway.close()
    assert program.stdout is not None
    lines = [program.stdout.readline().split() for _ in range(7)]
    first, ascii_one = lines[0], lines[-1]
    assert (first[0], first[1], bytes.fromhex(first[2]).decode("utf-16-be")) == ("8613800000000", "8", sent[0].text)
    parts = [bytes.fromhex(line[2]) for line in lines if line[0].endswith("6")]
    assert b"".join(part[6:] for part in parts).decode("utf-16-be") == long
    assert [part[4:6] for part in parts] == [b"\x02\x01", b"\x02\x02"], "parts say that they belong together"
    assert (ascii_one[1], bytes.fromhex(ascii_one[2])) == ("0", b"hello")


def test_what_was_not_kept_the_centre_says_again(centre: tuple[subprocess.Popen[str], str]) -> None:
    first = SmppGateway(centre[1])
    (reference,) = first.submit([message("0")])[0].references
    said = [Receipt(reference, Way.DELIVERED)]
    assert eventually(first.collect, "the receipt") == said
    assert first.collect() == said, "nobody has kept it yet"
    first.close()
    second = SmppGateway(centre[1])
    assert eventually(second.collect, "the receipt once more") == said
    second.acknowledge()
    assert second.collect() == []
    second.close()
    third = SmppGateway(centre[1])
    (other,) = third.submit([message("1")])[0].references
    came = eventually(third.collect, "the next message's")
    assert [one.reference for one in came if isinstance(one, Receipt)] == [other], "what was kept is not said again"
    third.close()


def test_a_throttled_message_may_go_another_time(centre: tuple[subprocess.Popen[str], str]) -> None:
    gateway = SmppGateway(centre[1])
    first, second = (gateway.submit([message("4")])[0] for _ in range(2))
    assert (first.fate, second.fate) == (Fate.LATER, Fate.TAKEN)
    gateway.close()


def test_a_line_that_breaks_instead_of_an_answer_leaves_what_nobody_knows(
    centre: tuple[subprocess.Popen[str], str],
) -> None:
    gateway = SmppGateway(centre[1])
    assert [one.fate for one in gateway.submit([message("5")])] == [Fate.UNKNOWN]
    assert [one.fate for one in gateway.submit([message("0")])] == [Fate.TAKEN], "it connects again by itself"
    gateway.close()


def test_a_centre_that_is_away_or_does_not_know_us(centre: tuple[subprocess.Popen[str], str]) -> None:
    program, url = centre
    with pytest.raises(GatewayAway):
        SmppGateway(url.replace("p%40ss", "wrong")).submit([message("0")])
    gateway = SmppGateway(url)
    gateway.submit([message("2")])
    program.kill()
    program.wait()
    with pytest.raises(GatewayAway):
        collected(gateway, lambda _found: False)
    with pytest.raises(GatewayAway):
        gateway.submit([message("0")])


CONFIG = """
group = core
admin-port = {admin}
smsbox-port = {box}
admin-password = secret
box-allow-ip = "127.0.0.1"
log-level = 0
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake
port = {fake}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
log-level = 0

group = sendsms-user
username = yuanjiao
password = "p@ss word"
concatenation = true
max-messages = 10

group = sms-service
keyword = default
max-messages = 0
get-url = "{incoming}?from=%p&text=%a"
"""


class Calls(BaseHTTPRequestHandler):
    """Notes what Kannel calls."""

    heard: list[tuple[str, dict[str, list[str]]]]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.heard.append((parts.path, parse_qs(parts.query)))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def test_messages_and_their_reports_through_kannel(tmp_path: Path) -> None:
    heard: list[tuple[str, dict[str, list[str]]]] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Heard", (Calls,), {"heard": heard}))
    Thread(target=server.serve_forever, daemon=True).start()
    here = f"http://127.0.0.1:{server.server_port}"
    ports = {name: str(free_port()) for name in ("admin", "box", "fake", "sendsms")}
    config = tmp_path / "kannel.conf"
    config.write_text(CONFIG.format(**ports, incoming=f"{here}/incoming"))
    url = f"kannel+http://yuanjiao:p%40ss%20word@127.0.0.1:{ports['sendsms']}/cgi-bin/sendsms?from=10690001"
    with (
        started("bearerbox", "-v", "0", str(config), until="smsc_fake: start called", cwd=tmp_path),
        started("smsbox", "-v", "0", str(config), until="Connected to bearerbox", cwd=tmp_path),
        started(
            FAKE,
            "-H",
            "127.0.0.1",
            "-r",
            ports["fake"],
            "-m",
            "1",
            "13800000007 10690001 text TD",
            until="sent message 1",
            cwd=tmp_path,
        ) as centre,
    ):
        gateway = KannelGateway(url, f"{here}/receipts")
        sent = [message("0"), message("1", "hello there")]
        answers = gateway.submit(sent)
        assert [one.fate for one in answers] == [Fate.TAKEN, Fate.TAKEN], answers
        eventually(lambda: sorted(path for path, _asked in heard) == ["/incoming", "/receipts", "/receipts"], "calls")
        reports = {asked["reference"][0]: asked["type"][0] for path, asked in heard if path == "/receipts"}
        assert reports == {reference: "1" for one in answers for reference in one.references}
        (said,) = [asked for path, asked in heard if path == "/incoming"]
        assert (said["from"], said["text"]) == (["13800000007"], ["TD"])
        wrong = KannelGateway(url.replace("p%40ss", "wrong"), f"{here}/receipts")
        with pytest.raises(GatewayAway):
            wrong.submit([message("0")])
        wrong.close()
        assert centre.poll() is None
    with pytest.raises(GatewayAway):
        gateway.submit([Outgoing(uuid4(), "13800000000", "x")])
    gateway.close()
    server.shutdown()
    server.server_close()

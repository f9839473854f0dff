"""The line to a real broker: presence, last will, a session that outlives an outage."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from schedules.wire import topics
from schedules.wire.codec import encode
from schedules.wire.messages import Online
from tests.tvclient.awaiting import eventually
from tests.tvclient.broker import Broker
from tests.tvclient.counterpart import BOX, LAYER, Counterpart
from tvclient.adapters.link import Link

ONLINE, OFFLINE = encode(Online(online=True)), encode(Online(online=False))


class Heard:
    """Keeps what comes."""

    def __init__(self) -> None:
        self.online: list[bool] = []
        self.refused = 0
        self.desired: list[bytes] = []
        self.layers: list[bytes] = []
        self.acks: list[bytes] = []
        self.times: list[bytes] = []
        self.commands: list[bytes] = []

    def link_changed(self, online: bool) -> None:
        self.online.append(online)

    def link_refused(self) -> None:
        self.refused += 1

    def desired_came(self, token: bytes) -> None:
        self.desired.append(token)

    def layer_came(self, token: bytes) -> None:
        self.layers.append(token)

    def command_came(self, token: bytes) -> None:
        self.commands.append(token)

    def time_came(self, data: bytes) -> None:
        self.times.append(data)

    def ack_came(self, data: bytes) -> None:
        self.acks.append(data)


def test_retained_words_come_at_once_and_only_of_followed_layers(server: Counterpart) -> None:
    desired, layer = server.want(), server.plan(1)
    heard = Heard()
    link = Link(server.credentials(), heard)
    link.start()
    eventually(lambda: desired in heard.desired, "desired")
    assert not heard.layers
    link.follow((LAYER,))
    eventually(lambda: layer in heard.layers, "the layer")
    eventually(lambda: server.online == ONLINE, "presence")
    link.close()
    eventually(lambda: server.online == OFFLINE, "the farewell")


def test_nothing_leaves_without_a_line(server: Counterpart, broker: Broker) -> None:
    heard = Heard()
    link = Link(server.credentials(), heard)
    assert not link.report(b"{}")
    link.start()
    eventually(lambda: heard.online == [True], "the line")
    broker.kill()
    eventually(lambda: heard.online == [True, False], "no line")
    assert not link.send_events(b"{}")
    link.close()


def test_what_was_sent_during_an_outage_waits_in_the_session(server: Counterpart) -> None:
    first = Link(server.credentials(), Heard())
    first.start()
    eventually(lambda: server.online == ONLINE, "presence")
    first.close()
    eventually(lambda: server.online == OFFLINE, "the farewell")
    assert server._mqtt
    server._mqtt.publish(topics.acks(BOX), b"an ack", 1).wait_for_publish(5)
    heard = Heard()
    again = Link(server.credentials(), heard)
    again.start()
    eventually(lambda: heard.acks == [b"an ack"], "the ack")
    again.close()


_BOX = """
import sys, threading
from pathlib import Path
from schedules.wire.codec import decode
from schedules.wire.messages import Credentials
from tests.tvclient.adapters.test_link import Heard
from tvclient.adapters.link import Link

Link(decode(Path(sys.argv[1]).read_bytes(), Credentials), Heard()).start()
threading.Event().wait()
"""


def test_the_broker_speaks_for_a_box_that_was_killed(server: Counterpart, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.write_bytes(encode(server.credentials()))
    box = subprocess.Popen([sys.executable, "-c", _BOX, str(credentials)], cwd=Path.cwd(), stdout=subprocess.DEVNULL)
    eventually(lambda: server.online == ONLINE, "presence")
    os.kill(box.pid, signal.SIGKILL)
    box.wait(10)
    eventually(lambda: server.online == OFFLINE, "the last will")

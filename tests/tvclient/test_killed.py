"""A television that is killed in the middle of a lesson: no fact that was written is lost, none counts twice."""

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from schedules.wire.codec import decode_body
from schedules.wire.messages import AiringEnded, AiringStarted, EventBody, SignedIn
from tests.tvclient.awaiting import eventually
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import WANG, airing, shown_ms
from tvclient.adapters.identity import Vault

_TELEVISION = """
import sys
from pathlib import Path
from tests.tvclient.test_shell import Television

tv = Television(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
for line in sys.stdin:
    tv.press(*line.split())
"""

LENGTH_MS = 11_000


def start(server: Counterpart, data: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-c", _TELEVISION, server.url, str(data), str(LENGTH_MS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=Path.cwd(),
    )


def kill(television: "subprocess.Popen[bytes]") -> None:
    os.kill(television.pid, signal.SIGKILL)
    television.wait(10)
    assert television.stdin
    television.stdin.close()


def facts(server: Counterpart) -> list[EventBody]:
    return [body for key in sorted(server.rows) if (body := decode_body(server.rows[key].body))]


def test_killed_in_the_middle_it_joins_again_and_every_fact_counts_once(server: Counterpart, tmp_path: Path) -> None:
    data = tmp_path / "tv"
    Vault(data / "secret").keep(server.credentials())
    one = airing(start=now() + timedelta(seconds=2), seconds=LENGTH_MS / 1000, package=server.add_package())
    server.want()
    server.plan(1, one)
    television = start(server, data)
    eventually(lambda: any(isinstance(fact, AiringStarted) for fact in facts(server)), "the beginning")
    assert television.stdin
    television.stdin.write(" ".join(["green", *WANG.number, "ok"]).encode() + b"\n")
    television.stdin.flush()
    eventually(lambda: any(isinstance(fact, SignedIn) for fact in facts(server)), "the sign-in")
    kill(television)
    killed_at = now()
    television = start(server, data)
    eventually(lambda: any(isinstance(fact, AiringEnded) for fact in facts(server)), "the end")
    kill(television)
    evening = facts(server)
    assert sum(isinstance(fact, AiringStarted) for fact in evening) == 1
    assert sum(isinstance(fact, SignedIn) for fact in evening) == 1
    assert evening[-1] == AiringEnded(airing=one.id, complete=True)
    rest_ms = (one.end - killed_at) / timedelta(milliseconds=1)
    assert rest_ms - 5000 <= shown_ms(evening, one.id) <= LENGTH_MS
    assert len({epoch for epoch, _ in server.rows}) == 1
    journal = sqlite3.connect(data / "journal.db")
    assert journal.execute("SELECT max(sequence), count(*) FROM event").fetchone() == (len(server.rows),) * 2
    journal.close()

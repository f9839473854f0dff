"""A box that writes facts without end, through the real journal, outbox and line, and says of each when it is durable.

    python -m tests.storms.writer CREDENTIALS DATA SERVER FACTS-PER-SECOND

A line `<sequence> <fact>` goes to standard output when the journal has said that the fact is durable, never before.
Killed and started again it goes on where the journal stands. Once the file `calm` lies beside DATA it only sends.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from schedules.airings import AiringId, LessonCard, LessonId, PackageName
from schedules.wire.codec import decode, encode
from schedules.wire.messages import Credentials, PlaybackSpan, SignedIn, SignInMethod
from tvclient.adapters.clock import Clock
from tvclient.adapters.identity import Vault
from tvclient.adapters.journal import Journal
from tvclient.adapters.line import Line
from tvclient.settings import Settings

CALM = "calm"
PEOPLE = 12
SPAN_MS = 1000
LESSON = LessonCard(id=LessonId("l"), title="看懂化验单", course="测土配方施肥")
START = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


def fact(sequence: int) -> SignedIn | PlaybackSpan:
    """The fact of this number; by it alone everybody knows what every row must hold."""
    lesson, step = divmod(sequence, 4 * PEOPLE)
    airing = AiringId(f"airing-{lesson}")
    if step % 4 == 0:
        return SignedIn(airing=airing, lesson=LESSON, member=f"m{step // 4}", method=SignInMethod.NUMBER)
    return PlaybackSpan(
        airing=airing,
        lesson=LESSON,
        package=PackageName("p"),
        from_ms=step * SPAN_MS,
        to_ms=(step + 1) * SPAN_MS,
        started_at=START + timedelta(milliseconds=step * SPAN_MS),
    )


def main() -> None:
    """Write until killed."""
    credentials = decode(Path(sys.argv[1]).read_bytes(), Credentials)
    data, server, rate = Path(sys.argv[2]), sys.argv[3], float(sys.argv[4])
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    calm = data.parent / CALM
    vault = Vault(data / "secret")
    if vault.credentials() is None:
        vault.keep(credentials)
    clock = Clock(data / "clock")
    journal = Journal(data / "journal.db")
    settings = Settings(server=server, data=data, remote=False)
    line = Line(settings, journal, clock, lambda _event: None, lambda call: call())
    line.start()
    print("ready", flush=True)
    while True:
        if not calm.exists():
            body = fact(journal.through() + 1)
            sequence = journal.append(body, clock.now(), clock.uncertainty_ms())
            print(sequence, encode(body).decode(), flush=True)
            line.wake()
        time.sleep(1 / rate)


if __name__ == "__main__":
    main()

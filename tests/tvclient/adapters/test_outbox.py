from collections.abc import Iterator
from pathlib import Path

import pytest

from schedules.wire.messages import Ack, HeadCounted
from tests.tvclient.counterpart import BOX
from tests.tvclient.evening import NOON, airing
from tvclient.adapters.journal import Journal
from tvclient.adapters.outbox import ACK_LIMIT_S, BATCH, Outbox


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = Journal(tmp_path / "journal.db")
    for people in range(BATCH + 5):
        opened.append(HeadCounted(airing=airing().id, people=people), NOON, 1)
    yield opened
    opened.close()


def test_batches_go_one_after_another_as_they_are_acknowledged(journal: Journal) -> None:
    outbox = Outbox(journal, BOX)
    first = outbox.due(100.0)
    assert first
    assert [row.sequence for row in first.events] == list(range(1, BATCH + 1))
    assert outbox.due(101.0) is None
    journal.acknowledge(Ack(box=BOX, epoch=journal.epoch, generation="g", through=BATCH))
    outbox.answered()
    second = outbox.due(101.0)
    assert second
    assert [row.sequence for row in second.events] == list(range(BATCH + 1, BATCH + 6))
    journal.acknowledge(Ack(box=BOX, epoch=journal.epoch, generation="g", through=BATCH + 5))
    outbox.answered()
    assert outbox.due(102.0) is None


def test_without_an_answer_the_same_rows_go_again_and_then_by_http(journal: Journal) -> None:
    outbox = Outbox(journal, BOX)
    batches = [outbox.due(100.0 + n * ACK_LIMIT_S) for n in range(4)]
    assert all(batch == batches[0] for batch in batches)
    assert outbox.prefers_http
    outbox.answered()
    assert not outbox.prefers_http


def test_a_new_connection_sends_at_once(journal: Journal) -> None:
    outbox = Outbox(journal, BOX)
    assert outbox.due(100.0)
    outbox.reconnected()
    assert outbox.due(100.1)

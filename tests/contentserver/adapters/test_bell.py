"""The bell: heard at once, missed without harm."""

import queue
from pathlib import Path

from contentserver.adapters.bell import Bell, ring


def test_a_ring_is_heard_and_a_ring_to_nobody_is_no_error(tmp_path: Path) -> None:
    ring(tmp_path)
    heard: queue.Queue[bool] = queue.Queue()
    bell = Bell(tmp_path, lambda: heard.put(True))
    bell.start()
    ring(tmp_path)
    assert heard.get(timeout=10)
    bell.close()
    ring(tmp_path)
    ring(tmp_path / "nowhere")


def test_a_bell_left_by_a_killed_program_is_replaced(tmp_path: Path) -> None:
    killed = Bell(tmp_path, lambda: None)
    killed.start()
    heard: queue.Queue[bool] = queue.Queue()
    bell = Bell(tmp_path, lambda: heard.put(True))
    bell.start()
    ring(tmp_path)
    assert heard.get(timeout=10)
    bell.close()
    killed.close()

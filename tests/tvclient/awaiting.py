"""Waiting for a condition of the real world, never for an amount of time."""

import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def eventually(question: Callable[[], _T], what: str, within_s: float = 120) -> _T:
    """The first true answer to `question`; patient, for a busy machine is not a wrong program."""
    deadline = time.monotonic() + within_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.02)

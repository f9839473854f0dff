"""Questions of the room to the experts, as the television holds them: what is asked, which answer is open. Values.

They are a part of `state.py`; what is chosen and told: `pages/ask.py`, `pages/answers.py`, `pages/answer.py`.
"""

from datetime import datetime
from typing import Final

import msgspec

from schedules.airings import AiringId, LessonCard


class Asking(msgspec.Struct, frozen=True):
    """What somebody asks, and reads of answers.

    Attributes:
        airing, lesson, position_ms: what was on the screen when they began, and its media time.
        topic: a code of `schedules/asking.py`; empty before it is chosen.
        asked: the sentence that was asked last; empty before.
        asked_at: when.
        case: id of the answer that is open, or was last.
        page, list_page: of its text and pictures, and of the list, from 0.
        note: the voice note that is heard, by its SHA-256; empty for none.
    """

    airing: AiringId | None = None
    lesson: LessonCard | None = None
    position_ms: int | None = None
    topic: str = ""
    asked: str = ""
    asked_at: datetime | None = None
    case: str = ""
    page: int = 0
    list_page: int = 0
    note: str = ""


NOTHING_ASKED: Final = Asking()


def answer_opened_as(case: str) -> str:
    """By what an answer that was opened is remembered (`reading.py`)."""
    return f"case.{case}"


def judged_as(case: str) -> str:
    """By what it is remembered that the room said whether an answer helped."""
    return f"judged.{case}"

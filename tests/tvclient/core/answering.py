"""Answers for tests of the television, with photographs and voice notes."""

from datetime import datetime, timedelta

from schedules.airings import LessonId
from schedules.wire.messages import AnswerFile, AnswerFileKind, CaseCard, CaseState, GreenChannel

TEXT = "先看化验单，再定用量。\n拿不准就到站上来。"


def photo(name: str, size: int = 300_000) -> AnswerFile:
    """A photograph."""
    return AnswerFile(kind=AnswerFileKind.PHOTO, sha256=name, bytes=size)


def voice(name: str, size: int = 90_000) -> AnswerFile:
    """A voice note."""
    return AnswerFile(kind=AnswerFileKind.VOICE, sha256=name, bytes=size)


def answered(name: str, now: datetime, *files: AnswerFile, asks: bool = False, lesson: str = "") -> CaseCard:
    """A question that somebody has answered."""
    return CaseCard(
        id=name,
        number=1,
        topic="soil",
        question="该上多少肥？",
        asked_at=now,
        state=CaseState.ANSWERED,
        answer=TEXT,
        answered_by="马老师",
        answered_at=now,
        lesson=LessonId(lesson),
        asks_outcome=asks,
        files=files,
    )


def answers_of(count: int, now: datetime) -> GreenChannel:
    """A paper with so many answers; some have files, a lesson of the shelf, and ask if they helped."""
    cases = (
        answered(
            f"c{place}",
            now - timedelta(minutes=place),
            *(photo(f"p{place}.{one}") for one in range(place % 3)),
            *(voice(f"v{place}.{one}") for one in range((place + 1) % 3)),
            asks=place % 2 == 0,
            lesson=f"l{place}",
        )
        for place in range(count)
    )
    return GreenChannel(version=str(count), cases=tuple(cases), ask="https://x/ask")


def all_stored(paper: GreenChannel) -> frozenset[str]:
    """Every file of it."""
    return frozenset(one.sha256 for case in paper.cases for one in case.files)

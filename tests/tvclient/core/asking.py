"""The paper of quizzes for tests: so many questions of the lesson that evenings show."""

from schedules.wire.messages import QuizMode, QuizQuestion, Quizzes
from tests.tvclient.evening import lesson


def quizzes_of(count: int, options: int = 3) -> Quizzes:
    """By turns at a minute of the lesson and at its end, answered by the room and by each."""
    return Quizzes(version=f"{count}.{options}", questions=tuple(_question(place, options) for place in range(count)))


def _question(place: int, options: int) -> QuizQuestion:
    return QuizQuestion(
        id=f"q{place}",
        version=1,
        lesson=lesson().id,
        text=f"第{place}题？",
        options=("一", "二", "三", "四")[:options],
        right=place % 3 - 1,
        at_ms=20_000 * place if place % 2 else None,
        mode=QuizMode.EACH if place % 3 else QuizMode.ROOM,
    )

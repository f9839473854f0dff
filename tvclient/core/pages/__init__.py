"""Every screen as the core knows it: one module for each says what stands where and what OK does there.

Design pixels of 1920x1080; the UI draws at exactly these places. Rectangles are at rest; a focused thing grows by a
twentieth, away from the margin it stands at. What a page is: `page.py`; moves between things: `core/focus.py`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from tvclient.core.geometry import Focusable
from tvclient.core.helping import question_shown
from tvclient.core.pages import (
    after,
    alert,
    answer,
    answers,
    ask,
    course,
    document,
    documents,
    ended,
    enrolment,
    learning,
    lesson,
    library,
    market,
    names,
    notice,
    notices,
    number,
    offer,
    question,
    quiz,
    settings,
    station,
    today,
    week,
)
from tvclient.core.pages.page import Page
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen, State

PAGES: Final[Mapping[Screen, Page]] = MappingProxyType(
    {
        Screen.ENROLMENT: enrolment.PAGE,
        Screen.ENDED: ended.PAGE,
        Screen.COUNTDOWN: lesson.COUNTDOWN,
        Screen.BROADCAST: lesson.BROADCAST,
        Screen.ASK: ask.ASK,
        Screen.SENTENCES: ask.SENTENCES_PAGE,
        Screen.ANSWERS: answers.PAGE,
        Screen.ANSWER: answer.PAGE,
        Screen.QUIZ: quiz.PAGE,
        Screen.AFTER: after.PAGE,
        Screen.TODAY: today.PAGE,
        Screen.WEEK: week.PAGE,
        Screen.LIBRARY: library.PAGE,
        Screen.COURSE: course.PAGE,
        Screen.STATION: station.PAGE,
        Screen.NOTICES: notices.PAGE,
        Screen.NOTICE: notice.PAGE,
        Screen.DOCUMENTS: documents.PAGE,
        Screen.DOCUMENT: document.PAGE,
        Screen.MARKET: market.PAGE,
        Screen.OFFER: offer.PAGE,
        Screen.NAMES: names.PAGE,
        Screen.SIGN_IN: number.PAGE,
        Screen.SETTINGS: settings.PAGE,
        Screen.LEARNING: learning.PAGE,
        Screen.ALERT: alert.PAGE,
    }
)


def current_page(state: State) -> Page:
    """The page of the screen that is on the television."""
    return PAGES[current_screen(state)]


def focusables(state: State) -> tuple[Focusable, ...]:
    """Everything that can have the focus now, the one that has it at first in front.

    Empty only while a lesson fills the screen and its controls are hidden. A question from afar keeps it to itself.
    """
    return question.THINGS if question_shown(state) else things_of_screen(state)


def things_of_screen(state: State) -> tuple[Focusable, ...]:
    """What the screen itself shows of such things, a question above it or not."""
    return current_page(state).things(state)

"""The words of consultations; and a question as its station reads it, which is in Chinese whoever asks."""

from contextvars import Context
from functools import cache
from pathlib import Path
from typing import Final

from babel.support import NullTranslations, Translations
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

import contentserver
from contentserver.attendance import SENTENCES, TOPICS
from contentserver.consultations.models import Case
from contentserver.consultations.rules import Reminder, Season, Source, State, Urgency, Verdict

STATES: Final = {
    State.WAITING: _("To be looked through"),
    State.OPEN: _("Waits for an expert"),
    State.TAKEN: _("An expert is at it"),
    State.ANSWERED: _("Answered"),
    State.CLOSED: _("Closed"),
    State.WITHDRAWN: _("Withdrawn"),
    State.REFUSED: _("Not passed on"),
}
STATE_MARKS: Final = {State.WAITING: "risk", State.OPEN: "risk", State.TAKEN: "going", State.ANSWERED: "good"}
"""By the classes of the style sheet."""
SOURCES: Final = {Source.TV: _("with the remote"), Source.PHONE: _("by phone")}
URGENCIES: Final = {Urgency.NORMAL: _("Normal"), Urgency.URGENT: _("Urgent")}
REMINDERS: Final = {
    Reminder.FIRST: _("Asked once"),
    Reminder.AGAIN: _("Asked twice"),
    Reminder.OVERDUE: _("Overdue, not asked any more"),
}
REMINDER_MARKS: Final = {Reminder.FIRST: "idle", Reminder.AGAIN: "risk", Reminder.OVERDUE: "bad"}
SEASONS: Final = {
    Season.SPRING: _("Spring"),
    Season.SUMMER: _("Summer"),
    Season.AUTUMN: _("Autumn"),
    Season.WINTER: _("Winter"),
}
WHY_NOT: Final = {
    Verdict.WAITING: _("Somebody has to look through this question first."),
    Verdict.OTHERS: _("Somebody else is at this question."),
    Verdict.OVER: _("This question is closed. Nothing can be added any more."),
    Verdict.WITHDRAWN: _("The station has withdrawn this question. It needs no answer any more."),
    Verdict.NOT_TAKEN: _("Nobody has taken this question."),
    Verdict.NOT_ANSWERED: _("This question has no answer yet."),
    Verdict.OWN: _("This is your own answer. Somebody else has to look at it before everybody reads it."),
}
SPOKEN: Final = _("(a question with a voice note)")
SEEN: Final = _("(a question with a photograph)")


def topic(code: str) -> str:
    """A topic; a code that a newer program has added is shown as it came."""
    return str(TOPICS.get(code, code))


def question(case: Case) -> str:
    """What was asked."""
    return case.text or str(SENTENCES.get(case.sentence, case.sentence))


def question_in_chinese(case: Case) -> str:
    """What was asked, as the station's room reads it."""
    known = SENTENCES.get(case.sentence)
    return case.text or (in_chinese(known) if known is not None else case.sentence)


def topic_in_chinese(code: str) -> str:
    """A topic, for the search."""
    known = TOPICS.get(code)
    return in_chinese(known) if known is not None else code


def in_chinese(words: LazyString) -> str:
    """Words of the catalogue in Chinese, whatever language the request has, and where there is no request."""
    return str(_catalogue().gettext(Context().run(str, words)))  # outside of every request they are what was written


@cache
def _catalogue() -> NullTranslations:
    return Translations.load(Path(contentserver.__file__).parent / "translations", ["zh_CN"])

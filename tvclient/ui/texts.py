"""The words of the screen in the chosen language, from gettext catalogues compiled at set-up; English is the key.

`_` and `_n` are the marks that extraction looks for. Dates, times and numbers as people say them are here too, since
they are words. Where they are used: `screens/`.
"""

import gettext
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from kivy.utils import escape_markup

from schedules.airings import LessonCard
from tvclient.core.screens import local
from tvclient.core.state import Language

DOMAIN: Final = "tvclient"
TRANSLATIONS: Final = Path(__file__).resolve().parents[1] / "translations"

_HAN_DIGITS: Final = "零一二三四五六七八九"


@lru_cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, TRANSLATIONS, [language.value])


class _Chosen:
    """The language of the moment; one screen has one language."""

    language = Language.ZH


def use(language: Language) -> None:
    """Speak this language from now on. Raises OSError where its catalogue has not been compiled."""
    _catalogue(language)
    _Chosen.language = language


def language() -> Language:
    """The language spoken now."""
    return _Chosen.language


def _(message: str) -> str:
    """The message in the chosen language."""
    return _catalogue(_Chosen.language).gettext(message)


def _n(singular: str, plural: str, number: int) -> str:
    """The message in the form that `number` needs; the number is filled in by the caller."""
    return _catalogue(_Chosen.language).ngettext(singular, plural, number)


def numeral(number: int) -> str:
    """An ordinal's number as it is written in a title: 三, 十二 in Chinese below one hundred; figures elsewhere."""
    if _Chosen.language is not Language.ZH or not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = ("" if tens == 1 else _HAN_DIGITS[tens]) + "十" if tens else ""
    return head + (_HAN_DIGITS[ones] if ones else "")


def clock(instant: datetime) -> str:
    """`19:30` by the village's clock."""
    return f"{local(instant):%H:%M}"


def day(instant: datetime) -> str:
    """`11月23日　周一`, `Mon 23 November`."""
    that_day = local(instant)
    month = (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
        _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
    )[that_day.month - 1]  # fmt: skip
    return _("{weekday} {day} {month}").format(weekday=weekday(that_day), day=that_day.day, month=month)


def weekday(one: date) -> str:
    """`周一`, `Mon`."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[one.weekday()]


def plain(text: str) -> str:
    """Somebody else's text for a label: what would be markup is shown as it is written."""
    return escape_markup(text)


def heading_of(lesson: LessonCard) -> str:
    """The larger of a lesson's two lines: the course, or the lesson where it stands alone."""
    return plain(lesson.course if lesson.number and lesson.course else lesson.title)


def subheading_of(lesson: LessonCard) -> str:
    """The smaller line: place in the course and the lesson's own title; the course alone where it has no places."""
    if lesson.number and lesson.course:
        return _("Lesson {number}  {title}").format(number=numeral(lesson.number), title=plain(lesson.title))
    return plain(lesson.course) if lesson.course != lesson.title else ""

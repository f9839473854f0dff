"""What the doctor says: a value for each thing that was looked at, and the language in which it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from babel import Locale
from flask import Flask
from flask_babel import Babel
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

TRANSLATIONS = Path(__file__).parents[1] / "translations"


class State(StrEnum):
    """How a thing stands."""

    OK = "ok"
    LOOK = "look"
    WRONG = "wrong"


MARKS = {State.OK: _("ok"), State.LOOK: _("look"), State.WRONG: _("wrong")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing, how it stands, and what to do about it.

    Attributes:
        code: stable, for programs: `port.broker`.
    """

    code: str
    state: State
    sentence: LazyString
    advice: LazyString | None = None


def good(code: str, sentence: LazyString) -> Finding:
    """Nothing is to be done."""
    return Finding(code, State.OK, sentence)


def look(code: str, sentence: LazyString, advice: LazyString) -> Finding:
    """Somebody should look; everything goes on."""
    return Finding(code, State.LOOK, sentence, advice)


def wrong(code: str, sentence: LazyString, advice: LazyString) -> Finding:
    """Something does not work, or will not for long."""
    return Finding(code, State.WRONG, sentence, advice)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Lazy sentences are said in a language, from the catalogues of the pages."""
    app = Flask("contentserver.operation")
    locale = Locale.parse(language)
    locale.script = None  # `zh_CN`, under which name the catalogue lies
    Babel(app, default_translation_directories=str(TRANSLATIONS), locale_selector=lambda: locale)
    with app.app_context():
        yield

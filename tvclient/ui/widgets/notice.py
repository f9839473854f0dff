"""Two lines at the edge of the screen, on a dark ground: what happens, and what it means for whoever stands there."""

from typing import Any, assert_never

from kivy.properties import StringProperty

from tvclient.core.notices import LINE_HEIGHT, NOTICE_HEIGHT, NOTICE_WIDTH, Notice, Side
from tvclient.core.state import Stick, StickPhase
from tvclient.ui.texts import _, _n, plain
from tvclient.ui.theme import RADII
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words

_PADDING, _ICON = 32, 52
_LINE_ICON = 40
_WORDS_X = _PADDING + _ICON + 24
_WORDS_WIDTH = NOTICE_WIDTH - _WORDS_X - _PADDING


class NoticeCard(Surface):
    """Shows one notice; nothing where there is none."""

    heading = StringProperty("")
    meaning = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fill="scrim", corner=RADII["tile"], opacity=0, **kwargs)
        self._icon, self._heading, self._meaning = Icon(), Words(role="small", strong=True), Words(role="small")
        self._meaning.tone = "straw"
        self._notice: Notice | None = None
        for part in (self._icon, self._heading, self._meaning):
            self.add_widget(part)
        for words in (self._heading, self._meaning):
            words.fbind("natural_width", self._stand)

    def show(self, notice: Notice | None) -> None:
        """Become the picture of `notice`."""
        self._notice = notice
        self.opacity = 0 if notice is None else 1
        if notice is None:
            return
        self.heading, self.meaning = _words(notice)
        self._icon.glyph, self._icon.tone = _sign(notice)
        self._heading.role = "hint" if notice.in_one_line else "small"
        self._meaning.opacity = 0 if notice.in_one_line else 1
        self._heading.text, self._meaning.text = self.heading, self.meaning
        self._stand()

    def _stand(self, *_args: object) -> None:
        """As wide as its words, from its margin inward."""
        if self._notice is None:
            return
        if self._notice.in_one_line:
            self._stand_in_one_line(self._notice)
            return
        widest = min(_WORDS_WIDTH, max(self._heading.natural_width, self._meaning.natural_width))
        width = _WORDS_X + widest + _PADDING
        left = self._notice.x - (width if self._notice.side is Side.RIGHT else 0)
        top = self._notice.y
        self.at = [left, top, width, NOTICE_HEIGHT]
        self._icon.at = [left + _PADDING, top + (NOTICE_HEIGHT - _ICON) / 2, _ICON, _ICON]
        self._heading.at = [left + _WORDS_X, top + 12, 0, 56]
        self._meaning.at = [left + _WORDS_X, top + 70, 0, 52]

    def _stand_in_one_line(self, notice: Notice) -> None:
        words_x = _PADDING + _LINE_ICON + 18
        width = words_x + self._heading.natural_width + _PADDING
        left = notice.x - (width if notice.side is Side.RIGHT else 0)
        self.at = [left, notice.y, width, LINE_HEIGHT]
        self._icon.at = [left + _PADDING, notice.y + (LINE_HEIGHT - _LINE_ICON) / 2, _LINE_ICON, _LINE_ICON]
        self._heading.at = [left + words_x, notice.y, 0, LINE_HEIGHT]


def _sign(notice: Notice) -> tuple[str, str]:
    """Icon and its colour."""
    if notice.help is not None or notice.pictured:
        return "people", "sprout"
    if notice.stick is None:
        return "sorry", "dry"
    match notice.stick.phase:
        case StickPhase.READING | StickPhase.COPYING | StickPhase.WRITING:
            return "download", "lamp"
        case StickPhase.DONE:
            return "check", "sprout"
        case _:
            return "sorry", "dry"


def _words(notice: Notice) -> tuple[str, str]:
    if notice.help is not None:
        if notice.in_one_line:
            return _("Red, or Back twice, ends the help"), ""
        heading = _("{helper} of the county helps from afar").format(helper=plain(notice.help.helper))
        return heading, _("Sees this screen. Red, or Back twice, ends it")
    if notice.pictured:
        return _("The county takes one picture of this screen"), _("To see whether everything works. Nothing to do")
    if notice.stick is None:
        return _("The television's disk is full"), _("Keep it switched on and call the county")
    return _stick_words(notice.stick)


def _stick_words(stick: Stick) -> tuple[str, str]:
    leave, pull = _("Leave it in, it is not done yet"), _("USB stick: you may pull it out")
    match stick.phase:
        case StickPhase.READING:
            return _("USB stick: looking at what is on it"), leave
        case StickPhase.COPYING:
            number = min(stick.done + 1, stick.total)
            return _("USB stick: copying lesson {number} of {total}").format(number=number, total=stick.total), leave
        case StickPhase.WRITING:
            return _("USB stick: writing down what was shown here"), leave
        case StickPhase.DONE:
            heard = _n("{count} lesson from it is stored", "{count} lessons from it are stored", stick.done)
            return _("USB stick: done, you may pull it out"), (
                heard.format(count=stick.done) if stick.done else _("What was shown here is on it")
            )
        case StickPhase.FULL:
            return pull, _("This television has no room for the rest")
        case StickPhase.DAMAGED:
            return pull, _("Something on it is damaged and was left out")
        case StickPhase.UNWRITABLE:
            return pull, _("Nothing can be written onto it: full or locked")
        case StickPhase.PULLED:
            return _("The USB stick was pulled out too early"), _("Nothing is broken. Put it in again for the rest")
        case phase:
            assert_never(phase)

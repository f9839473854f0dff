"""Which alert fills a television, and in what sizes its words fit: the same rules for the box and for the preview.

An alert's words are bounded (`HEADLINE_MAX` and the others), so that the smallest size always holds them whole: nothing
is cut, nothing scrolls. How an alert travels: `wire/messages.py`.
"""

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from schedules.wire.messages import Alert, Severity

SHOWN_STEPS: Final = 3
HEADLINE_MAX: Final = 24
DESCRIPTION_MAX: Final = 100
STEP_MAX: Final = 30
SENDER_MAX: Final = 16
"""Characters; a small Latin letter counts as half of one, as it is half as wide (`length_of`)."""

TEXT_WIDTH: Final = 1300
"""Design pixels of a television (1920 wide) within which headline and description stand."""
HEADLINE_WIDTH: Final = 1372
"""Beside the sign of the danger."""
STEP_WIDTH: Final = 1500
TEXT_HEIGHT: Final = 812
"""From the upper safe edge down to the button."""

_WIDE: Final = 0x2E80
_PIECE: Final = re.compile(
    r"\s+|[“‘（《〈【「『(]*(?:[\u2e80-\U0003ffff]|[^\s\u2e80-\U0003ffff“‘（《〈【「『]+)"
    r"[”’）》〉】」』)，。、！？；：…—,.!?;:%]*|."
)
"""What is not parted: a Chinese character or a word, with the marks that cling to it."""
_SEVERITIES: Final = (Severity.UNKNOWN, Severity.MINOR, Severity.MODERATE, Severity.SEVERE, Severity.EXTREME)


class Sizes(msgspec.Struct, frozen=True):
    """Design pixels of the three kinds of words; `number` names the step from the largest, 0."""

    number: int
    headline: int
    description: int
    step: int


SIZES: Final = (
    Sizes(0, 136, 68, 64),
    Sizes(1, 112, 60, 56),
    Sizes(2, 96, 52, 48),
    Sizes(3, 80, 44, 42),
    Sizes(4, 64, 40, 40),
)
"""From the mock's down to the smallest that is read at three metres."""
HEADLINE_LINE: Final = 1.3
DESCRIPTION_LINE: Final = 1.45
STEP_LINE: Final = 1.4
BELOW_HEADLINE: Final = 20
ABOVE_STEPS: Final = 36
BETWEEN_STEPS: Final = 20


class Sign(StrEnum):
    """The picture beside a step."""

    HOUSE = "house"
    HERD = "herd"
    NO_TREE = "no-tree"
    HIGH = "high"
    CALL = "call"
    DO = "do"
    """A step that no picture is known for."""


_SIGNS: Final = (
    (Sign.NO_TREE, ("树下", "大树", "under tree", "under the tree", "away from tree")),
    (Sign.HERD, ("牛", "羊", "牲畜", "家畜", "圈", "cattle", "sheep", "livestock", "animals", "herd")),
    (Sign.CALL, ("电话", "报警", "拨打", "119", "120", "110", "call ", "phone")),
    (Sign.HIGH, ("高处", "高地", "转移", "撤离", "higher ground", "high ground", "evacuate")),
    (Sign.HOUSE, ("进屋", "屋里", "室内", "回家", "门窗", "indoors", "inside", "windows", "house", "stay home")),
)


def sign_of(step: str) -> Sign:
    """The picture for a step, by the words in it."""
    lower = step.lower()
    return next((sign for sign, words in _SIGNS if any(word in lower for word in words)), Sign.DO)


def length_of(text: str) -> float:
    """How long a text is, in widths of a Chinese character."""
    return sum(1.0 if ord(char) >= _WIDE else 0.7 if _broad(char) else 0.5 for char in text)


def shortened(text: str, longest: float) -> str:
    """The text on one line, cut with an ellipsis where it is longer than `longest` (`length_of`)."""
    line = " ".join(text.split())
    if length_of(line) <= longest:
        return line
    while length_of(line) > longest - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def words_shown(alert: Alert) -> tuple[str, str, tuple[str, ...]]:
    """Headline, description and steps as a television shows them: bounded, whoever wrote them."""
    steps = tuple(shortened(step, STEP_MAX) for step in alert.instructions if step.strip())[:SHOWN_STEPS]
    return shortened(alert.headline, HEADLINE_MAX), shortened(alert.description, DESCRIPTION_MAX), steps


def sizes_of(headline: str, description: str, steps: tuple[str, ...]) -> Sizes:
    """The largest sizes in which all the words fit above the button."""
    return next((sizes for sizes in SIZES if height_of(headline, description, steps, sizes) <= TEXT_HEIGHT), SIZES[-1])


def height_of(headline: str, description: str, steps: tuple[str, ...], sizes: Sizes) -> float:
    """Design pixels from the top of the headline to the bottom of the last step."""
    height = len(lines_of(headline, sizes.headline, HEADLINE_WIDTH)) * sizes.headline * HEADLINE_LINE
    if description:
        lines = len(lines_of(description, sizes.description, TEXT_WIDTH))
        height += BELOW_HEADLINE + lines * sizes.description * DESCRIPTION_LINE
    for place, step in enumerate(steps):
        height += BETWEEN_STEPS if place else ABOVE_STEPS
        height += len(lines_of(step, sizes.step, STEP_WIDTH)) * sizes.step * STEP_LINE
    return height


def lines_of(text: str, size: int, width: int) -> tuple[str, ...]:
    """The text in lines that fit, none of which begins with a closing mark (GB/T 15834).

    Args:
        text: one paragraph.
        size, width: of the type and of the line, in design pixels.
    """
    room = width / size
    lines, line = list[str](), ""
    for piece in _PIECE.findall(" ".join(text.split())):
        if line and em_of((line + piece).rstrip()) > room:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
        while em_of(line.rstrip()) > room:  # one word wider than the screen
            cut = max(1, sum(1 for end in range(1, len(line)) if em_of(line[:end]) <= room))
            lines.append(line[:cut])
            line = line[cut:]
    return (*lines, line.rstrip()) if line.strip() else tuple(lines)


def em_of(text: str) -> float:
    """At most how wide a text is set, in multiples of its size."""
    return sum(_em(char) for char in text)


def _em(char: str) -> float:
    if ord(char) >= _WIDE:
        return 1.0
    if char == " ":
        return 0.3
    return 0.75 if _broad(char) else 0.58


def _broad(char: str) -> bool:
    return char.isupper() or char in "mw—…@%"


def holds_at(alert: Alert, now: datetime) -> bool:
    """Whether an alert stands at an instant; a clock that runs behind the server's signed word is not believed."""
    return alert.effective <= max(now, alert.sent) < alert.expires


def in_order(alerts: Iterable[Alert], now: datetime, answered: Collection[str] = ()) -> tuple[Alert, ...]:
    """The alerts that stand and were not answered, each once: the severest first, then the newest.

    One that another of them replaces is left out.
    """
    standing = {alert.id: alert for alert in alerts if holds_at(alert, now)}
    replaced = {reference for alert in standing.values() for reference in alert.references}
    waiting = [one for one in standing.values() if one.id not in replaced and one.id not in answered]
    return tuple(sorted(waiting, key=lambda one: (_SEVERITIES.index(one.severity), one.sent, one.id), reverse=True))

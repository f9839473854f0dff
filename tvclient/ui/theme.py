"""Every value of the look: colours, type, space, radii, motion; and how design pixels become the window's.

Design is 1920x1080 with the origin at the top left (`core.geometry`); whatever window there is shows it whole, centred.
Widgets take values from here by name and hold none of their own. Contrasts of the colours: at least 7:1 for text.
"""

from typing import Final, NamedTuple

from kivy.core.text import LabelBase
from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, NumericProperty

from schedules.alerts import SIZES
from tvclient.core.geometry import HEIGHT, WIDTH
from tvclient.ui.fonts import BOLD, REGULAR

Rgba = tuple[float, float, float, float]

FACE: Final = "Noto Sans SC"

_HEX: Final = {
    "night": "15120E",
    "field": "1F1A14",
    "ridge": "2A241C",
    "raised": "362E24",
    "line": "4A4034",
    "edge": "8D8170",
    "edge-deep": "4D3F2C",
    "paper": "F7F0E4",
    "straw": "D8CCB8",
    "lamp": "F5B84B",
    "lamp-ink": "1A1205",
    "ink": "1A1510",
    "soft-ink": "4E4334",
    "sprout": "AED581",
    "sprout-deep": "26301A",
    "tick-ink": "14200A",
    "dry": "E8D9A8",
    "water": "9CC3D5",
    "white": "FFFFFF",
    "black": "000000",
    "green-key": "8CC152",
    "green-ink": "12200A",
    "yellow-key": "EBD26A",
    "yellow-ink": "211A04",
    "red-key": "9B1C13",
    "blue-key": "24506E",
    "alarm": "8F1D14",
    "alarm-deep": "7B170F",
}
WIDE: Final = 0x2E80
"""From this code point on (CJK radicals) a character is as wide as it is high."""

CLEAR: Final[Rgba] = (0.0, 0.0, 0.0, 0.0)


def hex_rgba(value: str, alpha: float = 1.0) -> Rgba:
    """`RRGGBB` as Kivy's four numbers from 0 to 1."""
    return (int(value[0:2], 16) / 255, int(value[2:4], 16) / 255, int(value[4:6], 16) / 255, alpha)


COLOURS: Final[dict[str, Rgba]] = {name: hex_rgba(value) for name, value in _HEX.items()} | {
    "": CLEAR,
    "scrim": hex_rgba(_HEX["night"], 0.94),
}


class Role(NamedTuple):
    """Sizes in design pixels, in the simple and in the full mode."""

    simple: int
    full: int
    bold: bool = False


ROLES: Final[dict[str, Role]] = {
    "countdown": Role(264, 200, bold=True),
    "figure": Role(168, 128, bold=True),
    "code": Role(96, 96, bold=True),
    "lesson": Role(88, 72, bold=True),
    "title": Role(72, 56, bold=True),
    "key": Role(72, 56, bold=True),
    "digit": Role(104, 80, bold=True),
    "name": Role(62, 48, bold=True),
    "subtitle": Role(56, 48),
    "heading": Role(54, 40, bold=True),
    "card": Role(48, 40, bold=True),
    "button": Role(48, 36, bold=True),
    "large": Role(48, 40),
    "body": Role(44, 34),
    "small": Role(40, 32),
    "meta": Role(36, 28),
    "hint": Role(32, 26),
    "keycap": Role(28, 24, bold=True),
    "stripcap": Role(34, 28, bold=True),
    "caption": Role(56, 48),
    "caption-large": Role(74, 64),
}
for _fit in SIZES:
    ROLES[f"alert-{_fit.number}"] = Role(_fit.headline, _fit.headline, bold=True)
    ROLES[f"message-{_fit.number}"] = Role(_fit.description, _fit.description)
    ROLES[f"step-{_fit.number}"] = Role(_fit.step, _fit.step, bold=True)

RING: Final = 6
RING_GAP: Final = 6
GROWN: Final = 1.05
FOCUS_SECONDS: Final = 0.15
BLOCKED_SECONDS: Final = 0.16
BLOCKED_SHIFT: Final = 10
SCREEN_SECONDS: Final = 0.18
STRIP_IN_SECONDS: Final = 0.15
STRIP_OUT_SECONDS: Final = 0.2
CHIP_ALPHA: Final = 0.94
CAPTION_BOTTOM: Final = 66
SPINNER_AFTER_SECONDS: Final = 0.5
RADII: Final = {"tile": 24, "button": 26, "poster": 20, "small": 15, "panel": 30, "qr": 40, "cap": 12, "digit": 22}


class Theme(EventDispatcher):
    """What of the look changes while the program runs.

    Attributes:
        unit: real pixels for one design pixel.
        left, bottom: real pixels beside and below the design where the window is not 16:9.
        simple: the simple mode with its larger type.
    """

    unit = NumericProperty(1.0)
    left = NumericProperty(0.0)
    bottom = NumericProperty(0.0)
    simple = BooleanProperty(True)

    def fit(self, width: float, height: float) -> None:
        """Show the whole design, as large as it goes, in a window of this size."""
        unit = min(width / WIDTH, height / HEIGHT)
        self.left, self.bottom = (width - WIDTH * unit) / 2, (height - HEIGHT * unit) / 2
        self.unit = unit

    def size_of(self, role: str) -> int:
        """Design pixels of a role in the present mode."""
        chosen = ROLES[role]
        return chosen.simple if self.simple else chosen.full


theme = Theme()


def ease(progress: float) -> float:
    """cubic-bezier(.2, 0, 0, 1) of W3C's CSS Easing Functions, solved for y by bisection; 0 to 1 in and out."""
    low, high = 0.0, 1.0
    for _ in range(24):
        middle = (low + high) / 2
        x = 3 * (1 - middle) ** 2 * middle * 0.2 + middle**3
        low, high = (middle, high) if x < progress else (low, middle)
    return 3 * (1 - low) * low**2 + low**3


def em_width(text: str) -> float:
    """About how wide a text is, in multiples of its size."""
    return sum(1.0 if ord(char) >= WIDE else 0.56 for char in text)


def clipped(text: str, room: float, role: str) -> str:
    """As much of a text as stands on one line of this role in so much room, with an ellipsis where that is not all."""
    size = theme.size_of(role)
    if em_width(text) * size <= room:
        return text
    while text and (em_width(text) + 1) * size > room:
        text = text[:-1]
    return text.rstrip() + "…"


def fitting(text: str, room: float, *roles: str) -> str:
    """The first of these roles in which a text stands on one line in so much room; empty where in none."""
    return next((role for role in roles if em_width(text) * theme.size_of(role) <= room), "")


def register_face() -> None:
    """Make the SC face known to Kivy under FACE. Raises OSError where set-up has not extracted it."""
    for face in (REGULAR, BOLD):
        if not face.is_file():
            raise OSError(f"{face} is missing: run python -m tvclient.ui.fonts")
    LabelBase.register(FACE, str(REGULAR), fn_bold=str(BOLD))

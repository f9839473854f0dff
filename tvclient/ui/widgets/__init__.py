"""What screens are made of. Each widget draws the values it is given; none fetches, none decides.

Begin with `placed.py`: everything stands at a rectangle in design pixels. All are loaded here, since the .kv
files of the screens find them by name.
"""

from tvclient.ui.widgets.captions import CaptionBlock
from tvclient.ui.widgets.choice_row import ChoiceRow
from tvclient.ui.widgets.column import Column, Gap, InfoRow
from tvclient.ui.widgets.digit_box import DigitBox
from tvclient.ui.widgets.focus_ring import FocusRing
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.lesson_card import LargeCard, NextCard, SideCard
from tvclient.ui.widgets.notice import NoticeCard
from tvclient.ui.widgets.photograph import Photograph
from tvclient.ui.widgets.placed import Placed, Thing
from tvclient.ui.widgets.poster import Poster
from tvclient.ui.widgets.poster_tile import Legend, PosterTile
from tvclient.ui.widgets.price_chart import PriceChart
from tvclient.ui.widgets.push_button import PushButton
from tvclient.ui.widgets.qr_code import QrCode
from tvclient.ui.widgets.row import KeyCap, Row, RowWords, Sentence
from tvclient.ui.widgets.scrim import Scrim
from tvclient.ui.widgets.surface import Surface, ThingSurface
from tvclient.ui.widgets.tick_tile import TickTile
from tvclient.ui.widgets.wait_mark import WaitMark
from tvclient.ui.widgets.words import Words

__all__ = [
    "CaptionBlock",
    "ChoiceRow",
    "Column",
    "DigitBox",
    "FocusRing",
    "Gap",
    "Icon",
    "InfoRow",
    "KeyCap",
    "LargeCard",
    "Legend",
    "NextCard",
    "NoticeCard",
    "Photograph",
    "Placed",
    "Poster",
    "PosterTile",
    "PriceChart",
    "PushButton",
    "QrCode",
    "Row",
    "RowWords",
    "Scrim",
    "Sentence",
    "SideCard",
    "Surface",
    "Thing",
    "ThingSurface",
    "TickTile",
    "WaitMark",
    "Words",
]

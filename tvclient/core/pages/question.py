"""A question from afar, at the top of whatever is shown: over a lesson its captions stay free."""

from typing import Final

from tvclient.core.geometry import Focusable, FocusId, Rect

ALLOW: Final = FocusId("allow")
QUESTION_AT: Final = Rect(72, 36, 1776, 244)
ALLOW_AT: Final = Rect(1424, 64, 384, 104)
THINGS: Final = (Focusable(ALLOW, ALLOW_AT, "question"),)
"""While it stands there the focus is here alone; what its keys mean: `core/helping.py`."""

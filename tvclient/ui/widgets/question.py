"""A question from afar at the top of the screen: who asks, what they could do, and how to say yes or no.

It stands above whatever is shown and lets a lesson go on. Where it stands: `core/pages/question.py`; when:
`core/helping.py`.
"""

from typing import Any

from kivy.properties import StringProperty

from tvclient.core.helping import question_shown
from tvclient.core.pages.question import ALLOW, ALLOW_AT, QUESTION_AT
from tvclient.core.state import State
from tvclient.ui.texts import _, _n, plain
from tvclient.ui.theme import RADII
from tvclient.ui.widgets.icon import Icon
from tvclient.ui.widgets.placed import Thing
from tvclient.ui.widgets.push_button import PushButton
from tvclient.ui.widgets.row import Sentence
from tvclient.ui.widgets.surface import Surface
from tvclient.ui.widgets.words import Words

_WORDS_X, _WORDS_WIDTH = 216, 1160


class QuestionCard(Surface):
    """Shows who asks for help; nothing where nobody does."""

    heading = StringProperty("")
    meaning = StringProperty("")

    def __init__(self, **kwargs: Any) -> None:
        rect = QUESTION_AT
        at = [rect.x, rect.y, rect.w, rect.h]
        super().__init__(fill="field", outline="edge", corner=RADII["panel"], opacity=0, at=at, **kwargs)
        self._heading = Words(role="card", strong=True, at=[_WORDS_X, 60, _WORDS_WIDTH, 72])
        self._meaning = Words(role="small", tone="straw", lines=2, at=[_WORDS_X, 138, _WORDS_WIDTH, 120])
        self._allow = PushButton(focus_id=ALLOW, primary=True)
        self._decline = Sentence(role="small", tall=True, align="center", at=[ALLOW_AT.x, 188, ALLOW_AT.w, 68])
        icon = Icon(glyph="people", tone="lamp", at=[112, 84, 76, 76])
        for part in (icon, self._heading, self._meaning, self._allow, self._decline):
            self.add_widget(part)

    def show(self, state: State) -> dict[str, Thing]:
        """Become the picture of `state`; gives what can have the focus here."""
        asked = state.help if question_shown(state) else None
        self.opacity = 0 if asked is None else 1
        if asked is None:
            return {}
        self.heading = _("{helper} of the county asks to help you from afar").format(helper=plain(asked.helper))
        self.meaning = _n(
            "They would see this screen and press its keys, for {count} minute at most. You can end it at any time.",
            "They would see this screen and press its keys, for {count} minutes at most. You can end it at any time.",
            asked.minutes,
        ).format(count=asked.minutes)
        self._heading.text, self._meaning.text = self.heading, self.meaning
        self._allow.text, self._decline.text = _("Allow"), _("{back} Do not allow")
        rect = ALLOW_AT
        self._allow.at = [rect.x, rect.y, rect.w, rect.h]
        return {ALLOW: self._allow}

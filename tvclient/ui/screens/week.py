"""The week's programme: seven days at the left, beside them the chosen day's airings: what was shown, what will be."""

from datetime import date, datetime, time

from kivy.properties import StringProperty

from schedules.airings import Airing
from tvclient.core.pages import week
from tvclient.core.screens import LOCAL_ZONE, local, on_air
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, day, heading_of, numeral, subheading_of, weekday
from tvclient.ui.widgets.airing_row import AiringRow
from tvclient.ui.widgets.lesson_card import readiness_words, when
from tvclient.ui.widgets.push_button import PushButton


class WeekScreen(ScreenView):
    """Seven days, five airings."""

    title = StringProperty("")
    details = StringProperty("")
    time = StringProperty("")
    page = StringProperty("")
    back = StringProperty("")
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._buttons = [PushButton(rest="field") for _at in week.DAYS_AT]
        self._rows = [AiringRow() for _at in week.ROWS_AT]
        for thing in (*self._buttons, *self._rows):
            self.add_widget(thing)

    def show(self, state: State) -> None:
        """See the base."""
        chosen = week.chosen_day(state)
        airings = week.airings_of(state, chosen)
        self.title, self.time = _("The week"), clock(state.now)
        count = _n("{count} lesson", "{count} lessons", len(airings)).format(count=len(airings)) if airings else ""
        self.details = "\u3000".join(part for part in (day(_noon(chosen)), count) if part)
        self.empty_title = "" if airings else _("Nothing is shown on this day")
        self.empty_words = "" if airings else _("New ones come by themselves")
        self.back = _("{back} Back to the lesson") if on_air(state) and len(state.over_home) == 1 else _("{back} Back")
        last = week.pages(len(airings))
        turn = _("Page {page} of {pages}, {down} turns it").format(
            page=week.page_shown(state) + 1, pages=last, down="{down}"
        )
        self.page = turn if last > 1 else ""
        for button, one in zip(self._buttons, week.days(state), strict=True):
            button.focus_id = week.button(one)
            lead = _("Today") if one == local(state.now).date() else weekday(one)
            button.text = f"{lead} {one.day}"
            button.chosen = one == chosen
        shown = week.shown(state)
        for slot, row in enumerate(self._rows):
            airing = shown[slot] if slot < len(shown) else None
            row.focus_id = week.row(airing) if airing else f"no_airing.{slot}"
            if airing is not None:
                self._row(state, row, airing)

    def _row(self, state: State, row: AiringRow, airing: Airing) -> None:
        row.gallery, row.package = self.gallery, airing.package
        row.time, row.title, row.more = clock(airing.start), heading_of(airing.lesson), subheading_of(airing.lesson)
        number = airing.lesson.number if airing.lesson.course else 0
        row.brief = _("Lesson {number}").format(number=numeral(number)) if number else ""
        fate = week.fate(state, airing)
        row.past = fate in (week.Fate.SHOWN, week.Fate.MISSED)
        match fate:
            case week.Fate.ON_AIR:
                row.glyph, row.tone, row.status = "play", "paper", _("On now")
            case week.Fate.SHOWN:
                row.glyph, row.tone, row.status = "check", "straw", _("Was shown")
            case week.Fate.MISSED:
                row.glyph, row.tone, row.status = "sorry", "dry", _("Was not shown here")
            case week.Fate.COMING:
                row.glyph, row.tone, row.status = readiness_words(state, airing)
        again = week.shown_again(state, airing)
        row.again = _("Again: {when}").format(when=when(state, again, _("Today"))) if again else ""


def _noon(one: date) -> datetime:
    return datetime.combine(one, time(12), LOCAL_ZONE)


load_kv(__file__)

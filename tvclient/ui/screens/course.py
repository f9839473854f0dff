"""A course: its lessons, and of one of them what it is about, who approved it, when it is on, and where one stopped."""

from datetime import timedelta

from kivy.properties import StringProperty

from tvclient.core.catalogue import Entry
from tvclient.core.expiry import expired
from tvclient.core.pages import course
from tvclient.core.screens import local, next_airing, on_air
from tvclient.core.state import State
from tvclient.core.watching import SEEN, next_showing
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, clock, numeral, plain
from tvclient.ui.widgets.lesson_card import when
from tvclient.ui.widgets.lesson_row import LessonRow

SOON = timedelta(minutes=5)


class CourseScreen(ScreenView):
    """Five lessons at the left, the details of one at the right."""

    title = StringProperty("")
    subject = StringProperty("")
    package = StringProperty("")
    lesson = StringProperty("")
    facts = StringProperty("")
    summary = StringProperty("")
    glyph = StringProperty("")
    tone = StringProperty("straw")
    status = StringProperty("")
    play = StringProperty("")
    over = StringProperty("")
    back = StringProperty("")
    page = StringProperty("")
    empty = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._rows = [LessonRow() for _at in course.ROWS_AT]
        for row in self._rows:
            self.add_widget(row)

    def show(self, state: State) -> None:
        """See the base."""
        shown, here = course.course_shown(state), course.entry_shown(state)
        self.empty = "" if here else _("This lesson is gone from the programme")
        self.back = _("{back} Back to the lesson") if on_air(state) and len(state.over_home) == 1 else _("{back} Back")
        page = course.page_shown(state)
        for slot, row in enumerate(self._rows):
            entry = page[slot] if slot < len(page) else None
            row.focus_id = course.row(entry.lesson.id) if entry else f"no_lesson.{slot}"
            if entry is not None:
                self._row(state, row, entry)
        if shown is None or here is None:
            self.title = self.subject = self.lesson = self.facts = self.summary = self.status = ""
            self.package = self.glyph = self.page = ""
            return
        count = len(shown.entries)
        self.title = plain(shown.title)
        lessons = _n("{count} lesson", "{count} lessons", count).format(count=count)
        self.subject = "\u3000".join(part for part in (plain(shown.subject), lessons) if part)
        last, number = -(-count // course.ROWS), shown.entries.index(here) // course.ROWS + 1
        turn = _("Page {page} of {pages}, {down} turns it").format(page=number, pages=last, down="{down}")
        self.page = turn if last > 1 else ""
        self._details(state, here)

    def _details(self, state: State, here: Entry) -> None:
        self.package, self.lesson = here.package, plain(here.lesson.title)
        minutes = max(1, round(here.duration_ms / 60_000))
        length = _n("{minutes} minute", "{minutes} minutes", minutes).format(minutes=minutes)
        by = here.stored.approved_by if here.stored else ""
        at = local(here.stored.approved_at) if here.stored and here.stored.approved_at else None
        approved = _("approved by {name}").format(name=plain(by)) if by else ""
        if by and at:
            approved = _("approved by {name}, {date}").format(name=plain(by), date=f"{at:%Y-%m-%d}")
        self.facts = "\u3000".join(part for part in (length, approved) if part)
        self.summary = plain(here.lesson.summary)
        self.glyph, self.tone, self.status = _status(state, here)
        self.play, self.over = _play(state, here), _("From the beginning")

    @staticmethod
    def _row(state: State, row: LessonRow, entry: Entry) -> None:
        row.number = numeral(entry.lesson.number) if entry.lesson.number else "·"
        row.title = plain(entry.lesson.title)
        place = state.places.get(entry.package)
        row.seen = place == SEEN
        row.share = place / entry.duration_ms if place and place > 0 else -1
        row.there = entry.stored is not None


def _play(state: State, here: Entry) -> str:
    if course.is_on_air(state, here):
        return _("Back to the lesson")
    place = course.place_in(state, here)
    if place:
        return _("Go on from {time}").format(time=f"{place // 60_000}:{place // 1000 % 60:02d}")
    return _("Catch up now") if course.missed_airing(state, here) else _("Watch now")


def _status(state: State, here: Entry) -> tuple[str, str, str]:
    """The one sentence that matters most about a lesson now."""
    if course.is_on_air(state, here):
        return "play", "paper", _("On now")
    again = next_showing(state, here.lesson)
    later = _("On the air: {when}").format(when=when(state, again, _("Today"))) if again else ""
    if expired(state, here.package):
        return "sorry", "dry", _("This lesson has expired")
    if here.stored is None:
        return "download", "dry", later or _("Not stored yet")
    if not course.can_play(state, here):
        return "clock", "dry", _not_now(state)
    if course.missed_airing(state, here) is not None:
        return "sorry", "dry", _("Not shown here. Watched now, it counts")
    return ("clock", "straw", later) if later else ("check", "sprout", _("Stored, ready to play"))


def _not_now(state: State) -> str:
    coming = next_airing(state)
    if coming is not None and coming.start - state.now < SOON:
        return _("The next lesson starts at {time}").format(time=clock(coming.start))
    return _("After the lesson that is on now")


load_kv(__file__)

"""The library: what is stored here and may be watched at any time, by subject, with the place where one stopped."""

from kivy.properties import StringProperty

from tvclient.core.catalogue import Course, next_to_see
from tvclient.core.pages import library
from tvclient.core.state import State
from tvclient.core.watching import SEEN
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, numeral, plain
from tvclient.ui.widgets.poster_tile import Legend, PosterTile

UNDER = 210
"""From a poster's top to its legend."""


class LibraryScreen(ScreenView):
    """Two subjects, four courses of each."""

    title = StringProperty("")
    stored = StringProperty("")
    below = StringProperty("")
    first = StringProperty("")
    second = StringProperty("")
    first_count = StringProperty("")
    second_count = StringProperty("")
    first_right = StringProperty("")
    second_right = StringProperty("")
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._tiles = [[PosterTile() for _at in row] for row in library.POSTERS_AT]
        self._legends = [[Legend(at=[at.x, at.y + UNDER, at.w, 110]) for at in row] for row in library.POSTERS_AT]
        for rows in (self._legends, self._tiles):
            for row in rows:
                for widget in row:
                    self.add_widget(widget)

    def show(self, state: State) -> None:
        """See the base."""
        count = len(state.lessons)
        self.title = _("Library")
        stored = _n("{count} lesson stored, no line needed", "{count} lessons stored, no line needed", count)
        self.stored = stored.format(count=count) if count else ""
        further = library.below(state)
        self.below = _("Below: {subjects}").format(subjects="\u3000".join(map(_subject, further))) if further else ""
        self.empty_title = "" if count else _("Nothing is stored yet")
        self.empty_words = "" if count else _("Lessons come by themselves, mostly at night")
        shown = library.rows(state)
        heads = [self._head(state, row) for row in shown] + [("", "", "")] * (library.ROWS - len(shown))
        (self.first, self.first_count, self.first_right), (self.second, self.second_count, self.second_right) = heads
        for row, (tiles, legends) in enumerate(zip(self._tiles, self._legends, strict=True)):
            courses = shown[row][1] if row < len(shown) else ()
            for column, (tile, legend) in enumerate(zip(tiles, legends, strict=True)):
                self._course(state, tile, legend, courses[column] if column < len(courses) else None, (row, column))

    def _course(
        self, state: State, tile: PosterTile, legend: Legend, course: Course | None, place: tuple[int, int]
    ) -> None:
        tile.focus_id = library.poster(course) if course else f"no_course.{place}"
        if course is None:
            legend.text = legend.more = legend.glyph = ""
            return
        first = next_to_see(state, course)
        tile.gallery, tile.package = self.gallery, first.package if first else ""
        legend.text = plain(course.title)
        legend.more, legend.glyph = progress_words(state, course)

    @staticmethod
    def _head(state: State, row: tuple[str, tuple[Course, ...], tuple[Course, ...]]) -> tuple[str, str, str]:
        subject, _shown, every = row
        count = sum(len(course.stored) for course in every)
        lessons = _n("{count} lesson", "{count} lessons", count).format(count=count)
        more = library.right(state, subject, every)
        words = _n("{count} more to the right", "{count} more to the right", more).format(count=more) if more else ""
        return _subject(subject), lessons, words


def _subject(subject: str) -> str:
    return plain(subject) or _("Other")


def progress_words(state: State, course: Course) -> tuple[str, str]:
    """How many lessons there are and how far one is; and the icon of what was seen whole."""
    count = len(course.stored)
    lessons = _n("{count} lesson", "{count} lessons", count).format(count=count)
    seen = sum(state.places.get(one.package) == SEEN for one in course.stored)
    if seen == count:
        return "\u3000".join((lessons, _("all seen"))), "check"
    here = next_to_see(state, course)
    begun = any(one.package in state.places for one in course.stored)
    if here is None or not begun or not here.lesson.number:
        return lessons, ""
    at = _("at lesson {number}").format(number=numeral(here.lesson.number))
    return f"{lessons}\u3000{at}", ""


load_kv(__file__)

"""Sign-in by name: one's surname at the left, one's name in large tiles, one OK; one more takes it back."""

from kivy.properties import StringProperty

from tvclient.core import roll
from tvclient.core.pages import names
from tvclient.core.screens import airing_for_sign_in, expected_count, on_air, signed_in_count
from tvclient.core.state import State
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, plain
from tvclient.ui.theme import em_width
from tvclient.ui.widgets.push_button import PushButton
from tvclient.ui.widgets.tick_tile import TickTile


class NamesScreen(ScreenView):
    """Twelve names of a page, and who of them is here."""

    title = StringProperty("")
    counts = StringProperty("")
    page = StringProperty("")
    undo = StringProperty("")
    yellow = StringProperty("")
    back = StringProperty("")
    by_number = StringProperty("")
    number = StringProperty("")
    join = StringProperty("")
    by_phone = StringProperty("")
    empty_title = StringProperty("")
    empty_words = StringProperty("")

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._buttons = [PushButton(rest="field", role="heading") for _at in names.SURNAMES_AT]
        self._tiles = [TickTile() for _at in names.NAMES_AT]
        for thing in (*self._buttons, *self._tiles):
            self.add_widget(thing)

    def show(self, state: State) -> None:
        """See the base."""
        airing = airing_for_sign_in(state)
        members, here = names.shown(state), state.signed_in.get(airing.id, frozenset()) if airing else frozenset()
        self.title = _("Find your name, press OK")
        self.counts = _("Here [b]{here}[/b] [color=d8ccb8]/ expected {expected}[/color]").format(
            here=signed_in_count(state, airing), expected=expected_count(state)
        )
        self.empty_title = "" if members else _("No names yet")
        self.empty_words = "" if members else _("The village's station administrator adds people in the web page")
        self._names(state, here)
        buttons = roll.surnames(state.roster.members) if members else ()
        for slot, button in enumerate(self._buttons):
            name = buttons[slot] if slot < len(buttons) else ""
            button.focus_id = names.button(name) if name else f"no_surname.{slot}"
            button.text = {roll.EVERYBODY: _("All"), roll.OTHERS: _("Rest")}.get(name, plain(name))
            wide = em_width(button.text)
            button.role = "heading" if wide <= 1 else "button" if wide <= 2 else "hint"
            button.chosen = bool(name) and name == state.names.surname
        last = roll.pages(len(names.chosen(state)))
        turn = _("Page {page} of {pages}, {down} turns it").format(
            page=min(state.names.page + 1, last), pages=last, down="{down}"
        )
        self.page = turn if last > 1 else ""
        self.undo = _("Mistaken? {ok} again undoes it") if members else ""
        self.back = _("{back} Back to the lesson") if on_air(state) else _("{back} Back")
        self.yellow = _("{yellow} By number")
        self.by_number = _("Or by [b]number[/b]")
        self.number = _("Number")
        self.join = state.join if state.online else ""
        self.by_phone = _("Or scan this with a phone") if self.join else ""

    def _names(self, state: State, here: frozenset[str]) -> None:
        members = names.shown(state)
        twins = roll.twins(state.roster.members)
        for slot, tile in enumerate(self._tiles):
            member = members[slot] if slot < len(members) else None
            tile.focus_id = names.tile(member) if member else f"no_name.{slot}"
            if member is None:
                continue
            tile.text, tile.ticked = member.name, member.id in here
            tile.spoken = _("{name}, signed in").format(name=member.name) if tile.ticked else ""
            tile.more = _("No. {number}").format(number=member.number) if member.id in twins else ""


load_kv(__file__)

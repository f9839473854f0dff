"""One entry of the bulletin in large letters: what, how many, whom to ask, until when."""

from kivy.properties import StringProperty

from tvclient.core.pages import market
from tvclient.core.state import State
from tvclient.ui.screens.market import kind_words, until_words
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, clock, plain


class OfferScreen(ScreenView):
    """What somebody of the county has, or looks for."""

    kind = StringProperty("")
    place = StringProperty("")
    time = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    contact = StringProperty("")
    until = StringProperty("")
    back = StringProperty("")
    more = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        offer = market.offer_chosen(state)
        self.time, self.back, self.more = clock(state.now), _("Back"), _("Next one")
        if offer is None:
            self.kind = self.place = self.text = self.contact = self.until = ""
            self.title = _("This entry is over")
            return
        self.kind, self.place = kind_words(offer), plain(offer.place)
        self.title, self.text, self.contact = plain(offer.title), plain(offer.text), plain(offer.contact)
        self.until = until_words(offer)


load_kv(__file__)

"""The form of an offer, and the body that a feed sends. What is judged about them: `rules.py`."""

from datetime import date

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, IntegerField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired
from wtforms.widgets import HiddenInput

from contentserver.kernel import clock
from contentserver.market.rules import OfferWords
from contentserver.market.words import KINDS
from schedules.wire.message import Message
from schedules.wire.messages import OfferKind


class OfferForm(FlaskForm):
    """What somebody offers or looks for."""

    kind = SelectField(
        _("Offered or wanted"),
        choices=[SelectChoice(kind.value, KINDS[kind]) for kind in OfferKind],
        default=OfferKind.SUPPLY,
    )
    title = StringField(_("What, in a few words"))
    text = TextAreaField(_("How much, what it should be like, when (not needed)"))
    contact = StringField(_("Whom to ask"))
    station = SelectField(_("Station"), validators=[InputRequired(_("Choose a station."))])
    until = DateField(_("Last day"), validators=[InputRequired(_("Write the day like this: 2026-11-23."))])
    version = IntegerField(widget=HiddenInput(), default=1)

    def words(self) -> OfferWords:
        """What was typed, with plain spaces; of a valid form."""
        last: date = self.until.data
        return OfferWords(
            kind=OfferKind(self.kind.data).value,
            title=_plain(self.title.data),
            text=_plain(self.text.data),
            contact=_plain(self.contact.data),
            until=clock.instants_of(last, last)[1],
        )


class FeedPrice(Message, frozen=True, kw_only=True):
    """One price of a feed. `cents` of one yuan for one of the commodity's units."""

    commodity: str
    market: str
    day: date
    cents: int


class FeedPrices(Message, frozen=True, kw_only=True):
    """What a feed sends."""

    prices: tuple[FeedPrice, ...]


class RefusedPrice(Message, frozen=True, kw_only=True):
    """A price of a feed that was not kept. `place` in what was sent, from 0."""

    place: int
    code: str
    title: str


class FeedAnswer(Message, frozen=True, kw_only=True):
    """What became of what was sent; `doubted` of those kept wait for somebody to confirm them."""

    new: int
    corrected: int
    same: int
    doubted: int
    refused: tuple[RefusedPrice, ...] = ()


def _plain(text: str | None) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text or "").split())

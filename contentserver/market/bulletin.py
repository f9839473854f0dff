"""The villages' bulletin: offers are put in, looked at by somebody else, shown, taken back; their day ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.aging import OldRows
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.kernel.pagination import Page, paginate
from contentserver.market import rules
from contentserver.market.models import Offer
from contentserver.market.rules import OfferFault, OfferState, OfferWords
from contentserver.regions import subtree_filter
from contentserver.stations import Station, station_named, stations_in

OLD_OFFERS = OldRows(Offer, Offer.until)
"""Offers of which nobody needs to know whom to ask any more; counted from their last day."""
FAULTS = {
    OfferFault.NO_TITLE: _("Say in a few words what it is."),
    OfferFault.TITLE_LONG: _("At most %(number)s characters fit the screen.", number=rules.TITLE_MOST),
    OfferFault.TEXT_LONG: _("At most %(number)s characters fit the screen.", number=rules.TEXT_MOST),
    OfferFault.NO_CONTACT: _("Say whom to ask, for example a name and a number."),
    OfferFault.CONTACT_LONG: _("At most %(number)s characters fit the screen.", number=rules.CONTACT_MOST),
    OfferFault.OVER: _("This day has passed."),
    OfferFault.TOO_LONG: _("An offer stands for at most 90 days. Put it in again if it lasts."),
}


@dataclass(frozen=True, slots=True)
class Sought:
    """Which offers to list; an empty state is every one."""

    state: OfferState | None = None
    text: str = ""


class OfferRefused(Rejected):
    """An offer that cannot stand as it is; `fields` says why."""

    def __init__(self, faults: dict[str, OfferFault]) -> None:
        super().__init__(
            next(iter(faults.values())).value,
            _("This offer cannot be kept as it stands."),
            {field: FAULTS[fault] for field, fault in faults.items()},
        )


def offer_asked(session: Session, offer_id: UUID, who: Person) -> Offer:
    """The offer with this id, where it concerns the person.

    Raises:
        NotFound: there is none.
        Forbidden: its station lies elsewhere.
    """
    row = session.get(Offer, offer_id, populate_existing=True)
    if row is None:
        raise NotFound("offer_unknown", _("There is no such offer."))
    if not who.reaches(row.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return row


def offer_locked(session: Session, offer_id: UUID) -> Offer:
    """The offer of an address that was asked about already, so that two people do not decide at once."""
    return session.get_one(Offer, offer_id, populate_existing=True, with_for_update=True)


def offers_page(session: Session, root: str, sought: Sought, now: datetime, number: int) -> Page[Offer]:
    """One page of the offers of a subtree, the newest first."""
    query = select(Offer).where(subtree_filter(Offer.region_code, root))
    if sought.state is not None:
        query = query.where(_in_state(sought.state, now))
    if sought.text:
        found = (
            Offer.title.contains(sought.text, autoescape=True)
            | Offer.text.contains(sought.text, autoescape=True)
            | Offer.contact.contains(sought.text, autoescape=True)
        )
        query = query.where(found)
    return paginate(session, query.order_by(Offer.posted_at.desc(), Offer.id.desc()), number)


def waiting_count(session: Session, root: str, now: datetime) -> int:
    """How many wait for somebody to look at them."""
    query = select(func.count()).where(subtree_filter(Offer.region_code, root), _in_state(OfferState.WAITING, now))
    return session.scalar(query) or 0


def stations_for(session: Session, who: Person) -> Sequence[Station]:
    """The stations for which a person may put offers in."""
    return stations_in(session, who.region_code)


def post(session: Session, station_id: UUID, words: OfferWords, who: Person, now: datetime) -> Offer:
    """Put an offer in; it waits for somebody to look at it.

    Raises:
        OfferRefused: it cannot stand as it is.
        Forbidden: the station lies outside the person's region.
        NotFound: there is no such station.
    """
    station = station_named(session, station_id)
    if not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This station lies outside your region."))
    _require_sound(words, now)
    row = Offer(
        station_id=station.id,
        region_code=station.region_code,
        state=OfferState.WAITING.value,
        posted_by=who.id,
        posted_at=now,
    )
    _say(row, words)
    session.add(row)
    session.flush()
    audit(session, who=who, action="offer.posted", subject=f"offer {row.id}", now=now, after=named(row))
    return row


def change(session: Session, row: Offer, words: OfferWords, version: int, who: Person, now: datetime) -> None:
    """Other words for an offer that waits or was refused; it waits from now on.

    Raises:
        OfferRefused: it cannot stand as it is.
        Conflict: it is shown, taken back or over, or was changed meanwhile.
    """
    if not rules.may_change(state_of(row, now)):
        raise Conflict("offer_settled", _("This offer can no longer be changed. Put in a new one."))
    _require_version(row, version)
    _require_sound(words, now)
    before = named(row)
    _say(row, words)
    row.state, row.reason, row.version = OfferState.WAITING.value, "", row.version + 1
    row.decided_by = row.decided_at = None
    audit(session, who=who, action="offer.changed", subject=f"offer {row.id}", now=now, before=before, after=named(row))


def approve(session: Session, row: Offer, version: int, who: Person, now: datetime) -> None:
    """Show an offer on the televisions of its county.

    Raises:
        Conflict: it does not wait any more, or was changed since somebody read it.
    """
    _decide(row, OfferState.SHOWN, version, who, now)
    audit(session, who=who, action="offer.approved", subject=f"offer {row.id}", now=now)


def refuse(session: Session, row: Offer, version: int, reason: str, who: Person, now: datetime) -> None:
    """Keep an offer from the televisions, with a reason for whoever put it in.

    Raises:
        Rejected: there is no reason, or a long one.
        Conflict: as for `approve`.
    """
    if not 0 < len(reason) <= rules.REASON_MOST:
        sentence = _("Say why, in at most %(number)s characters.", number=rules.REASON_MOST)
        raise Rejected("reason_wrong", sentence, {"reason": sentence})
    _decide(row, OfferState.REFUSED, version, who, now)
    row.reason = reason
    audit(session, who=who, action="offer.refused", subject=f"offer {row.id}", now=now, after=reason)


def withdraw(session: Session, row: Offer, who: Person, now: datetime) -> None:
    """Take an offer back; whoever keeps the market may too, of one that is shown.

    Raises:
        Conflict: it is taken back already, or over.
    """
    if not rules.may_withdraw(state_of(row, now)):
        raise Conflict("offer_over", _("This offer is over already."))
    before, row.state = row.state, OfferState.WITHDRAWN.value
    audit(session, who=who, action="offer.withdrawn", subject=f"offer {row.id}", now=now, before=before)


def state_of(row: Offer, now: datetime) -> OfferState:
    """The state as people see it."""
    return rules.shown_state(OfferState(row.state), row.until, now)


def named(row: Offer) -> dict[str, str]:
    """What the audit trail says of an offer: nothing of whom to ask, for the trail is kept for ever."""
    return {"kind": row.kind, "title": row.title, "until": str(row.until), "version": str(row.version)}


def _in_state(state: OfferState, now: datetime) -> ColumnElement[bool]:
    open_states = (OfferState.WAITING, OfferState.SHOWN)
    if state is OfferState.OVER:
        return Offer.state.in_(open_states) & (Offer.until <= now)
    return (Offer.state == state) & (Offer.until > now) if state in open_states else Offer.state == state


def _decide(row: Offer, state: OfferState, version: int, who: Person, now: datetime) -> None:
    if state_of(row, now) is not OfferState.WAITING:
        raise Conflict("offer_settled", _("This offer does not wait any more."))
    _require_version(row, version)
    row.state, row.decided_by, row.decided_at = state.value, who.id, now


def _require_version(row: Offer, version: int) -> None:
    if row.version != version:
        raise Conflict("changed_meanwhile", _("Somebody has changed this offer meanwhile. Read it again."))


def _require_sound(words: OfferWords, now: datetime) -> None:
    faults = rules.offer_faults(words, now)
    if faults:
        raise OfferRefused(faults)


def _say(row: Offer, words: OfferWords) -> None:
    row.kind, row.title, row.text, row.contact = words.kind, words.title, words.text, words.contact
    row.until = words.until

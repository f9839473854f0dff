"""The record of a person: enter it, change it, read what is sealed in it.

Phone, identity number, birthday and address lie sealed in the database and are shown masked; whole only to whoever may
and says why. What follows from an identity number (its birthday, whether it is somebody else's) is found by its mark.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Forbidden, NotFound, Rejected
from contentserver.kernel.phones import masked_number, mobile_number
from contentserver.kernel.sealing import Seal
from contentserver.members import branches, identity, rules
from contentserver.members.identity import Fault, Identity, masked_identity
from contentserver.members.models import Member
from contentserver.members.service import add_member
from contentserver.stations import Station

ADDRESS_CHARS = 120
REASON_CHARS = 300
IDENTITY_FAULTS = {
    Fault.FORM: _("An identity number has 18 digits, the last one may be an X."),
    Fault.BIRTHDAY: _("The birthday in this identity number does not exist, or is still to come."),
    Fault.CHECK: _("The last digit of this identity number does not fit the others. Look at it again."),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What somebody enters of a person. Of what is sealed None leaves what is kept, and the empty text takes it away.

    `number` empty asks for the next one that is free; `branch` None is none.
    """

    name: str
    number: str = ""
    card: str = ""
    branch: UUID | None = None
    active: bool = True
    phone: str | None = None
    identity: str | None = None
    birthday: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is sealed of a person, as it may be shown: masked, or whole."""

    phone: str = ""
    identity: str = ""
    birthday: str = ""
    address: str = ""


def member_asked(session: Session, member_id: UUID, who: Person) -> tuple[Member, Station]:
    """A member and their station.

    Raises:
        NotFound: there is no such member.
        Forbidden: their station lies outside the person's region.
    """
    member = session.get(Member, member_id)
    if member is None:
        raise NotFound("member_unknown", _("There is no such member."))
    station = session.get_one(Station, member.station_id)
    if not who.reaches(station.region_code):
        raise Forbidden("out_of_scope", _("This lies outside your region."))
    return member, station


def opened(member: Member, seal: Seal, *, whole: bool = False) -> Sealed:
    """What is sealed of a member; what another key sealed is shown as nothing."""
    phone, number = seal.open(member.phone_sealed) or "", seal.open(member.identity_sealed) or ""
    birthday, address = seal.open(member.birthday_sealed) or "", seal.open(member.address_sealed) or ""
    if whole:
        return Sealed(phone, number, birthday, address)
    return Sealed(
        masked_number(phone),
        masked_identity(number),
        f"{birthday[:4]}-**-**" if birthday else "",
        f"{address[:2]}****" if address else "",
    )


def note_revealed(session: Session, member: Member, reason: str, who: Person, now: datetime) -> None:
    """Somebody reads the whole record, and says why.

    Raises:
        Rejected: the reason is missing.
    """
    if not reason:
        sentence = _("Please write why this is needed. It is kept.")
        raise Rejected("reason_missing", sentence, {"reason": sentence})
    after = {"reason": reason[:REASON_CHARS], "what": "record"}
    audit(session, who=who, action="names.unmasked", subject=f"member {member.id}", now=now, after=after)


def enter(session: Session, station: Station, facts: Facts, seal: Seal, who: Person, now: datetime) -> Member:
    """A new person of a station.

    Raises:
        Rejected: something of it is wrong; `fields` says what.
        Conflict: number or card are somebody's.
    """
    facts, found = _checked(session, None, station, facts, seal, now)
    session.get_one(Station, station.id, with_for_update=True)  # one at a time: nobody gets the same number
    number = facts.number or next_number(session, station.id)
    member = add_member(session, station.id, facts.name, number, facts.card)
    _set(member, facts, found, seal)
    session.flush()
    audit(session, who=who, action="member.entered", subject=f"member {member.id}", now=now, after=_told(member))
    return member


def change(
    session: Session, member: Member, station: Station, facts: Facts, seal: Seal, who: Person, now: datetime
) -> None:
    """Another name, number, card, branch, or something else of what is sealed.

    Raises:
        Rejected: something of it is wrong; `fields` says what.
    """
    if member.merged_into is not None or rules.is_former(member.number):
        raise Rejected("member_closed", _("This record is closed. It cannot be changed."))
    facts, found = _checked(session, member, station, facts, seal, now)
    before = _told(member)
    member.name, member.number, member.card = facts.name, facts.number or member.number, facts.card
    if member.active != facts.active:
        member.active, member.left_at = facts.active, None if facts.active else now
    changed = _set(member, facts, found, seal)
    session.flush()
    after = _told(member) | ({"sealed": changed} if changed else {})
    if after != before:
        subject = f"member {member.id}"
        audit(session, who=who, action="member.changed", subject=subject, now=now, before=before, after=after)


def next_number(session: Session, station_id: UUID, wish: str = "") -> str:
    """A number that is free at a station.

    Raises:
        Rejected: there is none.
    """
    taken = session.scalars(select(Member.number).where(Member.station_id == station_id)).all()
    try:
        return rules.free_number(taken, wish)
    except LookupError as error:
        raise Rejected("numbers_used_up", _("Every number of this station is taken.")) from error


def owner_of(session: Session, mark: str, but: UUID | None = None) -> Member | None:
    """Whose identity number has this mark."""
    if not mark:
        return None
    query = select(Member).where(Member.identity_mark == mark, Member.merged_into.is_(None))
    return session.scalars(query.where(Member.id != but) if but else query).first()


def _checked(
    session: Session, member: Member | None, station: Station, facts: Facts, seal: Seal, now: datetime
) -> tuple[Facts, Identity | None]:
    """The facts as they are kept.

    Raises:
        Rejected: something is wrong with them.
    """
    wrong, today = dict[str, object](), clock.local(now).date()
    name = rules.name_of(facts.name)
    if not rules.name_valid(name):
        wrong["name"] = _("A name has two to 40 letters, with points, hyphens and spaces between.")
    wrong |= _number_faults(session, member, station.id, facts)
    if facts.phone and mobile_number(facts.phone) is None:
        wrong["phone"] = _("This is no mobile number: eleven digits that begin with 1.")
    found, fault = identity_of(facts.identity or "", today)
    if fault:
        wrong["identity"] = fault
    elif found and owner_of(session, seal.mark(found.number), member.id if member else None):
        wrong["identity"] = _("Somebody else's record has this identity number. Search for them, or merge the two.")
    birthday = _birthday(facts.birthday, today)
    if facts.birthday and birthday is None:
        wrong["birthday"] = _("This is no birthday: a day until today, as in 1968-05-09.")
    elif found and birthday and birthday != found.birthday:
        wrong["birthday"] = _("The identity number has another birthday in it.")
    if facts.address and len(rules.name_of(facts.address)) > ADDRESS_CHARS:
        wrong["address"] = _("An address has at most %(most)s characters.", most=ADDRESS_CHARS)
    if facts.branch and (member is None or member.branch_id != facts.branch):
        try:
            branches.require_takes(session, facts.branch, station.region_code, today)
        except (Rejected, NotFound) as error:
            wrong["branch"] = error.sentence
    if wrong:
        raise Rejected("record_refused", _("The record cannot stand like this."), wrong)
    kept = birthday.isoformat() if birthday else facts.birthday
    return Facts(
        name=name,
        number=facts.number,
        card=facts.card,
        branch=facts.branch,
        active=facts.active,
        phone=mobile_number(facts.phone) if facts.phone else facts.phone,
        identity=found.number if found else facts.identity,
        birthday=found.birthday.isoformat() if found else kept,
        address=rules.name_of(facts.address) if facts.address else facts.address,
    ), found


def identity_of(text: str, today: date) -> tuple[Identity | None, object]:
    """What an identity number says, or what is wrong with it; neither for the empty text."""
    if not text.strip():
        return None, ""
    found = identity.read(text, today)
    return (found, "") if isinstance(found, Identity) else (None, IDENTITY_FAULTS[found])


def _number_faults(session: Session, member: Member | None, station_id: UUID, facts: Facts) -> dict[str, object]:
    wrong = dict[str, object]()
    others = select(Member.id).where(Member.station_id == station_id)
    if member is not None:
        others = others.where(Member.id != member.id)
    if facts.number and not rules.number_valid(facts.number):
        wrong["number"] = _("A number has three to six digits.")
    elif facts.number and session.scalars(others.where(Member.number == facts.number)).first():
        wrong["number"] = _("Somebody at this station has this number.")
    if facts.card and not rules.card_valid(facts.card):
        wrong["card"] = _("A card's code has four to twenty digits.")
    elif facts.card and session.scalars(others.where(Member.card == facts.card)).first():
        wrong["card"] = _("Somebody at this station has this card.")
    return wrong


def _birthday(text: str | None, today: date) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if identity.EARLIEST <= found <= today else None


def _set(member: Member, facts: Facts, found: Identity | None, seal: Seal) -> str:
    """Put facts into a row; gives which of the sealed ones changed, by name."""
    member.branch_id, changed = facts.branch, list[str]()
    if facts.phone is not None:
        member.phone_sealed, member.phone_mark = seal.seal(facts.phone), seal.mark(facts.phone)
        changed.append("phone")
    if facts.identity is not None:
        member.identity_sealed, member.identity_mark = seal.seal(facts.identity), seal.mark(facts.identity)
        changed.append("identity")
    if facts.birthday is not None or found is not None:
        member.birthday_sealed = seal.seal(facts.birthday or "")
        changed.append("birthday")
    if facts.address is not None:
        member.address_sealed = seal.seal(facts.address)
        changed.append("address")
    return " ".join(changed)


def _told(member: Member) -> dict[str, object]:
    return {
        "name": rules.masked(member.name),
        "number": member.number,
        "card": bool(member.card),
        "branch": str(member.branch_id or ""),
        "active": member.active,
    }

"""Keep the keys that sign: prepare, use, retire, revoke; say which set boxes are to trust.

Private halves are never here: `contentserver/adapters/keyring.py` opens them by their `place`. What an old key signed
is signed anew by `contentserver/resigning.py`, after the change was committed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict
from contentserver.trust import rules
from contentserver.trust.models import KeySetRow, SigningKeyRow
from contentserver.trust.rules import Impossible, Key, KeyState, KeyStep
from schedules.wire.signing import PublicJwk, Purpose


@dataclass(frozen=True, slots=True)
class Placed:
    """A key that was made: its public half and where the private one lies."""

    kid: str
    public: str
    place: str


def rows(session: Session) -> Sequence[SigningKeyRow]:
    """All keys that there ever were, by purpose, the newest first."""
    query = select(SigningKeyRow).order_by(SigningKeyRow.purpose.desc(), SigningKeyRow.made_at.desc())
    return session.scalars(query).all()


def keys_no(session: Session) -> int:
    """The number of the set that boxes are to trust."""
    return session.scalar(select(func.max(KeySetRow.number))) or 0


def trusted_set(session: Session) -> list[PublicJwk]:
    """The public keys that boxes are to trust; none before the first key was entered."""
    return rules.trusted_set(_keys(rows(session)))


def signing_row(session: Session, purpose: Purpose) -> SigningKeyRow | None:
    """The key that signs for a purpose at this moment; None before the first was entered."""
    query = select(SigningKeyRow).where(
        SigningKeyRow.purpose == purpose.value, SigningKeyRow.state == KeyState.SIGNING.value
    )
    return session.scalars(query).first()


def coming_row(session: Session, purpose: Purpose) -> SigningKeyRow | None:
    """The key that was prepared for a purpose."""
    query = select(SigningKeyRow).where(
        SigningKeyRow.purpose == purpose.value, SigningKeyRow.state == KeyState.COMING.value
    )
    return session.scalars(query).first()


def enter_first(session: Session, made: Mapping[Purpose, Placed], now: datetime) -> bool:
    """Enter the keys with which an installation begins, or goes on that had none entered; otherwise change nothing.

    Returns:
        Whether they were entered now.
    """
    if rows(session):
        return False
    for purpose, key in made.items():
        _add(session, key, purpose, KeyState.SIGNING, 0, None, now)
    session.flush()
    return True


def prepare(session: Session, made: Placed, purpose: Purpose, who: Person | None, now: datetime) -> int:
    """A new key is trusted from now on; boxes ask for the new set.

    Returns:
        The set's number.

    Raises:
        Conflict: another one is coming already.
    """
    _judged(lambda: rules.prepared(_keys(rows(session)), made.kid, made.public, purpose))
    number = _count_up(session, now)
    _add(session, made, purpose, KeyState.COMING, number, who, now)
    _audit(session, who, "key.prepared", made.kid, purpose, now)
    return number


def use(session: Session, purpose: Purpose, who: Person | None, now: datetime) -> str:
    """The key that was prepared signs from now on; whether boxes believe it is for the caller to ask.

    Returns:
        Its id.

    Raises:
        Conflict: none was prepared.
    """
    after = _judged(lambda: rules.used(_keys(rows(session)), purpose))
    _take_over(session, after, who, now)
    kid = _signing(after, purpose)
    _audit(session, who, "key.used", kid, purpose, now)
    return kid


def retire(session: Session, purpose: Purpose, who: Person | None, now: datetime) -> int:
    """The key that is retiring leaves the set; everything was signed anew before.

    Returns:
        The new set's number.

    Raises:
        Conflict: none is retiring.
    """
    before = _keys(rows(session))
    after = _judged(lambda: rules.retired(before, purpose))
    _take_over(session, after, who, now)
    for old in before:
        if old.purpose is purpose and old.state is KeyState.RETIRING:
            _audit(session, who, "key.retired", old.kid, purpose, now)
    return _count_up(session, now)


def retiring(session: Session, purpose: Purpose) -> bool:
    """Whether a key of this purpose is retiring."""
    return any(row.purpose == purpose.value and row.state == KeyState.RETIRING.value for row in rows(session))


def lacking_after(session: Session, kid: str) -> list[Purpose]:
    """For which purposes new keys must be made before this one is revoked.

    Raises:
        Conflict: it is not trusted.
    """
    keys = _keys(rows(session))
    if not any(key.kid == kid and key.trusted for key in keys):
        raise _refusal(KeyStep.NOT_TRUSTED)
    return rules.lacking_after(keys, kid)


def revoke(
    session: Session, kid: str, made: Mapping[Purpose, Placed], who: Person | None, now: datetime
) -> Sequence[Purpose]:
    """A key that leaked is believed no more.

    Args:
        made: new keys for the purposes of `lacking_after`.

    Returns:
        The purposes for which it had signed; what it signed is to be signed anew.

    Raises:
        Conflict: it is not trusted.
    """
    before = _keys(rows(session))
    new = [Key(one.kid, purpose, KeyState.SIGNING, one.public) for purpose, one in made.items()]
    after = _judged(lambda: rules.revoked(before, kid, new))
    number = _count_up(session, now)
    for purpose, one in made.items():
        _add(session, one, purpose, KeyState.SIGNING, number, who, now)
    session.flush()
    _take_over(session, after, who, now)
    purposes = [key.purpose for key in before if key.kid == kid and key.trusted]
    for purpose in purposes:
        _audit(session, who, "key.revoked", kid, purpose, now)
    return purposes


def to_be_mended(session: Session, now: datetime) -> bool:
    """Whether something may have been signed by a key in the moment in which it ended."""
    return rules.to_be_mended([row.ended_at for row in rows(session)], now)


def _keys(found: Sequence[SigningKeyRow]) -> list[Key]:
    return [Key(row.kid, Purpose(row.purpose), KeyState(row.state), row.public) for row in found]


def _take_over(session: Session, after: Sequence[Key], who: Person | None, now: datetime) -> None:
    for key in after:
        row = session.get_one(SigningKeyRow, (key.kid, key.purpose.value))
        if row.state == key.state.value:
            continue
        row.state, row.changed_by = key.state.value, who.id if who else None
        if key.state is KeyState.SIGNING:
            row.used_at = now
        if not key.trusted:
            row.ended_at = now
    session.flush()


def _add(
    session: Session, made: Placed, purpose: Purpose, state: KeyState, number: int, who: Person | None, now: datetime
) -> None:
    session.add(
        SigningKeyRow(
            kid=made.kid,
            purpose=purpose.value,
            state=state.value,
            public=made.public,
            place=made.place,
            from_no=number,
            made_at=now,
            used_at=now if state is KeyState.SIGNING else None,
            changed_by=who.id if who else None,
        )
    )
    session.flush()


def _count_up(session: Session, now: datetime) -> int:
    number = keys_no(session) + 1
    session.add(KeySetRow(number=number, made_at=now))
    session.flush()
    return number


def _signing(keys: Sequence[Key], purpose: Purpose) -> str:
    found = rules.signing_key(keys, purpose)
    return found.kid if found else ""


def _audit(session: Session, who: Person | None, action: str, kid: str, purpose: Purpose, now: datetime) -> None:
    audit(session, who=who, action=action, subject=f"key {kid}", now=now, after={"for": purpose.value})


def _judged(change: Callable[[], list[Key]]) -> list[Key]:
    try:
        return change()
    except Impossible as error:
        raise _refusal(error.step) from error


def _refusal(step: KeyStep) -> Conflict:
    sentences = {
        KeyStep.ALREADY_COMING: _("A new key was prepared already; use it first."),
        KeyStep.NOTHING_COMING: _("No new key was prepared."),
        KeyStep.STILL_RETIRING: _("The key before is still retiring; retire it first."),
        KeyStep.NOTHING_RETIRING: _("No key is retiring."),
        KeyStep.NOT_TRUSTED: _("No trusted key has this id."),
    }
    return Conflict(step.value, sentences[step])

"""The second factor: codes that somebody's phone makes (RFC 6238), and ten on paper for whoever loses the phone.

A code is good once: the step of the last one is kept in the account's row and only ever grows, by one statement of the
database, so that two requests at the same moment cannot use the same code.
"""

import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from hmac import compare_digest
from typing import Final

import pyotp
from flask_babel import lazy_gettext as _
from sqlalchemy import CursorResult, Update, delete, func, select, update
from sqlalchemy.orm import Session

from contentserver.accounts import rules
from contentserver.accounts.models import Account, RecoveryCode, SecondFactor
from contentserver.accounts.service import WrongPassword, count_failure, refuse_locked
from contentserver.accounts.vault import Vault
from contentserver.kernel.errors import Conflict

ISSUER: Final = "Yuanjiao"
RECOVERY_CODES: Final = 10
_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Those that nobody takes for one another on paper."""
_HALF: Final = 5


def in_use(session: Session, account: Account) -> bool:
    """Whether the account has a second factor."""
    row = session.get(SecondFactor, account.id)
    return row is not None and bool(row.secret)


def offer(session: Session, account: Account, vault: Vault) -> None:
    """A new secret for a phone to take over; what is in use stays so until a code of the new one is given."""
    row = session.get(SecondFactor, account.id)
    if row is None:
        row = SecondFactor(account_id=account.id, secret="", last_step=0)  # none yet
        session.add(row)
    row.offered = vault.seal(pyotp.random_base32())
    session.flush()


def offered(session: Session, account: Account, vault: Vault) -> tuple[str, str] | None:
    """The secret to take over, as a person types it and as a phone reads it; None where none is offered."""
    row = session.get(SecondFactor, account.id)
    secret = vault.open(row.offered) if row is not None and row.offered else None
    if secret is None:
        return None
    spaced = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return spaced, pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)


def take(session: Session, account: Account, code: str, vault: Vault, now: datetime) -> Sequence[str]:
    """Use the offered secret from now on, of which a code was given.

    Returns:
        Ten recovery codes, which nobody can show again.

    Raises:
        WrongPassword: it is no code of it; it counts. Commit all the same.
        Conflict: nothing is offered.
    """
    row = session.get(SecondFactor, account.id)
    secret = vault.open(row.offered) if row is not None and row.offered else None
    if row is None or secret is None:
        raise Conflict("nothing_offered", _("Begin anew: show the square once more."))
    refuse_locked(account, now)
    step = _step_of(secret, _plain(code), now)
    if step is None:
        count_failure(account, now)
        raise WrongPassword("code_wrong", _("This code is wrong. Does the phone's clock go right?"))
    row.secret, row.offered, row.last_step, row.set_up_at = vault.seal(secret), "", step, now
    return new_recovery_codes(session, account, vault)


def new_recovery_codes(session: Session, account: Account, vault: Vault) -> Sequence[str]:
    """Ten new recovery codes; the old ones are good for nothing any more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    codes = ["".join(secrets.choice(_LETTERS) for _letter in range(2 * _HALF)) for _code in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=vault.code_hash(code)) for code in codes)
    session.flush()
    return [f"{code[:_HALF]}-{code[_HALF:]}" for code in codes]


def codes_left(session: Session, account: Account) -> int:
    """How many recovery codes are not used."""
    left = select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    return session.scalar(left) or 0


def check(session: Session, account: Account, code: str, vault: Vault, now: datetime) -> None:
    """Take a code of the phone, or one from paper; either is good once.

    Raises:
        WrongPassword: it is wrong or used, or the account is locked. Commit all the same.
    """
    refuse_locked(account, now)
    plain = _plain(code)
    good = _use_step(session, account, plain, vault, now) if plain.isdigit() else False
    if not good and not _use_recovery(session, account, plain, vault, now):
        count_failure(account, now)
        raise WrongPassword("code_wrong", _("This code is wrong or was used. Wait for the next one."))


def take_away(session: Session, account: Account) -> bool:
    """Forget the second factor and its recovery codes; gives whether there was one."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    row = session.get(SecondFactor, account.id)
    if row is None:
        return False
    session.delete(row)
    session.flush()
    return bool(row.secret)


def _use_step(session: Session, account: Account, code: str, vault: Vault, now: datetime) -> bool:
    row = session.get(SecondFactor, account.id)
    secret = vault.open(row.secret) if row is not None and row.secret else None
    step = _step_of(secret, code, now) if secret else None
    if step is None:
        return False
    later = (
        update(SecondFactor)
        .where(SecondFactor.account_id == account.id, SecondFactor.last_step < step)
        .values(last_step=step)
    )
    return _changed(session, later)


def _use_recovery(session: Session, account: Account, code: str, vault: Vault, now: datetime) -> bool:
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_hash == vault.code_hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return _changed(session, used)


def _changed(session: Session, statement: Update) -> bool:
    done = session.execute(statement)
    return isinstance(done, CursorResult) and done.rowcount == 1


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The step whose code this is; None for one of another time."""
    totp = pyotp.TOTP(secret)
    return next((step for step in rules.steps_around(now) if compare_digest(totp.generate_otp(step), code)), None)


def _plain(code: str) -> str:
    """A code as it was meant: full-width figures, spaces and dashes do not matter."""
    kept = (letter for letter in unicodedata.normalize("NFKC", code).upper() if letter.isascii() and letter.isalnum())
    return "".join(kept)

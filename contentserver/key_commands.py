"""`contentserver admin signing-keys …`: what becomes of the keys that sign, each step said and repeatable.

prepare, use, retire are a rotation; revoke is for a key that leaked. A change is committed before anything is signed by
it, since the signer asks the database. The rules: `trust/rules.py`; what is signed anew: `resigning.py`; docs/keys.md.
"""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import accounts, boxes, courses, resigning, trust
from contentserver.adapters.bell import ring
from contentserver.adapters.key_files import make_key, read_key
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.boxes import Box
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.db import Database
from contentserver.kernel.display import moment
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.settings import Settings
from contentserver.trust import KeyState, Placed
from schedules.wire.signing import Purpose, SigningKey

NAMED = 20
"""So many boxes are named that do not trust a key yet."""
OWN_KEY_HINT = (
    "Approvals are signed by the key that signs everything else. Give them one of their own:\n"
    "  admin signing-keys prepare approvals, then use approvals, then retire approvals."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the commands."""
    steps = parser.add_subparsers(dest="step")
    steps.add_parser("list", help="all keys, and how many boxes trust each")
    for name, words in (
        ("prepare", "make the next key; boxes learn to trust it, and it does not sign yet"),
        ("use", "sign by the key that was prepared"),
        ("sign-anew", "sign by the present key what an older one signed"),
        ("retire", "sign anew, then let boxes trust the older key no more"),
    ):
        step = steps.add_parser(name, help=words)
        step.add_argument("purpose", choices=[purpose.value for purpose in Purpose])
        if name == "use":
            step.add_argument("--anyway", action="store_true", help="although boxes do not trust it yet")
    leaked = steps.add_parser("revoke", help="a key leaked: make another, sign everything anew, trust it no more")
    leaked.add_argument("key", help="its id, or how that begins")
    for step in steps.choices.values():
        step.add_argument("--by", default="", help="account that does it, for the audit trail")


def run(settings: Settings, given: argparse.Namespace) -> str:
    """Carry out one step; gives what it did in words."""
    with _office(settings) as office:
        match given.step:
            case "prepare":
                return office.prepare(Purpose(given.purpose), given.by)
            case "use":
                return office.use(Purpose(given.purpose), given.by, anyway=given.anyway)
            case "sign-anew":
                return f"Signed anew: {office.sign_anew([Purpose(given.purpose)], given.by)}."
            case "retire":
                return office.retire(Purpose(given.purpose), given.by)
            case "revoke":
                return office.revoke(given.key, given.by)
            case _:
                return office.show()


def enter_first(settings: Settings) -> str:
    """Make the first keys, or enter those that an older program made; gives what there is to say about it.

    Raises:
        Rejected: boxes trust a key that is not there.
        KeyUnusable: one cannot be used.
    """
    database = Database(settings.database_url)
    safe = KeySafe(settings)
    try:
        with database.reader() as session:
            entered, begun = bool(trust.rows(session)), _has_begun(session)
        if not entered:
            made = _first(settings, safe, begun=begun)
            with database.unit_of_work() as session:
                trust.enter_first(session, made, clock.now())
        keyring = Keyring(database, safe)
        alone = keyring.key_for(Purpose.APPROVALS).key_id == keyring.key_for(Purpose.TIMETABLES).key_id
        return f"\n{OWN_KEY_HINT}" if alone else ""
    finally:
        database.engine.dispose()


def _has_begun(session: Session) -> bool:
    """Whether boxes trust a key already, or something was approved by it."""
    return bool(session.scalar(select(func.count()).select_from(Box))) or courses.any_approved(session)


def _first(settings: Settings, safe: KeySafe, *, begun: bool) -> dict[Purpose, Placed]:
    file = settings.signing_key_file
    if file.exists():
        first, place = safe.first(), safe.place_of(file)
    elif begun:
        raise Rejected("signing_key_missing", f"Boxes trust a signing key that is not at {file}. Restore it.")
    elif settings.pkcs11_module:
        first, place = safe.make(Purpose.TIMETABLES, 0)
    else:
        first, place = make_key(file), safe.place_of(file)
    if begun:  # what was approved was signed by it, and boxes know no other
        return dict.fromkeys(Purpose, _placed(first, place))
    if settings.pkcs11_module:
        approvals, other = safe.make(Purpose.APPROVALS, 0)
    else:
        own = settings.approvals_file
        approvals, other = (read_key(own) if own.exists() else make_key(own)), safe.place_of(own)
    return {Purpose.TIMETABLES: _placed(first, place), Purpose.APPROVALS: _placed(approvals, other)}


def _placed(key: SigningKey, place: str) -> Placed:
    return Placed(key.key_id, key.public_jwk["x"], place)


@contextmanager
def _office(settings: Settings) -> Iterator["KeyOffice"]:
    database = Database(settings.database_url)
    try:
        yield KeyOffice(settings, database)
    finally:
        database.engine.dispose()


@dataclass(slots=True)
class KeyOffice:
    """Changes the keys of one installation, and sees to it that boxes hear of it."""

    settings: Settings
    database: Database

    def show(self) -> str:
        """All keys, and what to do next."""
        with self.database.reader() as session:
            found, number = boxes.keys_held(session, ""), trust.keys_no(session)
        if not found:
            return OWN_KEY_HINT
        table = Table("for", "key", "state", "kept in", "since", "trusted by boxes")
        for one in found:
            row = one.row
            since = moment(row.ended_at or row.used_at or row.made_at)
            boxes_ = f"{one.trusting} of {one.boxes}" if one.state in _TRUSTED else ""
            table.add_row(row.purpose, row.kid[:12], row.state, row.place, since, boxes_)
        console = Console(width=140)
        with console.capture() as printed:
            console.print(table)
        signing = [one.row.kid for one in found if one.state is KeyState.SIGNING]
        hint = f"\n{OWN_KEY_HINT}" if len(set(signing)) < len(signing) else ""
        return f"{printed.get()}Set of keys number {number}.{hint}"

    def prepare(self, purpose: Purpose, by: str) -> str:
        """Make the next key."""
        now = clock.now()
        with self.database.reader() as session:
            entered, coming = bool(trust.rows(session)), trust.coming_row(session, purpose)
            number = trust.keys_no(session) + 1
        if not entered:
            enter_first(self.settings)
        if coming:
            kid = coming.kid[:12]
            raise Conflict("already_coming", f"{kid} was prepared already: admin signing-keys use {purpose}")
        key, place = KeySafe(self.settings).make(purpose, number)
        with self.database.unit_of_work() as session:
            number = trust.prepare(session, _placed(key, place), purpose, _who(session, by), now)
        told = self._tell()
        return (
            f"{key.key_id[:12]} was made for {purpose} ({place}); it does not sign yet. {told} boxes are told to ask "
            f"for set {number}. When they have it: admin signing-keys use {purpose}"
        )

    def use(self, purpose: Purpose, by: str, *, anyway: bool) -> str:
        """Sign by the key that was prepared."""
        now = clock.now()
        with self.database.unit_of_work() as session:
            coming = trust.coming_row(session, purpose)
            waited_for = boxes.waited_for(session, coming.from_no, now) if coming else []
            if waited_for and not anyway:
                raise Conflict("boxes_lack_key", _waits(waited_for))
            kid = trust.use(session, purpose, _who(session, by), now)
        self._keyring()  # what cannot be opened is better known now
        return (
            f"{kid[:12]} signs {purpose} from now on. What the key before signed is still believed; "
            f"to end that: admin signing-keys retire {purpose}"
        )

    def retire(self, purpose: Purpose, by: str) -> str:
        """Sign anew, then take the older key out of the set."""
        with self.database.reader() as session:
            if not trust.retiring(session, purpose):
                raise Conflict("nothing_retiring", f"No key for {purpose} is retiring.")
        signed = self.sign_anew([purpose], by)
        with self.database.unit_of_work() as session:
            number = trust.retire(session, purpose, _who(session, by), clock.now())
        told = self._tell()
        return f"Signed anew: {signed}.\nThe older key is retired; {told} boxes are told to ask for set {number}."

    def revoke(self, beginning: str, by: str) -> str:
        """Believe a key no more, at once."""
        now = clock.now()
        kid = self._trusted_named(beginning)
        with self.database.reader() as session:
            lacking, number = trust.lacking_after(session, kid), trust.keys_no(session) + 1
        safe = KeySafe(self.settings)
        made = {purpose: _placed(*safe.make(purpose, number)) for purpose in lacking}
        with self.database.unit_of_work() as session:
            purposes = trust.revoke(session, kid, made, _who(session, by), now)
            number = trust.keys_no(session)
        signed = self.sign_anew(purposes, by)
        told = self._tell()
        new = "".join(f"{one.kid[:12]} was made for {purpose}.\n" for purpose, one in made.items())
        return (
            f"{kid[:12]} is revoked for {', '.join(purposes)}.\n{new}Signed anew: {signed}.\n"
            f"{told} boxes are told to ask for set {number}; whoever has it believes {kid[:12]} no more."
        )

    def sign_anew(self, purposes: Sequence[Purpose], by: str) -> resigning.Signed:
        """Sign by the present key what an older one signed, and send it."""
        keyring = self._keyring()
        with self.database.unit_of_work() as session:
            signed = resigning.sign_anew(session, keyring, purposes, _who(session, by), clock.now())
        ring(self.settings.data_dir)
        return signed

    def _tell(self) -> int:
        """Tell every box that there is another set; gives how many."""
        keyring = self._keyring()
        with self.database.unit_of_work() as session:
            let_in = session.scalars(select(Box).where(Box.revoked_at.is_(None))).all()
            boxes.refresh_each(session, let_in, keyring)
        ring(self.settings.data_dir)
        return len(let_in)

    def _keyring(self) -> Keyring:
        return Keyring(self.database, KeySafe(self.settings))

    def _trusted_named(self, beginning: str) -> str:
        with self.database.reader() as session:
            found = {row.kid for row in trust.rows(session) if row.kid.startswith(beginning)}
        if len(found) != 1 or not beginning:
            raise Rejected("key_unknown", f"{len(found)} keys begin with {beginning!r}; see admin signing-keys list.")
        return found.pop()


_TRUSTED = frozenset({KeyState.COMING, KeyState.SIGNING, KeyState.RETIRING})


def _who(session: Session, by: str) -> Person | None:
    return accounts.named_or_administrator(session, by) if by else None


def _waits(waited_for: Sequence[int]) -> str:
    names = ", ".join(map(str, waited_for[:NAMED])) + (" …" if len(waited_for) > NAMED else "")
    return (
        f"{len(waited_for)} boxes that were heard from lately do not trust it yet: {names}. "
        "They would refuse what it signs. Wait, or use it all the same: --anyway"
    )

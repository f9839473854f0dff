"""What holds in a region: the documents that are shipped, and what the regions above it added or changed.

Of several regions the nearest one's newest version holds. A version is never changed.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final, Generic, TypeVar

import msgspec
from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.bylaws.models import Bylaw
from contentserver.bylaws.rules import Law
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.regions import ancestors_and_self

CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,19}")
LARGEST_REGION_DIGITS: Final = 6
"""A township has what its county lays down."""


_L = TypeVar("_L", bound=Law)


@dataclass(frozen=True, slots=True)
class InForce(Generic[_L]):
    """A document as it holds in a region. `region` is whose version it is; empty for the shipped one."""

    code: str
    region: str
    law: _L

    @property
    def version(self) -> str:
        """How other rows name it."""
        return f"{self.region}:{self.law.version}"


def _anything(_before: object) -> None:
    """Every document may be changed."""


@dataclass(frozen=True)
class Bylaws(Generic[_L]):
    """One matter on which regions lay down documents.

    Attributes:
        matter: its name in the table.
        type: of its documents, a `Law`.
        shipped_in: TOML of those that the product comes with, by their codes.
        longest: characters of a document.
        require_whole: raises `wrong(…)` where a document has a fault beyond its type.
        require_open: raises `Rejected` where a document that holds already may not be changed.
        action, noun: how the audit trail names a change and its subject.
        unknown: the sentence for a code that there is not.
    """

    matter: str
    type: type[_L]
    shipped_in: Path
    longest: int
    require_whole: Callable[[_L], None]
    action: str
    noun: str
    unknown: object
    require_open: Callable[[_L], None] = field(default=_anything)

    @cached_property
    def shipped(self) -> Mapping[str, _L]:
        """The documents that the product comes with."""
        found = tomllib.loads(self.shipped_in.read_text(encoding="utf-8"))
        return {code: msgspec.convert(one, self.type) for code, one in found.items()}

    def holding(self, session: Session, region_code: str, *, ended: bool = False) -> dict[str, InForce[_L]]:
        """What holds in a region, by code, the shipped ones first; those that have ended only where asked."""
        found = {code: InForce(code, "", one) for code, one in self.shipped.items()}
        above = ("", *(ancestors_and_self(region_code) if region_code else ()))
        query = select(Bylaw).where(Bylaw.matter == self.matter, Bylaw.region_code.in_(above))
        for row in session.scalars(query.order_by(func.length(Bylaw.region_code), Bylaw.number, Bylaw.code)):
            found[row.code] = InForce(row.code, row.region_code, self._kept(row))
        return {code: one for code, one in found.items() if ended or not one.law.ended}

    def one(self, session: Session, region_code: str, code: str) -> InForce[_L]:
        """One document as it holds in a region.

        Raises:
            NotFound: there is none of this code, or nobody goes by it any more.
        """
        found = self.holding(session, region_code).get(code)
        if found is None:
            raise NotFound(f"{self.matter}_unknown", self.unknown)
        return found

    def named(self, session: Session, code: str, version: str, region_code: str) -> _L:
        """The document as a row names it; where it is not there any more, as it holds in the region today.

        Raises:
            NotFound: there is none of this code at all.
        """
        region, _colon, number = version.rpartition(":")
        key = (self.matter, region, code, int(number)) if region and number.isdigit() else None
        if key is not None and (row := session.get(Bylaw, key)):
            return self._kept(row)
        if not region and code in self.shipped:
            return self.shipped[code]
        found = self.holding(session, region_code, ended=True).get(code)
        if found is None:
            raise NotFound(f"{self.matter}_unknown", self.unknown)
        return found.law

    def regions_with_own(self, session: Session) -> set[str]:
        """The regions that have laid down something of this matter."""
        return set(session.scalars(select(Bylaw.region_code).where(Bylaw.matter == self.matter).distinct()))

    def read(self, text: str) -> _L:
        """A document that somebody wrote, in TOML.

        Raises:
            Rejected: it has a fault; the sentence says which.
        """
        if len(text) > self.longest:
            raise wrong(_("The document is longer than %(number)s characters.", number=self.longest))
        try:
            found = msgspec.convert(tomllib.loads(text), self.type)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise wrong(_("This cannot be read as TOML: %(why)s", why=str(error))) from error
        except msgspec.ValidationError as error:
            raise wrong(_("Something in it is not as it should be: %(why)s", why=str(error))) from error
        self.require_whole(found)
        return msgspec.structs.replace(found, version=0, ended=False)

    def adopt(
        self, session: Session, code: str, text: str, who: Person, now: datetime, *, ended: bool = False
    ) -> InForce[_L]:
        """Lay down a document for the person's region, or a new version of one that holds there.

        Raises:
            Forbidden: the person may not.
            Rejected: the code or the document is wrong, or says nothing new.
            Conflict: somebody else has written a version in the same moment.
        """
        if not may_govern(who):
            raise Forbidden("no_right", _("Your role may not do this."))
        if not CODE.fullmatch(code):
            sentence = _("A code has 2 to 20 small letters, digits and underlines, a letter first.")
            raise Rejected("code_wrong", sentence, {"code": sentence})
        before = self.holding(session, who.region_code, ended=True).get(code)
        if before is not None:
            self.require_open(before.law)
        found = msgspec.structs.replace(self.read(text), ended=ended)
        if before is not None and msgspec.structs.replace(before.law, version=0) == found:
            raise wrong(_("This is what holds already. Nothing was changed."))
        mine = (Bylaw.matter == self.matter) & (Bylaw.region_code == who.region_code) & (Bylaw.code == code)
        row = Bylaw(
            matter=self.matter,
            region_code=who.region_code,
            code=code,
            number=(session.scalar(select(func.max(Bylaw.number)).where(mine)) or 0) + 1,
            document=msgspec.json.encode(found).decode(),
            at=now,
            by=who.id,
        )
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError as error:  # somebody else was quicker
            sentence = _("Somebody else has changed this meanwhile. Look at it again.")
            raise Conflict("bylaw_changed", sentence) from error
        told = {"number": row.number, "zh": found.zh, "ended": ended}
        subject = f"{self.noun} {code} of {who.region_code or '-'}"
        audit(session, who=who, action=self.action, subject=subject, now=now, after=told)
        return InForce(code, who.region_code, self._kept(row))

    def _kept(self, row: Bylaw) -> _L:
        return msgspec.structs.replace(msgspec.json.decode(row.document, type=self.type), version=row.number)


def may_govern(who: Person) -> bool:
    """Whether somebody lays down what holds in their region."""
    return who.may(Right.ASSESS) and len(who.region_code) <= LARGEST_REGION_DIGITS


def wrong(sentence: object) -> Rejected:
    """A document may not stand as it is, for a reason in words."""
    return Rejected("bylaw_wrong", sentence, {"document": sentence})


def quoted(text: str) -> str:
    """Text as a string of TOML."""
    return msgspec.json.encode(text).decode()

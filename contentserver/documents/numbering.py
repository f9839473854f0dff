"""Numbers of documents: each office counts those of a year under its word, without gaps, none twice.

The place is taken in the same unit of work that sends the document, on a row that is locked until it ends: what is not
sent takes none, and two at once wait for each other.
"""

from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.documents import rules
from contentserver.documents.models import WORD_CHARS, Document, DocumentScheme
from contentserver.kernel import clock
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import Conflict, Rejected
from contentserver.regions import region_named


def scheme_of(session: Session, region_code: str, year: int) -> DocumentScheme:
    """How an office counts in a year; as the year before, or by its name, where nothing was said. Not kept yet."""
    row = session.get(DocumentScheme, (region_code, year))
    return row or DocumentScheme(region_code=region_code, year=year, word=_usual(session, region_code, year), last=0)


def _usual(session: Session, region_code: str, year: int) -> str:
    earlier = (
        select(DocumentScheme.word)
        .where(DocumentScheme.region_code == region_code, DocumentScheme.year < year)
        .order_by(DocumentScheme.year.desc())
        .limit(1)
    )
    return session.scalar(earlier) or rules.usual_word(region_named(session, region_code).name)


def _locked(session: Session, region_code: str, year: int) -> DocumentScheme:
    key = (region_code, year)
    row = session.get(DocumentScheme, key, with_for_update=True, populate_existing=True)
    if row is None:
        word = _usual(session, region_code, year)
        try:
            with session.begin_nested():
                session.add(DocumentScheme(region_code=region_code, year=year, word=word, last=0))
        except IntegrityError:
            pass  # somebody else has begun the year meanwhile
        row = session.get_one(DocumentScheme, key, with_for_update=True, populate_existing=True)
    return row


def give(session: Session, document: Document, now: datetime) -> None:
    """Give a document the next number of its office and year."""
    year = clock.local(now).year
    scheme = _locked(session, document.region_code, year)
    scheme.last += 1
    document.year, document.place = year, scheme.last
    document.number = rules.number_of(scheme.word, year, scheme.last)
    session.flush()


def set_scheme(
    session: Session, region_code: str, year: int, word: str, given: int | None, who: Person, now: datetime
) -> DocumentScheme:
    """Say under which word an office counts in a year, and how many numbers it had given on paper before.

    Raises:
        Rejected: the word is empty or too long, or the count is none.
        Conflict: numbers were given here already, so that the count would leave a gap or give one twice.
    """
    word = rules.one_line(word).replace(" ", "")
    if not word or len(word) > WORD_CHARS:
        sentence = _("Write the word that stands before the year, at most %(number)s characters.", number=WORD_CHARS)
        raise Rejected("word_wrong", sentence, {"word": sentence})
    row = _locked(session, region_code, year)
    before = {"word": row.word, "last": row.last}
    if given is not None and given != row.last:
        if not 0 <= given <= 99_999:
            sentence = _("Write the last number that was given on paper.")
            raise Rejected("count_wrong", sentence, {"given": sentence})
        used = select(Document.id).where(Document.region_code == region_code, Document.year == year).limit(1)
        if session.scalar(used) is not None:
            sentence = _("Documents of this year have numbers already; the next one follows them.")
            raise Conflict("numbers_given", sentence, {"given": sentence})
        row.last = given
    row.word = word
    session.flush()
    after = {"word": word, "last": row.last}
    about = f"document scheme {region_code} {year}"
    audit(session, who=who, action="document.numbering", subject=about, now=now, before=before, after=after)
    return row

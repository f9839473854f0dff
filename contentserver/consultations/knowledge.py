"""What everybody may read: a question with its answer, written anew by somebody other than who answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from contentserver.audit import audit
from contentserver.consultations import rules, searching, words
from contentserver.consultations.models import CaseAnswer, KnowledgeEntry
from contentserver.consultations.routing import locked, refuse_unless
from contentserver.kernel import decency
from contentserver.kernel.auth import Person
from contentserver.kernel.errors import NotFound, Rejected
from schedules.asking import TOPICS

QUESTION_CHARS, ANSWER_CHARS = 500, 4000
AS_MANY_LIKE_IT = 5


def release(
    session: Session, case_id: UUID, question: str, answer: str, topic: str, who: Person, now: datetime
) -> KnowledgeEntry:
    """Let everybody read a question with its answer, or change what they read.

    Raises:
        Conflict: it has no answer, or it is the person's own.
        Rejected: a text is missing, too long, or names somebody by number.
    """
    case = locked(session, case_id)
    by = session.scalars(select(CaseAnswer.by).where(CaseAnswer.case_id == case.id)).all()
    refuse_unless(rules.may_release_knowledge(case.state, by, who.id))
    question, answer = question.strip(), answer.strip()
    wrong = {
        name: sentence
        for name, text, most in (("question", question, QUESTION_CHARS), ("answer", answer, ANSWER_CHARS))
        if (sentence := _wrong(text, most))
    }
    if topic not in TOPICS:
        wrong["topic"] = _("Choose what it is about.")
    if wrong:
        raise Rejected("knowledge_wrong", _("Please look at this again."), wrong)
    entry = session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.case_id == case.id)).one_or_none()
    if entry is None:
        entry = KnowledgeEntry(case_id=case.id)
        session.add(entry)
    entry.topic, entry.question, entry.answer, entry.season = topic, question, answer, case.season
    entry.released_at, entry.released_by, entry.withdrawn_at = now, who.id, None
    session.flush()
    searching.keep_words(session, searching.KNOWLEDGE, entry.id, question, answer, words.topic_in_chinese(topic))
    after = {"question": question, "answer": answer, "topic": topic}
    audit(session, who=who, action="knowledge.released", subject=f"case {case.id}", now=now, after=after)
    return entry


def take_back(session: Session, case_id: UUID, who: Person, now: datetime) -> None:
    """Let nobody read it any more; doing it twice changes nothing.

    Raises:
        NotFound: it was never released.
    """
    entry = session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.case_id == case_id)).one_or_none()
    if entry is None:
        raise NotFound("entry_unknown", _("There is no such answer."))
    if entry.withdrawn_at is None:
        entry.withdrawn_at = now
        searching.forget(session, entry.id)
        audit(session, who=who, action="knowledge.withdrawn", subject=f"case {case_id}", now=now)


def entries(session: Session, topic: str, typed: str) -> Select[Any]:
    """What everybody may read, the newest first."""
    query = select(KnowledgeEntry).where(KnowledgeEntry.withdrawn_at.is_(None))
    if topic:
        query = query.where(KnowledgeEntry.topic == topic)
    if typed:
        query = query.where(KnowledgeEntry.id.in_(searching.matching(session, searching.KNOWLEDGE, typed)))
    return query.order_by(KnowledgeEntry.released_at.desc(), KnowledgeEntry.id.desc())


def entry_open(session: Session, entry_id: UUID) -> KnowledgeEntry:
    """An entry that everybody may read.

    Raises:
        NotFound: there is none, or not any more.
    """
    entry = session.get(KnowledgeEntry, entry_id)
    if entry is None or entry.withdrawn_at is not None:
        raise NotFound("entry_unknown", _("There is no such answer."))
    return entry


def like_it(session: Session, entry: KnowledgeEntry) -> list[KnowledgeEntry]:
    """Other entries that share the most words with one."""
    among = select(KnowledgeEntry.id).where(KnowledgeEntry.withdrawn_at.is_(None))
    ids = searching.similar(session, searching.KNOWLEDGE, entry.question, entry.id, among, AS_MANY_LIKE_IT)
    rows = {one.id: one for one in session.scalars(select(KnowledgeEntry).where(KnowledgeEntry.id.in_(ids)))}
    return [rows[one] for one in ids]


def _wrong(text: str, most: int) -> object:
    if not text:
        return _("Please fill this in.")
    if len(text) > most:
        return _("Please use at most %(number)s characters.", number=most)
    if decency.doubtful(text):
        return _("This has a telephone number, an identity number, an address or a rude word in it. Take it out.")
    return None

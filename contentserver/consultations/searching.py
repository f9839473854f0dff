"""Search in what was asked and answered. How texts become words: `kernel/searching.py`.

What both databases find is the same, and the order is decided here.
"""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, select, text
from sqlalchemy.orm import Session

from contentserver.consultations.models import CaseWords
from contentserver.kernel.searching import has_words, pieces_of, words_of

CASES, KNOWLEDGE = "case", "knowledge"
CANDIDATES: Final = 400
"""So many of the newest that share a word are compared."""
EMPTY: Final = frozenset(
    [
        "的",
        "了",
        "是",
        "在",
        "和",
        "与",
        "有",
        "我",
        "我们",
        "我家",
        "你",
        "你们",
        "他",
        "它",
        "这",
        "那",
        "就",
        "也",
        "都",
        "要",
        "吗",
        "呢",
        "吧",
        "啊",
        "请",
        "请问",
        "一下",
        "怎么",
        "怎样",
        "怎么办",
        "怎么回事",
        "如何",
        "什么",
        "为什么",
        "为啥",
        "可以",
        "能",
        "能不能",
        "多少",
        "几",
        "个",
        "呀",
        "么",
        "啥",
        "是不是",
        "可不可以",
        "不",
        "没",
        "没有",
        "会",
        "该",
        "用",
        "上",
        "把",
        "给",
        "让",
        "到",
        "对",
        "从",
        "后",
    ]
)
"""Words that say nothing of what is asked."""


def asked_words(typed: str) -> list[str]:
    """The words that somebody looks for: those that say something, or all of them where none does."""
    found = pieces_of(typed)
    return list(dict.fromkeys([one for one in found if one not in EMPTY] or found))


def keep_words(session: Session, kind: str, subject_id: UUID, *texts: str) -> None:
    """Let something be found by the words of some texts, and by no others."""
    words = " ".join(words_of(*texts))
    row = session.scalars(select(CaseWords).where(CaseWords.subject_id == subject_id)).one_or_none()
    if row is None:
        session.add(CaseWords(subject_id=subject_id, kind=kind, words=words))
    elif row.words != words:
        row.words = words


def forget(session: Session, subject_id: UUID) -> None:
    """Let something be found no more."""
    session.execute(delete(CaseWords).where(CaseWords.subject_id == subject_id))


def matching(session: Session, kind: str, typed: str) -> Select[Any]:
    """The ids of what has all the words that somebody typed, for a query to choose among; nothing where it has none."""
    words = asked_words(typed)
    found = select(CaseWords.subject_id).where(CaseWords.kind == kind)
    return found.where(_has(session, words, every=True) if words else text("1 = 0"))


def search(session: Session, typed: str, kind: str = CASES, most: int = 50) -> list[UUID]:
    """What has all the words that somebody typed, the newest first."""
    found = matching(session, kind, typed).order_by(CaseWords.subject_id.desc()).limit(most)
    return list(session.scalars(found))


def similar(session: Session, kind: str, about: str, but: UUID, among: Select[Any], most: int) -> list[UUID]:
    """What shares the most, and the longest, words with a text; of equals the newest.

    Args:
        but: left out.
        among: a query of ids to choose among.
    """
    words = [one for one in asked_words(about) if len(one) > 1]
    if not words:
        return []
    rows = session.execute(
        select(CaseWords.subject_id, CaseWords.words)
        .where(
            CaseWords.kind == kind,
            CaseWords.subject_id != but,
            CaseWords.subject_id.in_(among),
            _has(session, words, every=False),
        )
        .order_by(CaseWords.subject_id.desc())
        .limit(CANDIDATES)
    ).all()
    weighed = [(_shared(words, has.split(" ")), str(one), one) for one, has in rows]
    return [one for _weight, _order, one in sorted(weighed, reverse=True)[:most]]


def _shared(words: Iterable[str], has: Iterable[str]) -> int:
    there = set(has)
    return sum(len(one) for one in words if one in there)


def _has(session: Session, words: Iterable[str], *, every: bool) -> ColumnElement[bool]:
    return has_words(session, words, CaseWords.words, CaseWords.id, "case_words_index", every=every)

"""Search in what was asked and answered: Chinese is cut into words here, so that both databases index the same words.

Beside its words a text is found by each of its characters. SQLite looks in FTS5, PostgreSQL in a GIN index; what they
find is the same, and the order is decided here.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

import rjieba
from sqlalchemy import ColumnElement, Select, delete, func, literal_column, select, table, text
from sqlalchemy.orm import Session

from contentserver.consultations.models import CaseWords

CASES, KNOWLEDGE = "case", "knowledge"
QUERY_CHARS: Final = 100
CANDIDATES: Final = 400
"""So many of the newest that share a word are compared."""
_PIECES: Final = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
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


def words_of(*texts: str) -> list[str]:
    """The words of some texts and each of their characters, none twice, in their order."""
    plain = _plain(" ".join(texts))
    found = [piece for word in rjieba.cut_for_search(plain) for piece in _PIECES.findall(word)]
    return list(dict.fromkeys([*found, *_HAN.findall(plain)]))


def asked_words(typed: str) -> list[str]:
    """The words that somebody looks for: those that say something, or all of them where none does."""
    plain = _plain(typed[:QUERY_CHARS])
    found = [piece for word in rjieba.cut(plain) for piece in _PIECES.findall(word)]
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


def _plain(typed: str) -> str:
    return unicodedata.normalize("NFKC", typed).lower()


def _has(session: Session, words: Iterable[str], *, every: bool) -> ColumnElement[bool]:
    """Whether a row has the words, which are letters, digits and characters alone: no database reads more in them."""
    if session.get_bind().dialect.name == "sqlite":
        wanted = (" " if every else " OR ").join(f'"{one}"' for one in words)
        index: Select[Any] = select(literal_column("rowid")).select_from(table("case_words_index"))
        return CaseWords.id.in_(index.where(text("case_words_index MATCH :wanted").bindparams(wanted=wanted)))
    simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
    query = func.to_tsquery(simple, (" & " if every else " | ").join(f"'{one}'" for one in words))
    return func.to_tsvector(simple, CaseWords.words).bool_op("@@")(query)

"""Words of texts for a search that finds the same on both databases: Chinese is cut into words here.

Beside its words a text is found by each of its characters. SQLite looks in FTS5, PostgreSQL in a GIN index.
"""

import re
import unicodedata
from collections.abc import Iterable
from typing import Any, Final

import rjieba
from sqlalchemy import ColumnElement, Select, func, literal_column, select, table
from sqlalchemy.orm import InstrumentedAttribute, Session

QUERY_CHARS: Final = 100
_PIECES: Final = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")


def words_of(*texts: str) -> list[str]:
    """The words of some texts and each of their characters, none twice, in their order."""
    plain = plain_of(" ".join(texts))
    found = [piece for word in rjieba.cut_for_search(plain) for piece in _PIECES.findall(word)]
    return list(dict.fromkeys([*found, *_HAN.findall(plain)]))


def pieces_of(typed: str) -> list[str]:
    """The words that somebody looks for, as they were typed."""
    plain = plain_of(typed[:QUERY_CHARS])
    return [piece for word in rjieba.cut(plain) for piece in _PIECES.findall(word)]


def plain_of(typed: str) -> str:
    """Letters as they are compared."""
    return unicodedata.normalize("NFKC", typed).lower()


def has_words(
    session: Session,
    words: Iterable[str],
    column: InstrumentedAttribute[str],
    key: InstrumentedAttribute[int],
    index: str,
    *,
    every: bool = True,
) -> ColumnElement[bool]:
    """Whether a row has the words, which are letters, digits and characters alone: no database reads more in them.

    Args:
        column: the words of a row, with spaces between.
        key: the row's number, by which the index of SQLite knows it.
        index: the name of the index on both databases.
    """
    if session.get_bind().dialect.name == "sqlite":
        wanted = (" " if every else " OR ").join(f'"{one}"' for one in words)
        rows: Select[Any] = select(literal_column("rowid")).select_from(table(index))
        return key.in_(rows.where(literal_column(index).op("MATCH")(wanted)))
    simple: ColumnElement[Any] = literal_column("'simple'::regconfig")
    query = func.to_tsquery(simple, (" & " if every else " | ").join(f"'{one}'" for one in words))
    return func.to_tsvector(simple, column).bool_op("@@")(query)

"""Notices and documents as people read them here: which one is open, and which were opened before. Values alone.

They are a part of `state.py`; which of them hold, and what opening one does: `pages/notices.py`, `pages/notice.py`,
`pages/documents.py`, `pages/document.py`.
"""

from typing import Final

import msgspec


class Reading(msgspec.Struct, frozen=True):
    """What is open, and what was.

    Attributes:
        opened: notices that somebody has opened, each version by itself (`opened_as`); the journal holds them.
        notice: id of the one that is open, or was last.
        page: page of its text, from 0.
        list_page: page of the list, from 0.
        document: id of the document that is open, or was last; `document_page` of its text, `documents_page` of their
            list, from 0.
    """

    opened: frozenset[str] = frozenset()
    notice: str = ""
    page: int = 0
    list_page: int = 0
    document: str = ""
    document_page: int = 0
    documents_page: int = 0


NOTHING_READ: Final = Reading()


def opened_as(notice: str, version: int) -> str:
    """By what an opened notice is remembered."""
    return f"{notice}.{version}"


def read_as(document: str, version: int) -> str:
    """By what it is remembered that somebody confirmed to have read a document."""
    return f"document.{document}.{version}"


def with_reply(opened: frozenset[str], document: str, answer: str) -> frozenset[str]:
    """What is remembered, once a document was answered: the newest answer stands."""
    lead = _replied(document)
    return frozenset(one for one in opened if not one.startswith(lead)) | {lead + answer}


def reply_of(opened: frozenset[str], document: str) -> str:
    """The answer that was given here last; empty for none."""
    lead = _replied(document)
    return next((one.removeprefix(lead) for one in opened if one.startswith(lead)), "")


def _replied(document: str) -> str:
    return f"reply.{document}."

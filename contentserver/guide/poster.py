"""The week as a poster for the door: A3, made from one page of HTML (`kernel/pdf.py`).

What stands on it is put together by `views.py`; how it is set, by `templates/guide/poster.html`.
"""

from functools import lru_cache

from contentserver.kernel import pdf
from contentserver.kernel.pdf import qr_of

__all__ = ["pdf_of", "qr_of"]

KEPT = 32
"""Posters that are kept in memory: a village prints the same one twice."""


@lru_cache(maxsize=KEPT)
def pdf_of(page: str) -> bytes:
    """The PDF of a page of HTML; the same page gives the same poster without setting it again."""
    return pdf.pdf_of(page)

"""The week as a poster for the door: A3, made by WeasyPrint from one page of HTML. Fetches nothing from anywhere.

What stands on it is put together by `views.py`; how it is set, by `templates/guide/poster.html`.
"""

from functools import lru_cache

import segno
from weasyprint import HTML
from weasyprint.urls import URLFetcher

KEPT = 32
"""Posters that are kept in memory: a village prints the same one twice."""


@lru_cache(maxsize=KEPT)
def pdf_of(page: str) -> bytes:
    """The PDF of a page of HTML; the same page gives the same poster without setting it again."""
    pictures_inside = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    made: bytes = HTML(string=page, url_fetcher=pictures_inside).write_pdf()
    return made


def qr_of(address: str) -> str:
    """The QR code of an address as a picture inside a page (`data:` URI, SVG)."""
    picture: str = segno.make(address, error="m", micro=False).svg_data_uri(border=0, dark="#1a1510")
    return picture

"""Pages of HTML as PDF, set by WeasyPrint. Nothing is fetched from anywhere: pictures stand in the page itself."""

import segno
from PIL import ImageFile
from weasyprint import HTML
from weasyprint.urls import URLFetcher

ImageFile.LOAD_TRUNCATED_IMAGES = False
"""WeasyPrint lets the whole process take half pictures for whole ones; what people upload must be whole."""


def pdf_of(page: str) -> bytes:
    """The PDF of a page of HTML."""
    pictures_inside = URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    made: bytes = HTML(string=page, url_fetcher=pictures_inside).write_pdf()
    return made


def qr_of(address: str) -> str:
    """The QR code of an address as a picture inside a page (`data:` URI, SVG)."""
    picture: str = segno.make(address, error="m", micro=False).svg_data_uri(border=0, dark="#1a1510")
    return picture

"""Documents for tests: words, and one that was sent."""

import io
import zipfile
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from contentserver.documents import service
from contentserver.documents.models import Document
from contentserver.documents.rules import DocumentWordsOf
from contentserver.kernel.auth import Person
from tests.contentserver.conftest import NOW

COUNTY, TOWNSHIP, VILLAGE = "640221", "640221203", "640221203205"
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def words(**changes: object) -> DocumentWordsOf:
    """A document of the county to a township's office and stations, to be read within three working days."""
    usual = DocumentWordsOf(
        regions=(TOWNSHIP,),
        title="关于做好秋冬种工作的通知",
        text="请各村摸清冬小麦面积。\n按期上报。",
        read_days=3,
    )
    return replace(usual, **changes)


def sent(session: Session, who: Person, now: datetime = NOW, **changes: object) -> Document:
    """A document that was sent."""
    row = service.draft(session, words(**changes), who, now)
    service.send(session, row, who, now)
    return row


def packed(**parts: str) -> bytes:
    """A packed file with these parts; two underscores in a name stand for a slash, one at its front for a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, text in parts.items():
            opened.writestr(name.replace("__", "/"), text)
    return made.getvalue()


def workbook(**more: str) -> bytes:
    """As much of a sheet as its kind is known by."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as opened:
        for name, text in {"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>", **more}.items():
            opened.writestr(name, text)
    return made.getvalue()

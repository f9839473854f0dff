"""Whatever happens to documents, what is kept of who still owes something agrees with the rule."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.documents import board, rules
from contentserver.documents.models import Document, DocumentRecipient
from contentserver.documents.rules import DocumentState


@pytest.fixture(autouse=True)
def _what_is_owed(request: pytest.FixtureRequest) -> Iterator[None]:
    session: Session | None = request.getfixturevalue("session") if "session" in request.fixturenames else None
    yield
    if session is None:
        return
    session.flush()
    query = select(DocumentRecipient, Document).join(Document, Document.id == DocumentRecipient.document_id)
    for one, row in session.execute(query.execution_options(populate_existing=True)):
        owes = row.state == DocumentState.SENT and rules.owes(board.receipt_of(one), board.asked_of(row))
        assert one.owes == owes, (row.title, one)

"""Drafts of the work book that nobody goes on with: they go with their photographs. What stands in the book stays."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from contentserver.kernel.aging import Old, OldRows, sweep
from contentserver.ledger.drafting import folder_of
from contentserver.ledger.models import LedgerDraft, LedgerPhotograph

_DRAFTS = OldRows(LedgerDraft, LedgerDraft.saved_at)


@dataclass(frozen=True, slots=True)
class OldDrafts:
    """What was typed last before an instant, and never written into the book."""

    folder: Path

    def look(self, session: Session, before: datetime) -> Old:
        """What is older than an instant."""
        return _DRAFTS.look(session, before)

    def take(self, session: Session, before: datetime, most: int) -> Old:
        """Remove the oldest, at most so many, and their photographs."""
        part = select(LedgerDraft.id).where(LedgerDraft.saved_at < before)
        mine = part.order_by(LedgerDraft.saved_at, LedgerDraft.id).limit(most)
        session.execute(delete(LedgerPhotograph).where(LedgerPhotograph.draft_id.in_(mine)))
        return _DRAFTS.take(session, before, most)

    def tidy(self, session: Session, now: datetime) -> None:
        """Remove photographs that no row names."""
        sweep(self.folder, set(session.scalars(select(LedgerPhotograph.digest))), now)


def old_drafts(data_dir: Path) -> OldDrafts:
    """The drafts with their photographs in the server's folder of data, as they become old."""
    return OldDrafts(folder_of(data_dir))

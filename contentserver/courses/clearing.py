"""What becomes of a recording once its lesson is on the air: kept for some weeks, then removed.

Its package stays. A file kept for a lesson that there is not (its form was never sent whole) goes too.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import select

from contentserver.courses.models import ApprovalRecord, Transcode, TranscodeFile
from contentserver.courses.uploads import KEPT
from contentserver.kernel.db import Database

FORM_OPEN = timedelta(days=1)
"""How long the form for a recording that has arrived may stay open."""

log = structlog.get_logger()


def clear_recordings(database: Database, uploads: Path, keep: timedelta, now: datetime) -> None:
    """Remove the recordings, captions and sound of lessons that were approved longer ago than `keep`."""
    with database.reader() as session:
        approved = {word.lesson_id: word.approved_at for word in session.scalars(select(ApprovalRecord))}
        used = [(row.source, row.lesson_id) for row in session.scalars(select(Transcode))]
        used += [(row.file, row.lesson_id) for row in session.scalars(select(TranscodeFile))]
    owned = {file for file, _ in used}
    needed = {file for file, lesson in used if lesson not in approved or approved[lesson] > now - keep}
    for path in uploads.glob(f"{KEPT}*"):
        try:
            facts = path.stat()
        except FileNotFoundError:  # another worker clears too
            continue
        linked_at = datetime.fromtimestamp(facts.st_ctime, UTC)
        if path.name in needed or (path.name not in owned and linked_at > now - FORM_OPEN):
            continue
        path.unlink(missing_ok=True)
        log.info("recording.cleared", file=path.name, bytes=facts.st_size)

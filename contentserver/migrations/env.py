"""Alembic's environment: online only; the URL comes from the caller."""

from typing import Literal

from alembic import context

import contentserver.accounts.models
import contentserver.alerts.models
import contentserver.assessments.models
import contentserver.attendance.models
import contentserver.audit.models
import contentserver.boxes.models
import contentserver.consultations.models
import contentserver.courses.models
import contentserver.documents.models
import contentserver.figures.models
import contentserver.forum.models
import contentserver.ledger.models
import contentserver.market.models
import contentserver.members.models
import contentserver.messaging.models
import contentserver.notices.models
import contentserver.papers.models
import contentserver.portal.models
import contentserver.processes.models
import contentserver.projects.models
import contentserver.quizzes.models
import contentserver.readiness.models
import contentserver.regions.models
import contentserver.reports.models
import contentserver.retention.models
import contentserver.school.models
import contentserver.stars.models
import contentserver.stations.models
import contentserver.support.models
import contentserver.timetable.models
import contentserver.transcripts.models
import contentserver.trust.models  # noqa: F401
from contentserver.kernel.db import Base, UtcDateTime, make_engine


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our UTC column as the plain type it is stored as, so that old migrations never import living code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


engine = make_engine(context.config.attributes["database_url"])
with engine.connect() as connection:
    driver = connection.connection.driver_connection
    if engine.dialect.name == "sqlite" and driver is not None:
        # A changed table is made anew and the old one dropped; rows that point at it must not be in the way.
        driver.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()

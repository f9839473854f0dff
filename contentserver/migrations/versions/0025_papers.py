"""What stations read beside their timetable; an index for the facts that come of it."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

EXCHANGED = sa.text("kind IN ('quiz_answered', 'question_asked', 'answer_read', 'notice_read')")


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_papers_station_id")),
        sa.PrimaryKeyConstraint("station_id", "kind", name=op.f("pk_papers")),
    )
    op.create_index(
        "ix_events_exchanged",
        "events",
        ["kind", "received_at"],
        sqlite_where=EXCHANGED,
        postgresql_where=EXCHANGED,
    )


def downgrade() -> None:
    op.drop_index("ix_events_exchanged", "events")
    op.drop_table("papers")

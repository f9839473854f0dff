"""Where a lesson was shown is found by the lesson: projects and results ask so."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sessions_lesson_station", "sessions", ["lesson_id", "station_id"])


def downgrade() -> None:
    op.drop_index("ix_sessions_lesson_station", "sessions")

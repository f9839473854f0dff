"""A session has a place for the tally of its quiz."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("quiz", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("sessions", "quiz")

"""A station's stars, and the minutes that it should show in a month."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stations") as stations:
        stations.add_column(sa.Column("stars", sa.Integer(), nullable=False, server_default="0"))
        stations.add_column(sa.Column("quota_minutes", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("stations") as stations:
        stations.drop_column("quota_minutes")
        stations.drop_column("stars")

"""Signing in by phone and by card: a station's address, a member's card, commands that nobody with an account asked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("stations") as stations:
        stations.add_column(sa.Column("join_address", sa.String(300), nullable=False, server_default=""))
        stations.create_index("ix_stations_join_address", ["join_address"])
    with op.batch_alter_table("members") as members:
        members.add_column(sa.Column("card", sa.String(20), nullable=False, server_default=""))
    with op.batch_alter_table("commands") as commands:
        commands.alter_column("asked_by", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM commands WHERE asked_by IS NULL")
    with op.batch_alter_table("commands") as commands:
        commands.alter_column("asked_by", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("members") as members:
        members.drop_column("card")
    with op.batch_alter_table("stations") as stations:
        stations.drop_index("ix_stations_join_address")
        stations.drop_column("join_address")

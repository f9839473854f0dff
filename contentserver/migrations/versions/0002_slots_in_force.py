"""Slots know whether they are in force, so that a layer can be renewed while its draft waits."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("slots") as batch_op:
        batch_op.add_column(sa.Column("in_force", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE slots SET in_force = removed_at IS NULL "
        "WHERE layer_id IN (SELECT id FROM layers WHERE revision > 0 AND NOT changed)"
    )


def downgrade() -> None:
    with op.batch_alter_table("slots") as batch_op:
        batch_op.drop_column("in_force")

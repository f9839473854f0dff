"""How far each journal is whole is kept, instead of counted anew for every acknowledgement."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("epochs") as epochs:
        epochs.add_column(sa.Column("through", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("epochs") as epochs:
        epochs.drop_column("through")

"""Mobile numbers of members and of staff, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
TABLES = ("members", "accounts")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("phone_sealed", sa.String(200), nullable=False, server_default=""))
        op.add_column(table, sa.Column("phone_mark", sa.String(64), nullable=False, server_default=""))
        op.create_index(op.f(f"ix_{table}_phone_mark"), table, ["phone_mark"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_phone_mark"), table)
        op.drop_column(table, "phone_mark")
        op.drop_column(table, "phone_sealed")

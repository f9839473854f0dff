"""Commands to boxes, and help with consent."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "commands",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("box_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("published_at", instant),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("replied_at", instant),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_commands_box_id"),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name="fk_commands_asked_by"),
        sa.PrimaryKeyConstraint("id", name="pk_commands"),
    )
    op.create_index("ix_commands_box_id", "commands", ["box_id"])
    op.create_index("ix_commands_state", "commands", ["state"])
    op.create_table(
        "helps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("agreed_at", instant),
        sa.Column("ends_at", instant),
        sa.Column("heard_at", instant),
        sa.Column("ended_at", instant),
        sa.Column("ended_by", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["commands.id"], name="fk_helps_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_helps"),
    )


def downgrade() -> None:
    for table in ("helps", "commands"):
        op.drop_table(table)

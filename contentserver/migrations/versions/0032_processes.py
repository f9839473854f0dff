"""What goes through several hands, and its steps."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
OPEN = sa.text("due_on IS NOT NULL AND decided_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_processes_region_code")),
        sa.ForeignKeyConstraint(["begun_by"], ["accounts.id"], name=op.f("fk_processes_begun_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_processes")),
    )
    for column in ("subject", "region_code", "begun_by"):
        op.create_index(op.f(f"ix_processes_{column}"), "processes", [column])
    op.create_table(
        "process_steps",
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("right", sa.String(40), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("desk", sa.String(12), nullable=False),
        sa.Column("others_only", sa.Boolean(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(["process_id"], ["processes.id"], name=op.f("fk_process_steps_process_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_process_steps_region_code")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_process_steps_decided_by")),
        sa.PrimaryKeyConstraint("process_id", "place", name=op.f("pk_process_steps")),
    )
    op.create_index(
        "ix_process_steps_open", "process_steps", ["right", "region_code"], postgresql_where=OPEN, sqlite_where=OPEN
    )


def downgrade() -> None:
    op.drop_table("process_steps")
    op.drop_table("processes")

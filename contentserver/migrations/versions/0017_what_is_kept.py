"""How long each kind of data is kept, and what members ask to have set right."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("members", sa.Column("left_at", _MOMENT, nullable=True))
    op.create_table(
        "retention_rules",
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_retention_rules_by")),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_rules")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index(op.f("ix_retention_runs_begun_at"), "retention_runs", ["begun_at"])
    op.create_table(
        "correction_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("airing_id", sa.String(36), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(300), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_correction_requests_member_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_correction_requests_station_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_correction_requests_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_correction_requests_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_requests")),
    )
    op.create_index(op.f("ix_correction_requests_member_id"), "correction_requests", ["member_id"])
    op.create_index(op.f("ix_correction_requests_state"), "correction_requests", ["state"])


def downgrade() -> None:
    for table in ("correction_requests", "retention_runs", "retention_rules"):
        op.drop_table(table)
    with op.batch_alter_table("members") as members:
        members.drop_column("left_at")

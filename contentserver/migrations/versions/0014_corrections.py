"""Corrections of the roll: paper rolls, guests who have a name now, people who left early, head counts set right.

And the rules by which hours count, from a day on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("airing_id", sa.String(36), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("member_id", sa.String(36), nullable=False),
        sa.Column("means", sa.String(10), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=True),
        sa.Column("to_minute", sa.Integer(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("revokes", sa.Integer(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_corrections_station_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_corrections_by")),
        sa.PrimaryKeyConstraint("airing_id", "station_id", "number", name=op.f("pk_corrections")),
    )
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("present_seen", sa.Integer(), nullable=False, server_default="0"))
        sessions.add_column(sa.Column("head_count_seen", sa.Integer(), nullable=True))
        sessions.add_column(sa.Column("corrected", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("sign_ins") as sign_ins:
        sign_ins.add_column(sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
        sign_ins.add_column(sa.Column("correction", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "credit_rules",
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.Column("grace_min", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_credit_rules_by")),
        sa.PrimaryKeyConstraint("first_day", name=op.f("pk_credit_rules")),
    )
    op.execute("UPDATE sessions SET present_seen = present, head_count_seen = head_count")


def downgrade() -> None:
    op.drop_table("credit_rules")
    with op.batch_alter_table("sign_ins") as sign_ins:
        sign_ins.drop_column("correction")
        sign_ins.drop_column("left_at")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("corrected")
        sessions.drop_column("head_count_seen")
        sessions.drop_column("present_seen")
    op.drop_table("corrections")

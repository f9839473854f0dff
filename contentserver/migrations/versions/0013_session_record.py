"""The session record (what was made up for later, damaged, said; hours that count), and figures by day and month.

`python -m contentserver admin rebuild` fills them for sessions that are there already.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NUMBERS = {"sessions": ("live_ms", "damaged_ms", "credit_ms"), "sign_ins": ("present_ms", "credit_ms")}
_COUNTS = ("sessions", "held", "whole", "on_time", "missed")
_LARGE = ("expected", "present", "guests", "planned_ms", "shown_ms", "credit_ms")


def upgrade() -> None:
    for table, names in _NUMBERS.items():
        with op.batch_alter_table(table) as altered:
            for name in names:
                altered.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(sa.Column("phrases", sa.String(200), nullable=False, server_default=""))
        sessions.add_column(sa.Column("doubts", sa.String(100), nullable=False, server_default=""))
    op.create_index("ix_sign_ins_member_id", "sign_ins", ["member_id"])
    op.create_table(
        "doubt_reviews",
        sa.Column("airing_id", sa.String(36), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("doubts", sa.String(100), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_doubt_reviews_station_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_doubt_reviews_by")),
        sa.PrimaryKeyConstraint("airing_id", "station_id", name=op.f("pk_doubt_reviews")),
    )
    op.create_table(
        "stale_days",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stale_days")),
    )
    op.create_table(
        "person_ordinals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("member_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_ordinals")),
        sa.UniqueConstraint("member_id", name=op.f("uq_person_ordinals_member_id")),
    )
    op.create_table(
        "buckets",
        sa.Column("node", sa.String(36), nullable=False),
        sa.Column("grain", sa.String(5), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("course", sa.String(100), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _LARGE),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("node", "grain", "first", "course", name=op.f("pk_buckets")),
    )


def downgrade() -> None:
    for table in ("buckets", "person_ordinals", "stale_days", "doubt_reviews"):
        op.drop_table(table)
    op.drop_index("ix_sign_ins_member_id", "sign_ins")
    with op.batch_alter_table("sessions") as sessions:
        sessions.drop_column("doubts")
        sessions.drop_column("phrases")
    for table, names in _NUMBERS.items():
        with op.batch_alter_table(table) as altered:
            for name in names:
                altered.drop_column(name)

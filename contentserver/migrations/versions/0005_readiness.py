"""What readiness needs: presence of boxes, wanted renditions, expected power cuts, what stations were told."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("boxes") as batch_op:
        batch_op.add_column(sa.Column("renditions", sa.Text(), nullable=False, server_default="{}"))
    op.create_table(
        "box_presence",
        sa.Column("box_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name=op.f("fk_box_presence_box_id_boxes")),
        sa.PrimaryKeyConstraint("box_id", "since", name=op.f("pk_box_presence")),
    )
    op.create_index(op.f("ix_box_presence_until"), "box_presence", ["until"])
    op.create_table(
        "power_cuts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_power_cuts_region_code_regions")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_power_cuts_made_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_power_cuts")),
    )
    op.create_index(op.f("ix_power_cuts_region_code"), "power_cuts", ["region_code"])
    op.create_index(op.f("ix_power_cuts_ends_at"), "power_cuts", ["ends_at"])
    op.create_table(
        "station_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("airing_id", sa.String(length=36), nullable=False),
        sa.Column("airing_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lesson_title", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("params", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("delivered_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_notes_station_id_stations")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_station_notes_made_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_notes")),
        sa.UniqueConstraint("station_id", "airing_id", "code", name=op.f("uq_station_notes_station_id_airing_id_code")),
    )
    op.create_index(op.f("ix_station_notes_airing_start"), "station_notes", ["airing_start"])


def downgrade() -> None:
    for table in ("station_notes", "power_cuts", "box_presence"):
        op.drop_table(table)
    with op.batch_alter_table("boxes") as batch_op:
        batch_op.drop_column("renditions")

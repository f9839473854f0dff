"""Boxes in the field: claim codes of two halves, rotation, ended enrolments, where a box stood when, expected boxes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    with op.batch_alter_table("boxes") as boxes:
        boxes.add_column(sa.Column("http_token_hash_before", sa.String(64)))
        boxes.add_column(sa.Column("rotated_at", instant))
        boxes.add_column(sa.Column("ended_reason", sa.Text(), nullable=False, server_default=""))
        boxes.add_column(sa.Column("fetching", sa.Text(), nullable=False, server_default="{}"))
        boxes.create_index("ix_boxes_http_token_hash_before", ["http_token_hash_before"])
    op.drop_table("enrolments")
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("claim_stem", sa.String(5), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("server_nonce", sa.String(64), nullable=False),
        sa.Column("claim_code", sa.String(8)),
        sa.Column("poll_token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("box_id", sa.Integer()),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_enrolments_box_id"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
        sa.UniqueConstraint("claim_stem", name="uq_enrolments_claim_stem"),
    )
    op.create_index("ix_enrolments_public_key", "enrolments", ["public_key"])
    op.create_table(
        "box_stations",
        sa.Column("box_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_box_stations_box_id"),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_box_stations_station_id"),
        sa.PrimaryKeyConstraint("box_id", "since", name="pk_box_stations"),
    )
    op.execute("INSERT INTO box_stations (box_id, since, station_id) SELECT id, enrolled_at, station_id FROM boxes")
    op.create_table(
        "expected_boxes",
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=False),
        sa.Column("added_at", instant, nullable=False),
        sa.Column("box_id", sa.Integer()),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name="fk_expected_boxes_station_id"),
        sa.ForeignKeyConstraint(["added_by"], ["accounts.id"], name="fk_expected_boxes_added_by"),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_expected_boxes_box_id"),
        sa.PrimaryKeyConstraint("serial", name="pk_expected_boxes"),
    )
    op.create_index("ix_expected_boxes_station_id", "expected_boxes", ["station_id"])


def downgrade() -> None:
    op.drop_table("expected_boxes")
    op.drop_table("box_stations")
    op.drop_table("enrolments")
    op.create_table(
        "enrolments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("serial", sa.String(64), nullable=False),
        sa.Column("claim_code", sa.String(8), nullable=False),
        sa.Column("poll_token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("box_id", sa.Integer()),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_enrolments_box_id"),
        sa.PrimaryKeyConstraint("id", name="pk_enrolments"),
        sa.UniqueConstraint("claim_code", name="uq_enrolments_claim_code"),
    )
    op.create_index("ix_enrolments_public_key", "enrolments", ["public_key"])
    with op.batch_alter_table("boxes") as boxes:
        boxes.drop_index("ix_boxes_http_token_hash_before")
        boxes.drop_column("fetching")
        boxes.drop_column("ended_reason")
        boxes.drop_column("rotated_at")
        boxes.drop_column("http_token_hash_before")

"""Alerts and their approval."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("sender_name", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(12), nullable=False),
        sa.Column("urgency", sa.String(12), nullable=False),
        sa.Column("effective", instant),
        sa.Column("expires", instant, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("cap_sender", sa.String(200)),
        sa.Column("cap_identifier", sa.String(200)),
        sa.Column("original", sa.Text(), nullable=False),
        sa.Column("area_text", sa.Text(), nullable=False),
        sa.Column("replaces", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("approved_by", sa.Uuid()),
        sa.Column("sent_at", instant),
        sa.Column("emergency_reason", sa.Text(), nullable=False),
        sa.Column("return_note", sa.Text(), nullable=False),
        sa.Column("ended_by", sa.Uuid()),
        sa.Column("ended_at", instant),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name="fk_alerts_made_by"),
        sa.ForeignKeyConstraint(["approved_by"], ["accounts.id"], name="fk_alerts_approved_by"),
        sa.ForeignKeyConstraint(["ended_by"], ["accounts.id"], name="fk_alerts_ended_by"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("cap_sender", "cap_identifier", name="uq_alerts_cap_sender_cap_identifier"),
    )
    op.create_index("ix_alerts_state", "alerts", ["state"])
    op.create_index("ix_alerts_made_at", "alerts", ["made_at"])
    op.create_table(
        "alert_regions",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_regions_alert_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name="fk_alert_regions_region_code"),
        sa.PrimaryKeyConstraint("alert_id", "region_code", name="pk_alert_regions"),
    )
    op.create_index("ix_alert_regions_region_code", "alert_regions", ["region_code"])
    op.create_table(
        "alert_layers",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name="fk_alert_layers_region_code"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_layers"),
        sa.UniqueConstraint("region_code", name="uq_alert_layers_region_code"),
    )
    op.create_table(
        "alert_revisions",
        sa.Column("layer_id", sa.String(40), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["layer_id"], ["alert_layers.id"], name="fk_alert_revisions_layer_id"),
        sa.PrimaryKeyConstraint("layer_id", "revision", name="pk_alert_revisions"),
    )
    op.create_table(
        "alert_proofs",
        sa.Column("box_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("layer_id", sa.String(40), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["box_id"], ["boxes.id"], name="fk_alert_proofs_box_id"),
        sa.ForeignKeyConstraint(["layer_id"], ["alert_layers.id"], name="fk_alert_proofs_layer_id"),
        sa.PrimaryKeyConstraint("box_id", "layer_id", name="pk_alert_proofs"),
    )


def downgrade() -> None:
    for table in ("alert_proofs", "alert_revisions", "alert_layers", "alert_regions", "alerts"):
        op.drop_table(table)

"""Where a journal stood, quickly found; quarantined events that somebody has looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    entered = sa.text("kind = 'station_entered'")
    op.create_index(
        "ix_events_station_entered",
        "events",
        ["box_id", "epoch", "sequence"],
        sqlite_where=entered,
        postgresql_where=entered,
    )
    with op.batch_alter_table("quarantined_events") as quarantined:
        quarantined.add_column(sa.Column("seen_at", sa.DateTime(timezone=True)))
        quarantined.add_column(sa.Column("seen_by", sa.Uuid()))
        quarantined.create_foreign_key("fk_quarantined_events_seen_by", "accounts", ["seen_by"], ["id"])
        quarantined.create_index("ix_quarantined_events_received_at", ["received_at"])


def downgrade() -> None:
    with op.batch_alter_table("quarantined_events") as quarantined:
        quarantined.drop_index("ix_quarantined_events_received_at")
        quarantined.drop_constraint("fk_quarantined_events_seen_by", type_="foreignkey")
        quarantined.drop_column("seen_by")
        quarantined.drop_column("seen_at")
    op.drop_index("ix_events_station_entered", "events")

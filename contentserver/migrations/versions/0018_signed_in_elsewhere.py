"""Who signed in at another station is found without reading where they always go."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sign_ins_member_id_station_id", "sign_ins", ["member_id", "station_id"])
    op.drop_index("ix_sign_ins_member_id", "sign_ins")


def downgrade() -> None:
    op.create_index("ix_sign_ins_member_id", "sign_ins", ["member_id"])
    op.drop_index("ix_sign_ins_member_id_station_id", "sign_ins")

"""How much a region may upload, and by which content a recording is known."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload_quotas",
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("limit_bytes", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_upload_quotas_region_code")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_upload_quotas_set_by")),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_upload_quotas")),
    )
    op.add_column("transcodes", sa.Column("sha256", sa.String(64), nullable=False, server_default=""))
    op.create_index(op.f("ix_transcodes_sha256"), "transcodes", ["sha256"])


def downgrade() -> None:
    op.drop_index(op.f("ix_transcodes_sha256"), "transcodes")
    op.drop_column("transcodes", "sha256")
    op.drop_table("upload_quotas")

"""Releases of the television's program, and which of them a box is to run."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "releases",
        sa.Column("version", sa.String(length=40), primary_key=True),
        sa.Column("sha256", sa.String(length=64), nullable=False, unique=True),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("needs", sa.String(length=64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
    )
    with op.batch_alter_table("boxes") as boxes:
        boxes.add_column(sa.Column("release", sa.String(length=40)))
        boxes.create_foreign_key("fk_boxes_release", "releases", ["release"], ["version"])


def downgrade() -> None:
    with op.batch_alter_table("boxes") as boxes:
        boxes.drop_constraint("fk_boxes_release", type_="foreignkey")
        boxes.drop_column("release")
    op.drop_table("releases")

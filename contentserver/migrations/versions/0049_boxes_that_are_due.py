"""What a box is still to be told is found by an index: the link looks four times a second."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

UNSENT = sa.text("desired_published < desired_version")
ENDED = sa.text("revoked_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_boxes_unsent", "boxes", ["id"], sqlite_where=UNSENT, postgresql_where=UNSENT)
    op.create_index("ix_boxes_ended", "boxes", ["revoked_at"], sqlite_where=ENDED, postgresql_where=ENDED)
    op.create_index("ix_boxes_account_kept", "boxes", ["account_kept"])


def downgrade() -> None:
    for name in ("account_kept", "ended", "unsent"):
        op.drop_index(f"ix_boxes_{name}", "boxes")

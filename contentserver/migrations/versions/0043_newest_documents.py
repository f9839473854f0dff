"""Lists of documents go by what is newest; their state, nearly always the same, leads a search nowhere."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE documents SET changed_at = written_at WHERE changed_at IS NULL")
    with op.batch_alter_table("documents") as documents:
        documents.alter_column("changed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        documents.drop_index("ix_documents_state")
        documents.create_index("ix_documents_changed", ["changed_at", "id"])


def downgrade() -> None:
    with op.batch_alter_table("documents") as documents:
        documents.drop_index("ix_documents_changed")
        documents.create_index("ix_documents_state", ["state"])
        documents.alter_column("changed_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.execute("UPDATE documents SET changed_at = NULL WHERE state = 'draft'")

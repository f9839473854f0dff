"""A transcode is shared in chunks, and may bring captions and sound in several languages."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "transcode_chunks",
        sa.Column("lesson_id", sa.Uuid(), sa.ForeignKey("transcodes.lesson_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("folder", sa.String(200), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("worker", sa.String(100), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fraction", sa.Float(), nullable=False),
        sa.Column("error_detail", sa.Text(), nullable=False),
    )
    op.create_table(
        "transcode_files",
        sa.Column("lesson_id", sa.Uuid(), sa.ForeignKey("transcodes.lesson_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("file", sa.String(300), nullable=False),
        sa.Column("language", sa.String(20), nullable=False),
    )
    op.execute(
        "INSERT INTO transcode_files (lesson_id, number, kind, file, language) "
        "SELECT lesson_id, 0, 'captions', captions, 'zh' FROM transcodes WHERE captions <> ''"
    )
    with op.batch_alter_table("transcodes") as batch_op:
        batch_op.drop_column("captions")


def downgrade() -> None:
    with op.batch_alter_table("transcodes") as batch_op:
        batch_op.add_column(sa.Column("captions", sa.String(300), nullable=False, server_default=""))
    op.execute(
        "UPDATE transcodes SET captions = COALESCE((SELECT file FROM transcode_files "
        "WHERE transcode_files.lesson_id = transcodes.lesson_id AND kind = 'captions' ORDER BY number LIMIT 1), '')"
    )
    op.drop_table("transcode_files")
    op.drop_table("transcode_chunks")

"""What reviewers say about a lesson, how long it may air, whose it is."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("lessons") as lessons:
        lessons.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        lessons.add_column(sa.Column("origin", sa.String(12), nullable=False, server_default="own"))
        lessons.add_column(sa.Column("origin_name", sa.String(100), nullable=False, server_default=""))
        lessons.add_column(sa.Column("rights", sa.String(300), nullable=False, server_default=""))
        lessons.add_column(sa.Column("airable_from", sa.Date(), nullable=True))
        lessons.add_column(sa.Column("expires_on", sa.Date(), nullable=True))
    op.create_table(
        "lesson_versions",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("package_name", sa.String(80), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_versions_lesson_id")),
        sa.ForeignKeyConstraint(["uploader_id"], ["accounts.id"], name=op.f("fk_lesson_versions_uploader_id")),
        sa.PrimaryKeyConstraint("lesson_id", "version", name=op.f("pk_lesson_versions")),
    )
    op.create_table(
        "lesson_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_comments_lesson_id")),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_lesson_comments_author_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["accounts.id"], name=op.f("fk_lesson_comments_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_comments")),
    )
    op.create_index(op.f("ix_lesson_comments_lesson_id"), "lesson_comments", ["lesson_id"])
    op.create_table(
        "lesson_openings",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_openings_lesson_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_lesson_openings_account_id")),
        sa.PrimaryKeyConstraint("lesson_id", "account_id", name=op.f("pk_lesson_openings")),
    )
    op.create_table(
        "lesson_reviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("ticked", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_reviews_lesson_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["accounts.id"], name=op.f("fk_lesson_reviews_reviewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_reviews")),
    )
    op.create_index(op.f("ix_lesson_reviews_lesson_id"), "lesson_reviews", ["lesson_id"])


def downgrade() -> None:
    for table in ("lesson_reviews", "lesson_openings", "lesson_comments", "lesson_versions"):
        op.drop_table(table)
    with op.batch_alter_table("lessons") as lessons:
        for column in ("expires_on", "airable_from", "rights", "origin_name", "origin", "version"):
            lessons.drop_column(column)

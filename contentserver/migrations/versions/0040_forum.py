"""The forum: boards, threads, posts with pictures and words, reports, notifications."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)
INDEX = (
    "CREATE VIRTUAL TABLE forum_words_index USING fts5(words, content='forum_words', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER forum_words_added AFTER INSERT ON forum_words BEGIN "
    "INSERT INTO forum_words_index(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER forum_words_removed AFTER DELETE ON forum_words BEGIN "
    "INSERT INTO forum_words_index(forum_words_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER forum_words_changed AFTER UPDATE ON forum_words BEGIN "
    "INSERT INTO forum_words_index(forum_words_index, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO forum_words_index(rowid, words) VALUES (new.id, new.words); END",
)


def upgrade() -> None:
    op.create_table(
        "forum_boards",
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("moderation", sa.String(8), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_forum_boards_region_code")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_forum_boards_by")),
        sa.PrimaryKeyConstraint("region_code", name=op.f("pk_forum_boards")),
    )
    op.create_table(
        "forum_threads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("course_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("last_at", WHEN, nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("closed_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_forum_threads_region_code")),
        sa.ForeignKeyConstraint(["course_id"], ["courses.id"], name=op.f("fk_forum_threads_course_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_forum_threads_branch_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_forum_threads_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_threads")),
    )
    for column in ("region_code", "course_id", "branch_id"):
        op.create_index(op.f(f"ix_forum_threads_{column}"), "forum_threads", [column])
    op.create_index("ix_forum_threads_order", "forum_threads", ["pinned", "last_at"])
    op.create_table(
        "forum_posts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("thread_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("edited_at", WHEN, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("why", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["thread_id"], ["forum_threads.id"], name=op.f("fk_forum_posts_thread_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_forum_posts_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_forum_posts_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_posts")),
        sa.UniqueConstraint("thread_id", "number", name=op.f("uq_forum_posts_thread_id")),
    )
    for column in ("by", "state"):
        op.create_index(op.f(f"ix_forum_posts_{column}"), "forum_posts", [column])
    op.create_table(
        "forum_pictures",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["forum_posts.id"], name=op.f("fk_forum_pictures_post_id")),
        sa.PrimaryKeyConstraint("post_id", "digest", name=op.f("pk_forum_pictures")),
    )
    op.create_table(
        "forum_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_words")),
        sa.UniqueConstraint("post_id", name=op.f("uq_forum_words_post_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in INDEX:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX forum_words_index ON forum_words USING gin (to_tsvector('simple', words))")
    op.create_table(
        "forum_reports",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("settled_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["forum_posts.id"], name=op.f("fk_forum_reports_post_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_forum_reports_by")),
        sa.PrimaryKeyConstraint("post_id", "by", name=op.f("pk_forum_reports")),
    )
    op.create_table(
        "forum_notifications",
        sa.Column("post_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("seen_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["post_id"], ["forum_posts.id"], name=op.f("fk_forum_notifications_post_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_forum_notifications_account_id")),
        sa.PrimaryKeyConstraint("post_id", "account_id", name=op.f("pk_forum_notifications")),
    )
    op.create_index("ix_forum_notifications_unseen", "forum_notifications", ["account_id", "seen_at"])


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("forum_words_added", "forum_words_removed", "forum_words_changed"):
            op.execute(f"DROP TRIGGER {trigger}")
        op.execute("DROP TABLE forum_words_index")
    for table in (
        "forum_notifications",
        "forum_reports",
        "forum_words",
        "forum_pictures",
        "forum_posts",
        "forum_threads",
        "forum_boards",
    ):
        op.drop_table(table)

"""Who writes in the forum is an author: an account, or a member. Articles may belong to a branch.

An author has the id of their account or member, so that what is there stays as it is and points at authors instead.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)
WRITTEN = ("forum_threads", "forum_posts", "forum_reports")
AUTHORS = sa.table("forum_authors", sa.column("id"), sa.column("member_id"))
THREADS = sa.table("forum_threads", sa.column("id"), sa.column("by"))
POSTS = sa.table("forum_posts", sa.column("id"), sa.column("by"), sa.column("thread_id"))
REPORTS = sa.table("forum_reports", sa.column("post_id"), sa.column("by"))
TOLD = sa.table("forum_notifications", sa.column("post_id"), sa.column("author_id"))


def upgrade() -> None:
    _authors()
    for table in WRITTEN:
        _point(table, "by", "forum_authors")
    with op.batch_alter_table("forum_notifications") as told:
        told.drop_constraint(op.f("fk_forum_notifications_account_id"), type_="foreignkey")
        told.drop_index("ix_forum_notifications_unseen")
        told.alter_column("account_id", new_column_name="author_id", existing_type=sa.Uuid(), existing_nullable=False)
    with op.batch_alter_table("forum_notifications") as told:
        told.create_foreign_key(op.f("fk_forum_notifications_author_id"), "forum_authors", ["author_id"], ["id"])
        told.create_index("ix_forum_notifications_unseen", ["author_id", "seen_at"])
    with op.batch_alter_table("articles") as articles:
        for column in ("branch_id", "published_branch_id"):
            articles.add_column(sa.Column(column, sa.Uuid(), nullable=True))
            articles.create_foreign_key(op.f(f"fk_articles_{column}"), "branches", [column], ["id"])
        articles.create_index(op.f("ix_articles_published_branch_id"), ["published_branch_id"])


def downgrade() -> None:
    """Before, accounts alone wrote: what members wrote goes."""
    with op.batch_alter_table("articles") as articles:
        articles.drop_index(op.f("ix_articles_published_branch_id"))
        for column in ("published_branch_id", "branch_id"):
            articles.drop_constraint(op.f(f"fk_articles_{column}"), type_="foreignkey")
            articles.drop_column(column)
    _forget_members()
    with op.batch_alter_table("forum_notifications") as told:
        told.drop_constraint(op.f("fk_forum_notifications_author_id"), type_="foreignkey")
        told.drop_index("ix_forum_notifications_unseen")
        told.alter_column("author_id", new_column_name="account_id", existing_type=sa.Uuid(), existing_nullable=False)
    with op.batch_alter_table("forum_notifications") as told:
        told.create_foreign_key(op.f("fk_forum_notifications_account_id"), "accounts", ["account_id"], ["id"])
        told.create_index("ix_forum_notifications_unseen", ["account_id", "seen_at"])
    for table in WRITTEN:
        _point(table, "by", "accounts")
    op.drop_table("forum_authors")


def _forget_members() -> None:
    theirs = sa.select(AUTHORS.c.id).where(AUTHORS.c.member_id.is_not(None))
    threads = sa.select(THREADS.c.id).where(THREADS.c.by.in_(theirs))
    gone = sa.select(POSTS.c.id).where(sa.or_(POSTS.c.by.in_(theirs), POSTS.c.thread_id.in_(threads)))
    op.execute(sa.delete(TOLD).where(sa.or_(TOLD.c.author_id.in_(theirs), TOLD.c.post_id.in_(gone))))
    op.execute(sa.delete(REPORTS).where(sa.or_(REPORTS.c.by.in_(theirs), REPORTS.c.post_id.in_(gone))))
    for name in ("forum_words", "forum_pictures"):
        table = sa.table(name, sa.column("post_id"))
        op.execute(sa.delete(table).where(table.c.post_id.in_(gone)))
    op.execute(sa.delete(POSTS).where(sa.or_(POSTS.c.by.in_(theirs), POSTS.c.thread_id.in_(threads))))
    op.execute(sa.delete(THREADS).where(THREADS.c.by.in_(theirs)))


def _authors() -> None:
    op.create_table(
        "forum_authors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(12), nullable=False),
        sa.Column("key", sa.String(12), nullable=True),
        sa.Column("blocked_until", WHEN, nullable=True),
        sa.Column("blocked_why", sa.String(200), nullable=False),
        sa.CheckConstraint("(account_id IS NULL) <> (member_id IS NULL)", name=op.f("ck_forum_authors_one")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_forum_authors_account_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_forum_authors_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forum_authors")),
        sa.UniqueConstraint("account_id", name=op.f("uq_forum_authors_account_id")),
        sa.UniqueConstraint("member_id", name=op.f("uq_forum_authors_member_id")),
        sa.UniqueConstraint("key", name=op.f("uq_forum_authors_key")),
    )
    op.create_index(op.f("ix_forum_authors_blocked_until"), "forum_authors", ["blocked_until"])
    op.execute(
        "INSERT INTO forum_authors (id, account_id, name, blocked_why) SELECT id, id, '', '' FROM accounts WHERE id IN "
        '(SELECT "by" FROM forum_threads UNION SELECT "by" FROM forum_posts UNION SELECT "by" FROM forum_reports '
        "UNION SELECT account_id FROM forum_notifications)"
    )


def _point(table: str, column: str, after: str) -> None:
    """Let a column name rows of another table; its values stay."""
    name = op.f(f"fk_{table}_{column}")
    with op.batch_alter_table(table) as changed:
        changed.drop_constraint(name, type_="foreignkey")
        changed.create_foreign_key(name, after, [column], ["id"])

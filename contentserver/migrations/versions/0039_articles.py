"""Articles: news for everybody, reading for phones."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("summary", sa.String(160), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cover", sa.String(64), nullable=False),
        sa.Column("cover_says", sa.String(100), nullable=False),
        sa.Column("lesson_id", sa.String(36), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("published", sa.Text(), nullable=False),
        sa.Column("first_published_at", WHEN, nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", WHEN, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_articles_region_code")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_articles_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("code", name=op.f("uq_articles_code")),
    )
    for column in ("region_code", "lesson_id", "state"):
        op.create_index(op.f(f"ix_articles_{column}"), "articles", [column])
    op.create_index("ix_articles_published", "articles", ["kind", "first_published_at"])


def downgrade() -> None:
    op.drop_table("articles")

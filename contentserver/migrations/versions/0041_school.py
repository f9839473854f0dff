"""The online school: viewings with what played, what counts of it by day, how far somebody has come."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "viewings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("package_name", sa.String(80), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.Column("opened_at", WHEN, nullable=False),
        sa.Column("until_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_viewings_member_id")),
        sa.ForeignKeyConstraint(["person_id"], ["members.id"], name=op.f("fk_viewings_person_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_viewings_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewings")),
    )
    for column in ("member_id", "person_id"):
        op.create_index(op.f(f"ix_viewings_{column}"), "viewings", [column])
    op.create_table(
        "viewing_spans",
        sa.Column("viewing_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("from_ms", sa.Integer(), nullable=False),
        sa.Column("to_ms", sa.Integer(), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("clock_ms", sa.Integer(), nullable=False),
        sa.Column("arrived_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["viewing_id"], ["viewings.id"], name=op.f("fk_viewing_spans_viewing_id")),
        sa.PrimaryKeyConstraint("viewing_id", "sequence", name=op.f("pk_viewing_spans")),
    )
    op.create_table(
        "school_lines",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("credit_ms", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["members.id"], name=op.f("fk_school_lines_person_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_school_lines_lesson_id")),
        sa.PrimaryKeyConstraint("person_id", "lesson_id", "day", name=op.f("pk_school_lines")),
    )
    op.create_table(
        "school_progress",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.Column("seen_ms", sa.Integer(), nullable=False),
        sa.Column("present_ms", sa.Integer(), nullable=False),
        sa.Column("credit_ms", sa.Integer(), nullable=False),
        sa.Column("stopped_ms", sa.Integer(), nullable=False),
        sa.Column("last_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["members.id"], name=op.f("fk_school_progress_person_id")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_school_progress_lesson_id")),
        sa.PrimaryKeyConstraint("person_id", "lesson_id", name=op.f("pk_school_progress")),
    )


def downgrade() -> None:
    for table in ("school_progress", "school_lines", "viewing_spans", "viewings"):
        op.drop_table(table)

"""Questions that lessons ask the room."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quiz_questions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=True),
        sa.Column("at_ms", sa.Integer(), nullable=True),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(120), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_quiz_questions_region_code")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_quiz_questions_lesson_id")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_quiz_questions_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quiz_questions")),
    )
    for column in ("region_code", "lesson_id", "text"):
        op.create_index(op.f(f"ix_quiz_questions_{column}"), "quiz_questions", [column])
    op.create_table(
        "quiz_versions",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(120), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.String(200), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["quiz_questions.id"], name=op.f("fk_quiz_versions_question_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_quiz_versions_by")),
        sa.PrimaryKeyConstraint("question_id", "version", name=op.f("pk_quiz_versions")),
    )


def downgrade() -> None:
    op.drop_table("quiz_versions")
    op.drop_table("quiz_questions")

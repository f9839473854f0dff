"""Assessments: schemes by version, rounds, who is assessed, forms, who may write one, objections."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "assessment_schemes",
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_assessment_schemes_by")),
        sa.PrimaryKeyConstraint("region_code", "code", "number", name=op.f("pk_assessment_schemes")),
    )
    _rounds()
    op.create_table(
        "assessment_subjects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("gone", sa.String(20), nullable=False),
        sa.Column("gone_because", sa.String(500), nullable=False),
        sa.Column("proposed", sa.Boolean(), nullable=False),
        sa.Column("recommended", sa.Boolean(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("corrected", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["assessment_rounds.id"], name=op.f("fk_assessment_subjects_round_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_assessment_subjects_region_code")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_assessment_subjects_station_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_assessment_subjects_branch_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_assessment_subjects_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_subjects")),
    )
    for column in ("station_id", "branch_id", "member_id"):
        op.create_index(op.f(f"ix_assessment_subjects_{column}"), "assessment_subjects", [column])
    op.create_index(
        op.f("ix_assessment_subjects_round_id_region_code"), "assessment_subjects", ["round_id", "region_code"]
    )
    op.create_table(
        "assessment_forms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("sent_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["assessment_subjects.id"], name=op.f("fk_assessment_forms_subject_id")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_assessment_forms_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_forms")),
        sa.UniqueConstraint(
            "subject_id", "part", "account_id", name=op.f("uq_assessment_forms_subject_id_part_account_id")
        ),
    )
    op.create_index(op.f("ix_assessment_forms_subject_id"), "assessment_forms", ["subject_id"])
    op.create_index(op.f("ix_assessment_forms_account_id_due_on"), "assessment_forms", ["account_id", "due_on"])
    op.create_table(
        "assessment_voters",
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["assessment_subjects.id"], name=op.f("fk_assessment_voters_subject_id")
        ),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_assessment_voters")),
    )
    op.create_index(op.f("ix_assessment_voters_subject_id_part"), "assessment_voters", ["subject_id", "part"])
    _objections()


def _rounds() -> None:
    op.create_table(
        "assessment_rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("scheme", sa.String(20), nullable=False),
        sa.Column("version", sa.String(24), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("dues", sa.Text(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("collected_on", sa.Date(), nullable=False),
        sa.Column("begun_at", WHEN, nullable=False),
        sa.Column("begun_by", sa.Uuid(), nullable=False),
        sa.Column("recommended_by", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("published_at", WHEN, nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("objections_until", sa.Date(), nullable=True),
        sa.Column("shown_until", sa.Date(), nullable=True),
        sa.Column("closed_at", WHEN, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_assessment_rounds_region_code")),
        sa.ForeignKeyConstraint(["begun_by"], ["accounts.id"], name=op.f("fk_assessment_rounds_begun_by")),
        sa.ForeignKeyConstraint(["recommended_by"], ["accounts.id"], name=op.f("fk_assessment_rounds_recommended_by")),
        sa.ForeignKeyConstraint(["published_by"], ["accounts.id"], name=op.f("fk_assessment_rounds_published_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["accounts.id"], name=op.f("fk_assessment_rounds_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_rounds")),
    )
    op.create_index(op.f("ix_assessment_rounds_region_code"), "assessment_rounds", ["region_code"])


def _objections() -> None:
    op.create_table(
        "assessment_objections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("upheld", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(500), nullable=False),
        sa.Column("score_before", sa.Integer(), nullable=True),
        sa.Column("score_after", sa.Integer(), nullable=True),
        sa.Column("recommended_before", sa.Boolean(), nullable=False),
        sa.Column("recommended_after", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["assessment_subjects.id"], name=op.f("fk_assessment_objections_subject_id")
        ),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_assessment_objections_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_assessment_objections_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment_objections")),
    )
    for column in ("subject_id", "mark"):
        op.create_index(op.f(f"ix_assessment_objections_{column}"), "assessment_objections", [column])


def downgrade() -> None:
    for table in (
        "assessment_objections",
        "assessment_voters",
        "assessment_forms",
        "assessment_subjects",
        "assessment_rounds",
        "assessment_schemes",
    ):
        op.drop_table(table)

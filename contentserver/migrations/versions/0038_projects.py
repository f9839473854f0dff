"""Projects: their lessons, households, notes and photographs."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("model", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("aim", sa.String(300), nullable=False),
        sa.Column("base", sa.String(60), nullable=False),
        sa.Column("association", sa.String(60), nullable=False),
        sa.Column("crop", sa.String(20), nullable=False),
        sa.Column("baseline_dkg", sa.Integer(), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("lessons_learnt", sa.String(500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_projects_region_code")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_projects_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    op.create_index(op.f("ix_projects_region_code"), "projects", ["region_code"])
    op.create_table(
        "project_lessons",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.String(36), nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_lessons_project_id")),
        sa.PrimaryKeyConstraint("project_id", "lesson_id", name=op.f("pk_project_lessons")),
    )
    op.create_table(
        "project_households",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("land_cmu", sa.Integer(), nullable=False),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_households_project_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_project_households_station_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_project_households_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_households")),
        sa.UniqueConstraint("project_id", "member_id", name=op.f("uq_project_households_project_id")),
    )
    op.create_index(op.f("ix_project_households_project_id"), "project_households", ["project_id"])
    op.create_table(
        "project_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("lesson_id", sa.String(36), nullable=False),
        sa.Column("land_cmu", sa.Integer(), nullable=True),
        sa.Column("yield_dkg", sa.Integer(), nullable=True),
        sa.Column("income_fen", sa.BigInteger(), nullable=True),
        sa.Column("cost_fen", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("withdrawn_at", WHEN, nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_project_notes_project_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["project_households.id"], name=op.f("fk_project_notes_household_id")
        ),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_project_notes_by")),
        sa.ForeignKeyConstraint(["withdrawn_by"], ["accounts.id"], name=op.f("fk_project_notes_withdrawn_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_notes")),
    )
    op.create_index("ix_project_notes_project_day", "project_notes", ["project_id", "day"])
    op.create_index(op.f("ix_project_notes_household_id"), "project_notes", ["household_id"])
    op.create_table(
        "project_photos",
        sa.Column("note_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["note_id"], ["project_notes.id"], name=op.f("fk_project_photos_note_id")),
        sa.PrimaryKeyConstraint("note_id", "digest", name=op.f("pk_project_photos")),
    )


def downgrade() -> None:
    for table in ("project_photos", "project_notes", "project_households", "project_lessons", "projects"):
        op.drop_table(table)

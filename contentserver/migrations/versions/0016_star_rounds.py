"""The five ones of a station, the rules of stars, and their results."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "one_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("one", sa.String(20), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_one_entries_station_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_one_entries_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_entries")),
    )
    op.create_index(op.f("ix_one_entries_station_id"), "one_entries", ["station_id"])
    op.create_table(
        "star_rules",
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_star_rules_by")),
        sa.PrimaryKeyConstraint("region_code", "number", name=op.f("pk_star_rules")),
    )
    op.create_table(
        "star_rounds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("rules_region", sa.String(12), nullable=False),
        sa.Column("rules_number", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("seed", sa.String(40), nullable=False),
        sa.Column("population", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("counted_at", _MOMENT, nullable=False),
        sa.Column("published_at", _MOMENT, nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_star_rounds_region_code")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_star_rounds_made_by")),
        sa.ForeignKeyConstraint(["published_by"], ["accounts.id"], name=op.f("fk_star_rounds_published_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_rounds")),
        sa.UniqueConstraint("region_code", "year", name=op.f("uq_star_rounds_region_code_year")),
    )
    op.create_table(
        "star_results",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=True),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("appeal_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["star_rounds.id"], name=op.f("fk_star_results_round_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_star_results_station_id")),
        sa.ForeignKeyConstraint(["changed_by"], ["accounts.id"], name=op.f("fk_star_results_changed_by")),
        sa.PrimaryKeyConstraint("round_id", "station_id", name=op.f("pk_star_results")),
    )
    op.create_index(op.f("ix_star_results_station_id"), "star_results", ["station_id"])
    op.create_table(
        "star_checks",
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("township", sa.String(12), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("at", _MOMENT, nullable=True),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["star_rounds.id"], name=op.f("fk_star_checks_round_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_star_checks_station_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_star_checks_by")),
        sa.PrimaryKeyConstraint("round_id", "station_id", name=op.f("pk_star_checks")),
    )
    op.create_table(
        "star_appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("stars_before", sa.Integer(), nullable=False),
        sa.Column("stars_after", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(1000), nullable=False),
        sa.Column("decided_at", _MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["star_rounds.id"], name=op.f("fk_star_appeals_round_id")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_star_appeals_station_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_star_appeals_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["accounts.id"], name=op.f("fk_star_appeals_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_appeals")),
    )
    op.create_index(op.f("ix_star_appeals_round_id"), "star_appeals", ["round_id"])
    op.create_table(
        "photographs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("one", sa.String(20), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_photographs_station_id")),
        sa.ForeignKeyConstraint(["round_id"], ["star_rounds.id"], name=op.f("fk_photographs_round_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_photographs_by")),
        sa.ForeignKeyConstraint(["removed_by"], ["accounts.id"], name=op.f("fk_photographs_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photographs")),
    )
    op.create_index(op.f("ix_photographs_station_id"), "photographs", ["station_id"])


def downgrade() -> None:
    for table in (
        "photographs",
        "star_appeals",
        "star_checks",
        "star_results",
        "star_rounds",
        "star_rules",
        "one_entries",
    ):
        op.drop_table(table)

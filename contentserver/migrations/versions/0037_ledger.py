"""The ledger: kinds that a county adds, entries with history, drafts, photographs, marks of what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)
STANDS = sa.text("removed_at IS NULL")
AROSE = sa.text("origin <> ''")


def upgrade() -> None:
    op.create_table(
        "ledger_kinds",
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_ledger_kinds_by")),
        sa.PrimaryKeyConstraint("region_code", "code", "number", name=op.f("pk_ledger_kinds")),
    )
    _entries()
    op.create_table(
        "ledger_changes",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(12), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("why", sa.String(300), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_ledger_changes_by")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_changes_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "number", name=op.f("pk_ledger_changes")),
    )
    op.create_table(
        "ledger_drafts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("saved_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_ledger_drafts_by")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_ledger_drafts_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_drafts")),
        sa.UniqueConstraint("station_id", "kind", "by", name=op.f("uq_ledger_drafts_station_id_kind_by")),
    )
    op.create_index(op.f("ix_ledger_drafts_by"), "ledger_drafts", ["by"])
    _photographs()
    op.create_table(
        "ledger_marks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_marks")),
    )


def _entries() -> None:
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.String(24), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("signers", sa.Text(), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("origin", sa.String(120), nullable=False),
        sa.Column("written_at", WHEN, nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=True),
        sa.Column("changed_at", WHEN, nullable=True),
        sa.Column("saved", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("removed_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_ledger_entries_station_id")),
        sa.ForeignKeyConstraint(["written_by"], ["accounts.id"], name=op.f("fk_ledger_entries_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        "ix_ledger_entries_month_kind_station",
        "ledger_entries",
        ["month", "kind", "station_id", "region_code"],
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_index("ix_ledger_entries_station_month", "ledger_entries", ["station_id", "month", "day"])
    op.create_index(
        "ix_ledger_entries_month_day",
        "ledger_entries",
        ["month", "day", "id", "region_code"],
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_index(
        "uq_ledger_entries_source_origin",
        "ledger_entries",
        ["source", "origin"],
        unique=True,
        sqlite_where=AROSE,
        postgresql_where=AROSE,
    )


def _photographs() -> None:
    op.create_table(
        "ledger_photographs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("draft_id", sa.Uuid(), nullable=True),
        sa.Column("signature", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("removed_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_ledger_photographs_by")),
        sa.ForeignKeyConstraint(["draft_id"], ["ledger_drafts.id"], name=op.f("fk_ledger_photographs_draft_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_photographs_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_photographs")),
    )
    op.create_index(op.f("ix_ledger_photographs_entry_id"), "ledger_photographs", ["entry_id"])
    op.create_index(op.f("ix_ledger_photographs_draft_id"), "ledger_photographs", ["draft_id"])


def downgrade() -> None:
    for table in (
        "ledger_marks",
        "ledger_photographs",
        "ledger_drafts",
        "ledger_changes",
        "ledger_entries",
        "ledger_kinds",
    ):
        op.drop_table(table)

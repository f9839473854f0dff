"""Kinds of entries and schemes of assessment are documents of regions alike: one table holds both."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

BEFORE = {"ledger_kinds": "ledger_kind", "assessment_schemes": "assessment_scheme"}
COLUMNS = ("region_code", "code", "number", "document", "at", "by")


def upgrade() -> None:
    bylaws = op.create_table(
        "bylaws", sa.Column("matter", sa.String(20), nullable=False), *_columns("bylaws", "matter")
    )
    for name, matter in BEFORE.items():
        old = sa.table(name, *map(sa.column, COLUMNS))
        rows = sa.select(sa.literal(matter), *(old.c[column] for column in COLUMNS))
        op.execute(sa.insert(bylaws).from_select(["matter", *COLUMNS], rows))
        op.drop_table(name)


def downgrade() -> None:
    laws = sa.table("bylaws", sa.column("matter"), *map(sa.column, COLUMNS))
    for name, matter in BEFORE.items():
        old = op.create_table(name, *_columns(name))
        rows = sa.select(*(laws.c[column] for column in COLUMNS)).where(laws.c.matter == matter)
        op.execute(sa.insert(old).from_select(list(COLUMNS), rows))
    op.drop_table("bylaws")


def _columns(table: str, *before: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f(f"fk_{table}_by")),
        sa.PrimaryKeyConstraint(*before, "region_code", "code", "number", name=op.f(f"pk_{table}")),
    ]

"""What phones say of answers, outcomes told by phone, digests to experts, papers that are to be laid out anew."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "case_said",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_said_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_said")),
    )
    op.create_table(
        "case_digests",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", TIME, nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_case_digests_account_id")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_digests_case_id")),
        sa.PrimaryKeyConstraint("account_id", "case_id", name=op.f("pk_case_digests")),
    )
    op.create_table(
        "paper_marks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_marks")),
    )
    op.add_column("cases", sa.Column("outcome_asked", sa.String(10), nullable=False, server_default=""))
    with op.batch_alter_table("case_outcomes") as changed:
        changed.alter_column("by", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    op.execute('DELETE FROM case_outcomes WHERE "by" IS NULL')
    with op.batch_alter_table("case_outcomes") as changed:
        changed.alter_column("by", existing_type=sa.Uuid(), nullable=False)
    op.drop_column("cases", "outcome_asked")
    for table in ("paper_marks", "case_digests", "case_said"):
        op.drop_table(table)

"""Second factors, invitations, delegations; sessions that tell where they are from."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("accounts", sa.Column("mail", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "delegations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("taker_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["giver_id"], ["accounts.id"], name=op.f("fk_delegations_giver_id")),
        sa.ForeignKeyConstraint(["taker_id"], ["accounts.id"], name=op.f("fk_delegations_taker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegations")),
    )
    op.create_index(op.f("ix_delegations_giver_id"), "delegations", ["giver_id"])
    op.create_index(op.f("ix_delegations_taker_id"), "delegations", ["taker_id"])
    with op.batch_alter_table("web_sessions") as sessions:
        sessions.add_column(sa.Column("address", sa.String(45), nullable=False, server_default=""))
        sessions.add_column(sa.Column("agent", sa.String(60), nullable=False, server_default=""))
        sessions.add_column(sa.Column("step", sa.String(10), nullable=False, server_default=""))
        sessions.add_column(sa.Column("confirmed_at", _MOMENT, nullable=True))
        sessions.add_column(sa.Column("delegation_id", sa.Uuid(), nullable=True))
        sessions.create_foreign_key(op.f("fk_web_sessions_delegation_id"), "delegations", ["delegation_id"], ["id"])
    with op.batch_alter_table("audit_entries") as entries:
        entries.add_column(sa.Column("for_account_id", sa.Uuid(), nullable=True))
        entries.create_foreign_key(op.f("fk_audit_entries_for_account_id"), "accounts", ["for_account_id"], ["id"])
        entries.create_index(op.f("ix_audit_entries_account_id"), ["account_id"])
        entries.create_index(op.f("ix_audit_entries_subject"), ["subject"])
    op.create_table(
        "invitations",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_invitations_account_id")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_invitations_made_by")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_account_id"), "invitations", ["account_id"])
    op.create_table(
        "second_factors",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(300), nullable=False),
        sa.Column("offered", sa.String(300), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("set_up_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_second_factors_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"])


def downgrade() -> None:
    for table in ("recovery_codes", "second_factors", "invitations"):
        op.drop_table(table)
    with op.batch_alter_table("audit_entries") as entries:
        entries.drop_index(op.f("ix_audit_entries_subject"))
        entries.drop_index(op.f("ix_audit_entries_account_id"))
        entries.drop_constraint(op.f("fk_audit_entries_for_account_id"), type_="foreignkey")
        entries.drop_column("for_account_id")
    with op.batch_alter_table("web_sessions") as sessions:
        sessions.drop_constraint(op.f("fk_web_sessions_delegation_id"), type_="foreignkey")
        for column in ("delegation_id", "confirmed_at", "step", "agent", "address"):
            sessions.drop_column(column)
    op.drop_table("delegations")
    with op.batch_alter_table("accounts") as accounts:
        accounts.drop_column("mail")

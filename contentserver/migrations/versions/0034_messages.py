"""Messages to many: templates, kept groups, messages, deliveries and their parts, who wants none."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
HAS_ORIGIN, WAITS = sa.text("origin <> ''"), sa.text("state = 'waiting'")
WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table, content in (("message_templates", sa.String(500)), ("message_groups", sa.Text())):
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("region_code", sa.String(12), nullable=False),
            sa.Column("name", sa.String(40), nullable=False),
            sa.Column("text" if table == "message_templates" else "audience", content, nullable=False),
            sa.Column("made_by", sa.Uuid(), nullable=False),
            sa.Column("made_at", WHEN, nullable=False),
            sa.Column("removed_at", WHEN, nullable=True),
            sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f(f"fk_{table}_region_code")),
            sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f(f"fk_{table}_made_by")),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
        op.create_index(op.f(f"ix_{table}_region_code"), table, ["region_code"])
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("origin", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(8), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("not_before", WHEN, nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", WHEN, nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", WHEN, nullable=True),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_messages_region_code")),
        sa.ForeignKeyConstraint(["made_by"], ["accounts.id"], name=op.f("fk_messages_made_by")),
        sa.ForeignKeyConstraint(["released_by"], ["accounts.id"], name=op.f("fk_messages_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )
    for column in ("region_code", "state", "made_at"):
        op.create_index(op.f(f"ix_messages_{column}"), "messages", [column])
    op.create_index(
        "uq_messages_origin", "messages", ["origin"], unique=True, sqlite_where=HAS_ORIGIN, postgresql_where=HAS_ORIGIN
    )
    op.create_table(
        "message_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address_sealed", sa.String(600), nullable=False),
        sa.Column("address_mark", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", WHEN, nullable=False),
        sa.Column("claimed_until", WHEN, nullable=True),
        sa.Column("submitted_at", WHEN, nullable=True),
        sa.Column("ended_at", WHEN, nullable=True),
        sa.Column("error", sa.String(120), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_message_deliveries_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_deliveries")),
        sa.UniqueConstraint("message_id", "address_mark", name=op.f("uq_message_deliveries_message_id")),
    )
    op.create_index(op.f("ix_message_deliveries_address_mark"), "message_deliveries", ["address_mark"])
    op.create_index(
        "ix_message_deliveries_waiting", "message_deliveries", ["next_at"], sqlite_where=WAITS, postgresql_where=WAITS
    )
    op.create_index("ix_message_deliveries_state", "message_deliveries", ["message_id", "state"])
    op.create_table(
        "message_parts",
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(70), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["message_deliveries.id"], name=op.f("fk_message_parts_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_message_parts")),
    )
    op.create_index(op.f("ix_message_parts_reference"), "message_parts", ["reference"])
    op.create_table(
        "message_opt_outs",
        sa.Column("address_mark", sa.String(64), nullable=False),
        sa.Column("address_sealed", sa.String(600), nullable=False),
        sa.Column("since", WHEN, nullable=False),
        sa.Column("how", sa.String(8), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_message_opt_outs_by")),
        sa.PrimaryKeyConstraint("address_mark", name=op.f("pk_message_opt_outs")),
    )


def downgrade() -> None:
    for table in (
        "message_opt_outs",
        "message_parts",
        "message_deliveries",
        "messages",
        "message_groups",
        "message_templates",
    ):
        op.drop_table(table)

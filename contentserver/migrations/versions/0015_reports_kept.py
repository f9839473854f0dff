"""What reports keep: planned airings and the stations behind the figures; saved reports, their mail, tokens.

Every day that has sessions is marked to be computed again, so that the figures say which stations showed something.
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    nothing = sa.text("x''" if connection.dialect.name == "sqlite" else "''")
    with op.batch_alter_table("buckets") as buckets:
        for name in ("planned", "kept"):
            buckets.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        buckets.add_column(sa.Column("timetable_ms", sa.BigInteger(), nullable=False, server_default="0"))
        buckets.add_column(sa.Column("reasons", sa.Text(), nullable=False, server_default=""))
        buckets.add_column(sa.Column("stations", sa.LargeBinary(), nullable=False, server_default=nothing))
    op.create_table(
        "station_ordinals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_ordinals")),
        sa.UniqueConstraint("station_id", name=op.f("uq_station_ordinals_station_id")),
    )
    op.create_table(
        "planned_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_planned_days")),
    )
    op.create_table(
        "planned_since",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_planned_since")),
    )
    op.create_index("ix_layer_revisions_created_at", "layer_revisions", ["created_at", "layer_id", "revision"])
    _make_kept()
    _mark_all(connection)


def _make_kept() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "kept_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.String(10), nullable=False),
        sa.Column("mail_to", sa.String(200), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("since", moment, nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("removed_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_kept_reports_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_reports")),
    )
    op.create_index("ix_kept_reports_account_id", "kept_reports", ["account_id"])
    op.create_table(
        "report_mails",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", moment, nullable=False),
        sa.Column("error", sa.String(300), nullable=False),
        sa.Column("sent_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["kept_reports.id"], name=op.f("fk_report_mails_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_mails")),
        sa.UniqueConstraint("report_id", "first", "last", name=op.f("uq_report_mails_report_id_first_last")),
    )
    op.create_index("ix_report_mails_state", "report_mails", ["state"])
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("used_at", moment, nullable=True),
        sa.Column("revoked_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_api_tokens_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index("ix_api_tokens_account_id", "api_tokens", ["account_id"])


def _mark_all(connection: sa.Connection) -> None:
    buckets = sa.table("buckets", *map(sa.column, ("node", "grain", "course")), sa.column("first", sa.Date()))
    marks = sa.table("stale_days", sa.column("station_id", sa.Uuid()), sa.column("day", sa.Date()))
    of_stations = sa.select(buckets.c.node, buckets.c.first).where(
        buckets.c.grain == "day", buckets.c.course == "", sa.func.length(buckets.c.node) == 36
    )
    if rows := [{"station_id": UUID(node), "day": day} for node, day in connection.execute(of_stations)]:
        connection.execute(marks.insert(), rows)


def downgrade() -> None:
    op.drop_index("ix_layer_revisions_created_at", "layer_revisions")
    for table in ("api_tokens", "report_mails", "kept_reports", "planned_since", "planned_days", "station_ordinals"):
        op.drop_table(table)
    with op.batch_alter_table("buckets") as buckets:
        for name in ("stations", "reasons", "timetable_ms", "kept", "planned"):
            buckets.drop_column(name)

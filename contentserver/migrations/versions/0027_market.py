"""Tables of market: commodities, markets, prices by day, offers, feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _account(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["accounts.id"], name=op.f(f"fk_{table}_{column}"))


def _region(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f(f"fk_{table}_region_code"))


def upgrade() -> None:
    _commodities_and_places()
    _prices()
    _offers()
    _feeds()


def downgrade() -> None:
    for table in ("market_feeds", "market_offers", "market_prices", "market_places", "market_commodities"):
        op.drop_table(table)


def _commodities_and_places() -> None:
    for table, *further in (
        (
            "market_commodities",
            sa.Column("unit", sa.String(10), nullable=False),
            sa.Column("keywords", sa.String(200), nullable=False),
        ),
        ("market_places",),
    ):
        op.create_table(
            table,
            sa.Column("id", sa.Uuid(), nullable=False),
            sa.Column("region_code", sa.String(12), nullable=False),
            sa.Column("name", sa.String(20), nullable=False),
            *further,
            sa.Column("made_by", sa.Uuid(), nullable=False),
            sa.Column("made_at", MOMENT, nullable=False),
            _region(table),
            _account("made_by", table),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
            sa.UniqueConstraint("region_code", "name", name=op.f(f"uq_{table}_region_code_name")),
        )
        op.create_index(op.f(f"ix_{table}_region_code"), table, ["region_code"])


def _prices() -> None:
    table = "market_prices"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("commodity_id", sa.Uuid(), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("doubt", sa.String(12), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["commodity_id"], ["market_commodities.id"], name=op.f(f"fk_{table}_commodity_id")),
        sa.ForeignKeyConstraint(["place_id"], ["market_places.id"], name=op.f(f"fk_{table}_place_id")),
        _account("by", table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("commodity_id", "place_id", "day", name=op.f(f"uq_{table}_commodity_id_place_id_day")),
    )
    op.create_index("ix_market_prices_day", table, ["place_id", "day"])
    op.create_index(op.f("ix_market_prices_doubt"), table, ["doubt"])


def _offers() -> None:
    table = "market_offers"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("contact", sa.String(60), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("posted_by", sa.Uuid(), nullable=False),
        sa.Column("posted_at", MOMENT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f(f"fk_{table}_station_id")),
        _region(table),
        _account("posted_by", table),
        _account("decided_by", table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    for column in ("station_id", "region_code", "until"):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _feeds() -> None:
    table = "market_feeds"
    op.create_table(
        table,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        _region(table),
        _account("made_by", table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("token_hash", name=op.f(f"uq_{table}_token_hash")),
    )
    op.create_index(op.f(f"ix_{table}_region_code"), table, ["region_code"])

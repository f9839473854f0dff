"""Groups of stations; a notice goes to any number of regions and groups."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

STANDING = sa.text("removed_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "station_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("kinds", sa.String(200), nullable=False),
        sa.Column("below", sa.String(12), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("saved", "filled")),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_station_groups_region_code")),
        *(
            sa.ForeignKeyConstraint([name], ["accounts.id"], name=op.f(f"fk_station_groups_{name}"))
            for name in ("made_by", "removed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_groups")),
    )
    op.create_index(op.f("ix_station_groups_region_code"), "station_groups", ["region_code"])
    op.create_index(
        "uq_station_groups_standing_name",
        "station_groups",
        ["region_code", "name"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "station_group_members",
        *_pair("station_group_members", ("group_id", "station_groups.id"), ("station_id", "stations.id")),
    )
    op.create_index(op.f("ix_station_group_members_station_id"), "station_group_members", ["station_id"])
    op.create_table(
        "notice_regions",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_regions_notice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_notice_regions_region_code")),
        sa.PrimaryKeyConstraint("notice_id", "region_code", name=op.f("pk_notice_regions")),
    )
    op.create_index(op.f("ix_notice_regions_region_code"), "notice_regions", ["region_code"])
    op.create_table(
        "notice_groups",
        *_pair("notice_groups", ("notice_id", "notices.id"), ("group_id", "station_groups.id"), cascades=1),
    )
    op.create_index(op.f("ix_notice_groups_group_id"), "notice_groups", ["group_id"])
    op.execute("INSERT INTO notice_regions (notice_id, region_code) SELECT id, region_code FROM notices")


def downgrade() -> None:
    """A notice for several regions or for a group is one for the region in which all of that lies, as its row says."""
    for table in ("notice_groups", "notice_regions", "station_group_members", "station_groups"):
        op.drop_table(table)


def _pair(table: str, *columns: tuple[str, str], cascades: int = 2) -> list[sa.schema.SchemaItem]:
    """Two columns that are the key together; what goes with whichever of the first `cascades` goes."""
    return [
        *(sa.Column(name, sa.Uuid(), nullable=False) for name, _at in columns),
        *(
            sa.ForeignKeyConstraint(
                [name], [at], name=op.f(f"fk_{table}_{name}"), ondelete="CASCADE" if number < cascades else None
            )
            for number, (name, at) in enumerate(columns)
        ),
        sa.PrimaryKeyConstraint(*(name for name, _at in columns), name=op.f(f"pk_{table}")),
    ]

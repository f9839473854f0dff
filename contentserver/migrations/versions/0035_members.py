"""Branches and roles, sealed facts of members, by what they are found, merged records, registrations by phone."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
WHEN = sa.DateTime(timezone=True)
MERGED = sa.text("merged_into IS NOT NULL")
TERM = sa.String(120).with_variant(sa.String(120, collation="C"), "postgresql")
ROLES = ("secretary", "deputy", "organiser", "publicist", "discipline", "treasurer", "member")
SEALED = {
    "identity_sealed": 200,
    "identity_mark": 64,
    "birthday_sealed": 200,
    "address_sealed": 800,
    "own_link_hash": 64,
}


def upgrade() -> None:
    _branches()
    with op.batch_alter_table("members") as members:
        for name, length in SEALED.items():
            members.add_column(sa.Column(name, sa.String(length), nullable=False, server_default=""))
        members.add_column(sa.Column("branch_id", sa.Uuid(), nullable=True))
        members.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        members.create_foreign_key(op.f("fk_members_branch_id"), "branches", ["branch_id"], ["id"])
        members.create_foreign_key(op.f("fk_members_merged_into"), "members", ["merged_into"], ["id"])
    for name in ("identity_mark", "own_link_hash", "branch_id"):
        op.create_index(op.f(f"ix_members_{name}"), "members", [name])
    op.create_index("ix_members_merged_into", "members", ["merged_into"], sqlite_where=MERGED, postgresql_where=MERGED)
    _roles()
    op.create_table(
        "member_terms",
        sa.Column("term", TERM, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_terms_member_id")),
        sa.PrimaryKeyConstraint("term", "member_id", name=op.f("pk_member_terms")),
    )
    op.create_index(op.f("ix_member_terms_member_id"), "member_terms", ["member_id"])
    op.create_index("ix_member_terms_station_id_term", "member_terms", ["station_id", "term"])
    _merges_and_registrations()


def _branches() -> None:
    op.create_table(
        "branches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("founded_on", sa.Date(), nullable=True),
        sa.Column("dissolved_on", sa.Date(), nullable=True),
        sa.Column("made_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["branches.id"], name=op.f("fk_branches_parent_id")),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_branches_region_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branches")),
    )
    for name in ("parent_id", "region_code"):
        op.create_index(op.f(f"ix_branches_{name}"), "branches", [name])
    kinds = op.create_table(
        "member_role_kinds",
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("retired_at", WHEN, nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_member_role_kinds")),
    )
    op.bulk_insert(kinds, [{"code": code, "name": "", "place": place} for place, code in enumerate(ROLES)])


def _roles() -> None:
    op.create_table(
        "member_roles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("with_branch", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_roles_member_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name=op.f("fk_member_roles_branch_id")),
        sa.ForeignKeyConstraint(["role"], ["member_role_kinds.code"], name=op.f("fk_member_roles_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_roles")),
    )
    for name in ("member_id", "branch_id"):
        op.create_index(op.f(f"ix_member_roles_{name}"), "member_roles", [name])


def _merges_and_registrations() -> None:
    op.create_table(
        "member_merges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("absorbed_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("undone_at", WHEN, nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["kept_id"], ["members.id"], name=op.f("fk_member_merges_kept_id")),
        sa.ForeignKeyConstraint(["absorbed_id"], ["members.id"], name=op.f("fk_member_merges_absorbed_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_member_merges_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["accounts.id"], name=op.f("fk_member_merges_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_merges")),
    )
    for name in ("kept_id", "absorbed_id"):
        op.create_index(op.f(f"ix_member_merges_{name}"), "member_merges", [name])
    op.create_table(
        "member_registrations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("number", sa.String(6), nullable=False),
        sa.Column("phone_sealed", sa.String(200), nullable=False),
        sa.Column("phone_mark", sa.String(64), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_member_registrations_station_id")),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_member_registrations_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_registrations")),
    )
    for name in ("station_id", "phone_mark"):
        op.create_index(op.f(f"ix_member_registrations_{name}"), "member_registrations", [name])


def downgrade() -> None:
    for table in ("member_registrations", "member_merges", "member_terms", "member_roles", "member_role_kinds"):
        op.drop_table(table)
    for name in ("merged_into", "identity_mark", "own_link_hash", "branch_id"):
        op.drop_index(op.f(f"ix_members_{name}"), "members")
    with op.batch_alter_table("members") as members:
        for name in ("merged_into", "branch_id"):
            members.drop_constraint(op.f(f"fk_members_{name}"), type_="foreignkey")
            members.drop_column(name)
        for name in SEALED:
            members.drop_column(name)
    op.drop_table("branches")

"""A layer's plan is one document: drafts, submission, revisions with their plan; templates, quotas, holidays."""

import json
from collections import defaultdict
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _layers()
    op.create_table(
        "layer_drafts",
        sa.Column("layer_id", sa.String(40), sa.ForeignKey("layers.id"), primary_key=True),
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("parent", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("made_by", sa.Uuid(), sa.ForeignKey("accounts.id")),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    with op.batch_alter_table("layer_revisions") as batch_op:
        batch_op.add_column(sa.Column("plan", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("airings", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("submitted_by", sa.Uuid()))
        batch_op.create_foreign_key("fk_layer_revisions_submitted_by", "accounts", ["submitted_by"], ["id"])
    with op.batch_alter_table("layer_proofs") as batch_op:
        batch_op.add_column(sa.Column("received_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("boxes") as batch_op:
        batch_op.add_column(sa.Column("account_kept", sa.String(64), nullable=False, server_default=""))
    op.create_table(
        "layer_templates",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("region_code", sa.String(12), sa.ForeignKey("regions.code"), nullable=False, index=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "quotas",
        sa.Column("region_code", sa.String(12), sa.ForeignKey("regions.code"), primary_key=True),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
    )
    _slots_become_documents()
    op.drop_table("slots")


def _layers() -> None:
    with op.batch_alter_table("layers") as batch_op:
        batch_op.add_column(sa.Column("published_at", sa.DateTime(timezone=True)))
        batch_op.add_column(sa.Column("plan", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("plan_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("draft_version", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("submitted_version", sa.Integer()))
        batch_op.add_column(sa.Column("submitted_by", sa.Uuid()))
        batch_op.add_column(sa.Column("submitted_at", sa.DateTime(timezone=True)))
        batch_op.add_column(sa.Column("sent_back", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("passed_over", sa.Text(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("caught_up_to", sa.DateTime(timezone=True)))
        batch_op.create_foreign_key("fk_layers_submitted_by", "accounts", ["submitted_by"], ["id"])


def _slots_become_documents() -> None:
    """Draft 1 is what was in force, draft 2 what stood in the draft where that differed."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT * FROM slots ORDER BY local_start, id")).mappings().all()
    in_force, drafted = defaultdict(list), defaultdict(list)
    for row in rows:
        if row["in_force"]:
            in_force[row["layer_id"]].append(_slot(row))
        if row["removed_at"] is None:
            drafted[row["layer_id"]].append(_slot(row))
    for layer_id in sorted({*in_force, *drafted}):
        plans = [_document(in_force[layer_id])]
        if drafted[layer_id] != in_force[layer_id]:
            plans.append(_document(drafted[layer_id]))
        for version, plan in enumerate(plans, start=1):
            connection.execute(
                sa.text(
                    "INSERT INTO layer_drafts (layer_id, version, parent, plan, action, subject, made_at) "
                    "VALUES (:layer, :version, :parent, :plan, 'brought_over', '', CURRENT_TIMESTAMP)"
                ),
                {"layer": layer_id, "version": version, "parent": version - 1, "plan": plan},
            )
        connection.execute(
            sa.text("UPDATE layers SET plan = :plan, plan_version = 1, draft_version = :draft WHERE id = :layer"),
            {"plan": plans[0], "draft": len(plans), "layer": layer_id},
        )


def _document(slots: list[dict[str, Any]]) -> str:
    return json.dumps({"slots": slots} if slots else {}, ensure_ascii=False, separators=(",", ":"))


def _slot(row: Any) -> dict[str, Any]:
    key, lesson = str(UUID(str(row["id"]))), str(UUID(str(row["lesson_id"])))
    slot: dict[str, Any] = {"id": key, "lessons": [lesson], "local_start": row["local_start"]}
    if row["rule"]:
        slot["rule"] = row["rule"]
    if row["exceptions"] not in ("", "[]"):
        slot["exceptions"] = json.loads(row["exceptions"])
    if row["rank"] != "regular":
        slot["rank"] = row["rank"]
    return slot


def downgrade() -> None:
    raise NotImplementedError("plans hold more than slots can; restore a backup instead")

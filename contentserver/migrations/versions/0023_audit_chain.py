"""Audit entries are numbered and chained by their hashes, and the database refuses to change or delete them.

Entries that are there already are chained in the order in which they were written. A later migration that makes the
table anew on SQLite drops the triggers with the old one: it has to make them again (`guard`, `unguard`).
"""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

HASHED = ("at", "account_id", "for_account_id", "action", "subject", "before", "after", "address", "request")
_entries = sa.table(
    "audit_entries",
    sa.column("id", sa.Uuid()),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("account_id", sa.Uuid()),
    sa.column("for_account_id", sa.Uuid()),
    *(sa.column(name, sa.Text()) for name in ("action", "subject", "before", "after", "address", "request", "hash")),
    sa.column("number", sa.BigInteger()),
)


def upgrade() -> None:
    with op.batch_alter_table("audit_entries") as entries:
        entries.add_column(sa.Column("number", sa.BigInteger(), nullable=True))
        entries.add_column(sa.Column("address", sa.String(length=45), server_default="", nullable=False))
        entries.add_column(sa.Column("request", sa.String(length=64), server_default="", nullable=False))
        entries.add_column(sa.Column("hash", sa.String(length=64), server_default="", nullable=False))
        entries.create_unique_constraint(op.f("uq_audit_entries_number"), ["number"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("verified_number", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("broken_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    number, end = _chain()
    head = sa.table("audit_head", *(sa.column(name) for name in ("id", "number", "hash")))
    op.execute(head.insert().values(id=1, number=number, hash=end))
    guard()


def downgrade() -> None:
    unguard()
    op.drop_table("audit_head")
    with op.batch_alter_table("audit_entries") as entries:
        entries.drop_constraint(op.f("uq_audit_entries_number"), type_="unique")
        for column in ("hash", "request", "address", "number"):
            entries.drop_column(column)


def guard() -> None:
    """Refuse changes of rows, and their end; a new row gets its number and hash, once."""
    if op.get_bind().dialect.name == "sqlite":
        same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in ("id", *HASHED))
        op.execute(
            "CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries "
            f"WHEN NOT (OLD.number IS NULL AND NEW.number IS NOT NULL AND {same}) "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END"
        )
        return
    same = " AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in ("id", *HASHED))
    op.execute(
        "CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the audit trail is never changed'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries FOR EACH ROW "
        f"WHEN (NOT (OLD.number IS NULL AND NEW.number IS NOT NULL AND {same})) "
        "EXECUTE FUNCTION audit_entries_refuse()"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_remain BEFORE DELETE ON audit_entries FOR EACH ROW "
        "EXECUTE FUNCTION audit_entries_refuse()"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_whole BEFORE TRUNCATE ON audit_entries EXECUTE FUNCTION audit_entries_refuse()"
    )


def unguard() -> None:
    """Take the triggers away."""
    if op.get_bind().dialect.name == "sqlite":
        for name in ("stay", "remain"):
            op.execute(f"DROP TRIGGER audit_entries_{name}")
        return
    for name in ("stay", "remain", "whole"):
        op.execute(f"DROP TRIGGER audit_entries_{name} ON audit_entries")
    op.execute("DROP FUNCTION audit_entries_refuse()")


def _chain() -> tuple[int, str]:
    """Number and hash what is there; gives the end."""
    connection, number, end = op.get_bind(), 0, "0" * 64
    rows = connection.execute(sa.select(_entries).order_by(_entries.c.at, _entries.c.id)).all()
    for row in rows:
        number += 1
        end = hashlib.sha256(end.encode() + b"\n" + _canonical(number, row)).hexdigest()
        connection.execute(_entries.update().where(_entries.c.id == row.id).values(number=number, hash=end))
    return number, end


def _canonical(number: int, row: Any) -> bytes:
    at: datetime = row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)
    words: list[object] = [number, row.id.hex, at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")]
    for name in HASHED[1:]:
        value = getattr(row, name)
        words.append(value.hex if isinstance(value, UUID) else value)
    return json.dumps(words, ensure_ascii=False, separators=(",", ":")).encode()

"""Which recipients still owe something is kept: nobody looks through the archive for what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

OWED = sa.text("owes")


def upgrade() -> None:
    with op.batch_alter_table("document_recipients") as recipients:
        recipients.add_column(sa.Column("owes", sa.Boolean(), nullable=False, server_default=sa.true()))
    one = sa.table("document_recipients", *map(sa.column, ("document_id", "read_version", "replied_at", "owes")))
    document = sa.table("documents", *map(sa.column, ("id", "version", "reply", "state")))
    waits = sa.exists().where(
        document.c.id == one.c.document_id,
        document.c.state == "sent",
        (one.c.read_version < document.c.version) | ((document.c.reply != "none") & one.c.replied_at.is_(None)),
    )
    op.execute(sa.update(one).where(~waits).values(owes=sa.false()))
    for name, column in (("owed", "region_code"), ("owed_station", "station_id")):
        index = f"ix_document_recipients_{name}"
        op.create_index(index, "document_recipients", [column], postgresql_where=OWED, sqlite_where=OWED)


def downgrade() -> None:
    for name in ("owed", "owed_station"):
        op.drop_index(f"ix_document_recipients_{name}", "document_recipients")
    with op.batch_alter_table("document_recipients") as recipients:
        recipients.drop_column("owes")

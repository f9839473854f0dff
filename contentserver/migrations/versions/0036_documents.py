"""Documents: numbers, versions, attachments, recipients, answers, an index of words; televisions' words about them."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
UNANSWERED = sa.text("replied_at IS NULL")
EXCHANGED = "kind IN ('quiz_answered', 'question_asked', 'answer_read', 'notice_read')"
EXCHANGED_TOO = (
    "kind IN ('quiz_answered', 'question_asked', 'answer_read', 'notice_read', 'document_read', 'document_replied')"
)
FOLLOWED = (
    "CREATE VIRTUAL TABLE document_words_index USING fts5(words, content='document_words', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER document_words_added AFTER INSERT ON document_words BEGIN "
    "INSERT INTO document_words_index(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER document_words_removed AFTER DELETE ON document_words BEGIN "
    "INSERT INTO document_words_index(document_words_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER document_words_changed AFTER UPDATE ON document_words BEGIN "
    "INSERT INTO document_words_index(document_words_index, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO document_words_index(rowid, words) VALUES (new.id, new.words); END",
)


def upgrade() -> None:
    _documents()
    _parts()
    _recipients()
    _words()
    _exchanged(EXCHANGED_TOO)


def _documents() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("to_offices", sa.Boolean(), nullable=False),
        sa.Column("to_stations", sa.Boolean(), nullable=False),
        sa.Column("read_days", sa.Integer(), nullable=True),
        sa.Column("reply_days", sa.Integer(), nullable=True),
        sa.Column("read_due", sa.Date(), nullable=True),
        sa.Column("reply_due", sa.Date(), nullable=True),
        sa.Column("reply", sa.String(8), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved", sa.Integer(), nullable=False),
        sa.Column("forwards", sa.Uuid(), nullable=True),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("written_at", TIME, nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_documents_region_code")),
        sa.ForeignKeyConstraint(["forwards"], ["documents.id"], name=op.f("fk_documents_forwards")),
        *(
            sa.ForeignKeyConstraint([column], ["accounts.id"], name=op.f(f"fk_documents_{column}"))
            for column in ("written_by", "sent_by", "withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_documents")),
        sa.UniqueConstraint("region_code", "year", "place", name=op.f("uq_documents_region_code")),
    )
    for column in ("region_code", "state", "sent_at"):
        op.create_index(op.f(f"ix_documents_{column}"), "documents", [column])
    op.create_table(
        "document_schemes",
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(20), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_document_schemes_region_code")),
        sa.PrimaryKeyConstraint("region_code", "year", name=op.f("pk_document_schemes")),
    )


def _of_document(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_document_id")
    return sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name=name, ondelete="CASCADE")


def _parts() -> None:
    for table, column, kind, target in (
        ("document_regions", "region_code", sa.String(12), "regions.code"),
        ("document_groups", "group_id", sa.Uuid(), "station_groups.id"),
    ):
        op.create_table(
            table,
            sa.Column("document_id", sa.Uuid(), nullable=False),
            sa.Column(column, kind, nullable=False),
            _of_document(table),
            sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}")),
            sa.PrimaryKeyConstraint("document_id", column, name=op.f(f"pk_{table}")),
        )
    op.create_table(
        "document_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("removed_at", TIME, nullable=True),
        _of_document("document_files"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_files")),
    )
    op.create_index(op.f("ix_document_files_document_id"), "document_files", ["document_id"])
    op.create_table(
        "document_versions",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        _of_document("document_versions"),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_document_versions_by")),
        sa.PrimaryKeyConstraint("document_id", "version", name=op.f("pk_document_versions")),
    )


def _recipients() -> None:
    op.create_table(
        "document_recipients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", TIME, nullable=True),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("read_by", sa.Uuid(), nullable=True),
        sa.Column("read_version", sa.Integer(), nullable=False),
        sa.Column("replied_at", TIME, nullable=True),
        _of_document("document_recipients"),
        sa.ForeignKeyConstraint(["region_code"], ["regions.code"], name=op.f("fk_document_recipients_region_code")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_document_recipients_station_id")),
        sa.ForeignKeyConstraint(["received_by"], ["accounts.id"], name=op.f("fk_document_recipients_received_by")),
        sa.ForeignKeyConstraint(["read_by"], ["accounts.id"], name=op.f("fk_document_recipients_read_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_recipients")),
    )
    op.create_index(op.f("ix_document_recipients_document_id"), "document_recipients", ["document_id"])
    for name, column in (("region", "region_code"), ("station", "station_id")):
        op.create_index(f"ix_document_recipients_{name}_document", "document_recipients", [column, "document_id"])
    op.create_index(
        "ix_document_recipients_unanswered",
        "document_recipients",
        ["document_id"],
        postgresql_where=UNANSWERED,
        sqlite_where=UNANSWERED,
    )
    op.create_table(
        "document_replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("file_name", sa.String(120), nullable=False),
        sa.Column("file_digest", sa.String(64), nullable=False),
        sa.Column("file_kind", sa.String(6), nullable=False),
        sa.Column("file_bytes", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["document_recipients.id"],
            name=op.f("fk_document_replies_recipient_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_document_replies_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_replies")),
    )
    op.create_index(op.f("ix_document_replies_recipient_id"), "document_replies", ["recipient_id"])
    op.create_table(
        "document_said",
        sa.Column("box_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        _of_document("document_said"),
        sa.PrimaryKeyConstraint("box_id", "epoch", "sequence", name=op.f("pk_document_said")),
    )
    for column in ("document_id", "received_at"):
        op.create_index(op.f(f"ix_document_said_{column}"), "document_said", [column])


def _words() -> None:
    op.create_table(
        "document_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _of_document("document_words"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_words")),
        sa.UniqueConstraint("document_id", name=op.f("uq_document_words_document_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in FOLLOWED:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX document_words_index ON document_words USING gin (to_tsvector('simple', words))")


def _exchanged(which: str) -> None:
    """The index of what televisions say of papers, for these kinds of events."""
    op.drop_index("ix_events_exchanged", "events")
    where = sa.text(which)
    op.create_index(
        "ix_events_exchanged", "events", ["kind", "received_at"], sqlite_where=where, postgresql_where=where
    )


def downgrade() -> None:
    _exchanged(EXCHANGED)
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("added", "removed", "changed"):
            op.execute(f"DROP TRIGGER document_words_{trigger}")
        op.execute("DROP TABLE document_words_index")
    else:
        op.drop_index("document_words_index", "document_words")
    for table in (
        "document_words",
        "document_said",
        "document_replies",
        "document_recipients",
        "document_versions",
        "document_files",
        "document_schemes",
        "document_groups",
        "document_regions",
        "documents",
    ):
        op.drop_table(table)

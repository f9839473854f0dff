"""Tables of consultations, and an index of their words: FTS5 on SQLite, GIN on PostgreSQL."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
FOLLOWED = (
    "CREATE VIRTUAL TABLE case_words_index USING fts5(words, content='case_words', content_rowid='id', "
    "tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER case_words_added AFTER INSERT ON case_words BEGIN "
    "INSERT INTO case_words_index(rowid, words) VALUES (new.id, new.words); END",
    "CREATE TRIGGER case_words_removed AFTER DELETE ON case_words BEGIN "
    "INSERT INTO case_words_index(case_words_index, rowid, words) VALUES ('delete', old.id, old.words); END",
    "CREATE TRIGGER case_words_changed AFTER UPDATE ON case_words BEGIN "
    "INSERT INTO case_words_index(case_words_index, rowid, words) VALUES ('delete', old.id, old.words); "
    "INSERT INTO case_words_index(rowid, words) VALUES (new.id, new.words); END",
)


def upgrade() -> None:
    _cases()
    _about_cases()
    op.create_table(
        "case_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_words")),
        sa.UniqueConstraint("subject_id", name=op.f("uq_case_words_subject_id")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in FOLLOWED:
            op.execute(statement)
    else:
        op.execute("CREATE INDEX case_words_index ON case_words USING gin (to_tsvector('simple', words))")


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(6), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("sentence", sa.String(40), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("airing_id", sa.String(36), nullable=False),
        sa.Column("lesson_id", sa.String(36), nullable=False),
        sa.Column("lesson_title", sa.String(100), nullable=False),
        sa.Column("position_ms", sa.Integer(), nullable=True),
        sa.Column("member_id", sa.String(36), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("season", sa.String(6), nullable=False),
        sa.Column("urgency", sa.String(6), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("desk", sa.String(12), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("escalations", sa.Integer(), nullable=False),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", TIME, nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closing_note", sa.String(500), nullable=False),
        sa.Column("read_at", TIME, nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_cases_station_id")),
        sa.ForeignKeyConstraint(["claimed_by"], ["accounts.id"], name=op.f("fk_cases_claimed_by")),
        sa.ForeignKeyConstraint(["closed_by"], ["accounts.id"], name=op.f("fk_cases_closed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("station_id", "number", name=op.f("uq_cases_station_id_number")),
    )
    for column in ("region_code", "asked_at", "state"):
        op.create_index(op.f(f"ix_cases_{column}"), "cases", [column])
    op.create_table(
        "case_facts",
        sa.Column("box_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_facts_case_id")),
        sa.PrimaryKeyConstraint("box_id", "epoch", "sequence", name=op.f("pk_case_facts")),
    )
    op.create_index(op.f("ix_case_facts_case_id"), "case_facts", ["case_id"])


def _about_cases() -> None:
    op.create_table(
        "case_answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_answers_case_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_case_answers_by")),
        sa.ForeignKeyConstraint(["lesson_id"], ["lessons.id"], name=op.f("fk_case_answers_lesson_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_answers")),
    )
    op.create_index(op.f("ix_case_answers_case_id"), "case_answers", ["case_id"])
    op.create_table(
        "case_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(6), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(30), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_files_case_id")),
        sa.ForeignKeyConstraint(["answer_id"], ["case_answers.id"], name=op.f("fk_case_files_answer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_files")),
    )
    op.create_index(op.f("ix_case_files_case_id"), "case_files", ["case_id"])
    op.create_table(
        "case_outcomes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("area_tenths", sa.Integer(), nullable=True),
        sa.Column("yield_kg", sa.Integer(), nullable=True),
        sa.Column("income_cents", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_outcomes_case_id")),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_case_outcomes_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_outcomes")),
    )
    op.create_index(op.f("ix_case_outcomes_case_id"), "case_outcomes", ["case_id"])
    op.create_table(
        "expert_topics",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_expert_topics_account_id")),
        sa.PrimaryKeyConstraint("account_id", "topic", name=op.f("pk_expert_topics")),
    )
    op.create_table(
        "knowledge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(20), nullable=False),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("season", sa.String(6), nullable=False),
        sa.Column("released_at", TIME, nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_knowledge_case_id")),
        sa.ForeignKeyConstraint(["released_by"], ["accounts.id"], name=op.f("fk_knowledge_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_knowledge")),
        sa.UniqueConstraint("case_id", name=op.f("uq_knowledge_case_id")),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in ("case_words_added", "case_words_removed", "case_words_changed"):
            op.execute(f"DROP TRIGGER {trigger}")
        op.execute("DROP TABLE case_words_index")
    else:
        op.drop_index("case_words_index", "case_words")
    for table in (
        "case_words",
        "knowledge",
        "expert_topics",
        "case_outcomes",
        "case_files",
        "case_answers",
        "case_facts",
        "cases",
    ):
        op.drop_table(table)

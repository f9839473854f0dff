"""A notice of before, to one region, goes to that region; the tables are as the models have them."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from contentserver.admin import migrate
from contentserver.kernel.db import Base, Database
from contentserver.notices.models import NoticeRow
from contentserver.notices.reaching import Targets, targets_of
from tests.contentserver.conftest import NOW, create_postgres_database

NEW = {"station_groups", "station_group_members", "notice_regions", "notice_groups"}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_notice_keeps_its_region(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    if kind == "postgresql":
        url = create_postgres_database(str(request.getfixturevalue("postgres")), f"m{uuid4().hex}")
    migrate(url, "0029")
    account, notice = uuid4(), uuid4()

    def key(value: UUID) -> str:
        return value.hex if kind == "sqlite" else str(value)

    engine = create_engine(url)
    with engine.begin() as old:
        old.execute(text("INSERT INTO regions (code, level, name) VALUES ('640221', 'county', '平罗县')"))
        facts = {"id": key(account), "now": NOW.replace(tzinfo=None) if kind == "sqlite" else NOW}
        old.execute(
            text(
                "INSERT INTO accounts (id, username, display_name, password_hash, role, region_code, active, "
                "failed_sign_ins, created_at) VALUES (:id, 'li', '李敏', 'x', 'scheduler', '', true, 0, :now)"
            ),
            facts,
        )
        old.execute(
            text(
                "INSERT INTO notices (id, region_code, state, title, text, issuer, important, version, saved, "
                "written_by, written_at, withdrawn_because) "
                "VALUES (:notice, '640221', 'draft', '停水', '明天', '县里', false, 1, 1, :id, :now, '')"
            ),
            {**facts, "notice": key(notice)},
        )
    migrate(url)
    database = Database(url)
    with database.reader() as session:
        assert targets_of(session.get_one(NoticeRow, notice)) == Targets(("640221",), ())
        found = compare_metadata(MigrationContext.configure(session.connection()), Base.metadata)
        assert [one for one in found if any(name in repr(one) for name in NEW)] == []
    database.engine.dispose()
    engine.dispose()

"""Slots of before become plans: what was in force stays in force, what was drafted stays a draft."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text

from contentserver.admin import migrate
from contentserver.kernel.db import Database
from contentserver.timetable import plans
from contentserver.timetable.models import LayerRecord
from contentserver.timetable.programmes import draft_of
from schedules.airings import Rank
from tests.contentserver.conftest import NOW, create_postgres_database

LAYER, LESSON, ACCOUNT = "region-640221", uuid4(), uuid4()


def _url(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder}/old.db"
    return create_postgres_database(str(request.getfixturevalue("postgres")), f"m{uuid4().hex}")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_slots_become_plans(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = _url(kind, request, tmp_path)
    migrate(url, "0003")
    kept, drafted, removed = uuid4(), uuid4(), uuid4()
    engine = create_engine(url)

    def key(value: UUID) -> str:
        return value.hex if kind == "sqlite" else str(value)

    with engine.begin() as old:
        old.execute(text("INSERT INTO regions (code, level, name) VALUES ('64', 'province', '宁夏')"))
        old.execute(text("INSERT INTO regions (code, level, name) VALUES ('640221', 'county', '平罗县')"))
        old.execute(
            text(
                "INSERT INTO accounts (id, username, display_name, password_hash, role, region_code, active, "
                "failed_sign_ins, created_at) VALUES (:id, 'li', '李敏', 'x', 'scheduler', '', true, 0, :now)"
            ),
            {"id": key(ACCOUNT), "now": NOW.replace(tzinfo=None) if kind == "sqlite" else NOW},
        )
        course = uuid4()
        old.execute(
            text(
                "INSERT INTO courses (id, title, subject, audience, region_code, created_at) "
                "VALUES (:id, '课', '', '', '640221', :now)"
            ),
            {"id": key(course), "now": NOW},
        )
        old.execute(
            text(
                "INSERT INTO lessons (id, course_id, number, title, summary, state, uploader_id, created_at, "
                "duration_ms, package_bytes) VALUES (:id, :course, 1, '课', '', 'approved', :who, :now, 1, 1)"
            ),
            {"id": key(LESSON), "course": key(course), "who": key(ACCOUNT), "now": NOW},
        )
        old.execute(
            text(
                "INSERT INTO layers (id, region_code, revision, published, changed) VALUES (:id, '640221', 3, 3, true)"
            ),
            {"id": LAYER},
        )
        for slot, in_force, gone, rank in (
            (kept, True, None, "mandatory"),
            (drafted, False, None, "regular"),
            (removed, True, NOW, "regular"),
        ):
            old.execute(
                text(
                    "INSERT INTO slots (id, layer_id, lesson_id, local_start, zone, rule, exceptions, rank, version, "
                    "created_by, created_at, removed_at, in_force) VALUES (:id, :layer, :lesson, "
                    "'2026-11-23T19:30:00', 'Asia/Shanghai', 'FREQ=WEEKLY', '[\"2026-11-30T19:30:00\"]', :rank, 1, "
                    ":who, :now, :gone, :in_force)"
                ),
                {
                    "id": key(slot),
                    "layer": LAYER,
                    "lesson": key(LESSON),
                    "rank": rank,
                    "who": key(ACCOUNT),
                    "now": NOW,
                    "gone": gone,
                    "in_force": in_force,
                },
            )
    engine.dispose()
    migrate(url)
    database = Database(url)
    with database.reader() as session:
        layer = session.get_one(LayerRecord, LAYER)
        published, draft = plans.read(layer.plan), draft_of(session, layer)
        assert {slot.id for slot in published.slots} == {str(kept), str(removed)}
        assert {slot.id for slot in draft.slots} == {str(kept), str(drafted)}
        first = next(slot for slot in draft.slots if slot.id == str(kept))
        assert (first.lessons, first.rank, first.rule) == ((str(LESSON),), Rank.MANDATORY, "FREQ=WEEKLY")
        assert len(first.exceptions) == 1
        assert (layer.draft_version, layer.plan_version, layer.changed, layer.revision) == (2, 1, True, 3)
    database.engine.dispose()

"""The ground everything stands on: times on both databases, pages of lists, claim codes, redirects, settings."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from contentserver.audit import AuditEntry
from contentserver.kernel.db import Database
from contentserver.kernel.http import local_path
from contentserver.kernel.ids import new_id
from contentserver.kernel.pagination import paginate
from contentserver.settings import SettingsInvalid, from_environment

COMPLETE = {
    "YUANJIAO_SECRET_KEY": "s" * 32,
    "YUANJIAO_DATABASE_URL": "sqlite://",
    "YUANJIAO_DATA_DIR": "var",
    "YUANJIAO_BROKER_PASSWORD": "p",
    "YUANJIAO_SIGNING_KEY_FILE": "key.jwk",
}


def _entry(session: Session, at: datetime, subject: str = "s") -> None:
    session.add(AuditEntry(at=at, action="a", subject=subject))
    session.flush()


def test_instants_come_back_as_they_went_in(session: Session) -> None:
    at = datetime(2026, 11, 23, 19, 30, 0, 123456, ZoneInfo("Asia/Shanghai"))
    _entry(session, at)
    session.expire_all()
    found = session.scalars(select(AuditEntry.at)).one()
    assert found == at
    assert found.tzinfo is UTC or found.utcoffset() == at.astimezone(UTC).utcoffset()


def test_a_naive_instant_is_refused(session: Session) -> None:
    with pytest.raises(Exception, match="naive"):
        _entry(session, datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_unit_of_work_that_fails_changes_nothing(database: Database) -> None:
    def fail() -> None:
        with database.unit_of_work() as session:
            _entry(session, datetime(2026, 11, 23, tzinfo=UTC))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.reader() as session:
        assert session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one() == 0


@pytest.mark.parametrize(
    ("asked", "number", "first", "last"), [(1, 1, 1, 4), (3, 3, 9, 10), (99, 3, 9, 10), (-5, 1, 1, 4)]
)
def test_pages_are_cut_in_the_database(session: Session, asked: int, number: int, first: int, last: int) -> None:
    for subject in range(10):
        _entry(session, datetime(2026, 11, 23, tzinfo=UTC), f"{subject:02}")
    page = paginate(session, select(AuditEntry).order_by(AuditEntry.subject), asked, size=4)
    assert (page.number, page.pages, page.total, page.first_row, page.last_row) == (number, 3, 10, first, last)
    assert [row.subject for row in page.rows] == [f"{n:02}" for n in range(first - 1, last)]


def test_an_empty_list_has_one_empty_page(session: Session) -> None:
    page = paginate(session, select(AuditEntry), 1)
    assert (page.pages, page.first_row, page.last_row, list(page.rows)) == (1, 0, 0, [])


@pytest.mark.parametrize(
    ("asked", "number", "rows", "total", "more", "pages"),
    [(1, 1, 4, 8, True, 3), (2, 2, 4, 8, True, 3), (3, 3, 2, 10, False, 3), (99, 3, 2, 10, False, 3)],
)
def test_a_long_list_is_counted_as_far_as_somebody_looks(
    session: Session, asked: int, number: int, rows: int, total: int, more: bool, pages: int
) -> None:
    for subject in range(10):
        _entry(session, datetime(2026, 11, 23, tzinfo=UTC), f"{subject:02}")
    page = paginate(session, select(AuditEntry).order_by(AuditEntry.subject), asked, size=4, counted=8)
    assert (page.number, len(page.rows), page.total, page.more, page.pages) == (number, rows, total, more, pages)


@given(st.one_of(st.none(), st.text(max_size=60)))
def test_a_redirect_never_leaves_the_server(address: str | None) -> None:
    path = local_path(address)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))


def test_ids_are_in_order_of_time() -> None:
    ids = [new_id() for _ in range(100)]
    assert ids == sorted(ids)


def test_settings_name_every_problem_at_once() -> None:
    with pytest.raises(SettingsInvalid) as refusal:
        from_environment({"YUANJIAO_SECRET_KEY": "short", "YUANJIAO_BROKER_PORT": "many"})
    said = " ".join(refusal.value.problems)
    for name in ("DATABASE_URL", "DATA_DIR", "BROKER_PASSWORD", "SIGNING_KEY_FILE", "fewer than 32", "BROKER_PORT"):
        assert name in said
    assert from_environment(COMPLETE).broker_port == 1883

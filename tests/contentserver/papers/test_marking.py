"""Whoever changes what a paper is made of leaves a mark; what is due is laid out anew, and nothing else."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from contentserver import papers
from contentserver.kernel.db import Database
from contentserver.papers.models import PaperMark
from contentserver.regions import Region
from contentserver.stations import Station
from schedules.wire.messages import Notices, PaperKind, Quizzes

REGIONS = {PaperKind.NOTICES: (Region,)}


def _marks(database: Database) -> int:
    with database.reader() as session:
        return session.scalar(select(func.count(PaperMark.id))) or 0


def _rename(database: Database, name: str, *, fails: bool = False) -> None:
    with database.unit_of_work() as session:
        session.get_one(Region, "64").name = name
        session.flush()
        if fails:
            raise KeyError(name)


def test_a_change_leaves_a_mark_and_what_changes_nothing_leaves_none(database: Database) -> None:
    papers.watch(database, REGIONS)
    with database.unit_of_work() as session:
        session.add(Region(code="64", level="province", name="宁夏"))
    assert _marks(database) == 1
    _rename(database, "宁夏")
    assert _marks(database) == 1
    _rename(database, "宁夏回族自治区")
    assert _marks(database) == 2
    with database.unit_of_work() as session:
        session.delete(session.get_one(Region, "64"))
    assert _marks(database) == 3


def test_what_is_rolled_back_leaves_no_mark(database: Database) -> None:
    with database.unit_of_work() as session:
        session.add(Region(code="64", level="province", name="宁夏"))
    papers.watch(database, REGIONS)
    with pytest.raises(KeyError):
        _rename(database, "别名", fails=True)
    assert _marks(database) == 0


def _lays(station: Station, paper: Notices | Quizzes) -> Callable[[Session], object]:
    kind = PaperKind.NOTICES if isinstance(paper, Notices) else PaperKind.QUIZZES
    return lambda session: papers.lay_out(session, kind, {station.id: paper})


def test_only_what_is_due_is_laid_out_and_only_those_that_changed_are_named(session: Session, village: Station) -> None:
    lay_outs = {
        PaperKind.NOTICES: _lays(village, Notices(version="", notices=())),
        PaperKind.QUIZZES: _lays(village, Quizzes(version="", questions=())),
    }
    assert not papers.due(session)
    assert papers.catch_up(session, lay_outs) == set()
    session.add_all([PaperMark(kind="notices"), PaperMark(kind="notices"), PaperMark(kind="of another time")])
    session.flush()
    assert papers.due(session)
    assert papers.catch_up(session, lay_outs) == {village.id}
    assert list(papers.versions(session, [village.id])[village.id]) == ["notices"]
    assert not papers.due(session)
    session.add(PaperMark(kind="notices"))
    session.flush()
    assert papers.catch_up(session, lay_outs) == set()


def test_more_marks_than_a_statement_takes_go_all(session: Session) -> None:
    session.add_all(PaperMark(kind="notices") for _number in range(1201))
    session.flush()
    assert papers.catch_up(session, {}) == set()
    assert not papers.due(session)

"""Articles in a real database: nobody publishes their own, newer words wait, what is taken back is not found."""

import pytest
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.portal import service
from contentserver.portal.models import Article
from contentserver.portal.publishing import ArticleKind
from contentserver.portal.rules import Kind, State, Words
from contentserver.portal.service import Belongs, ChangedMeanwhile
from contentserver.processes import Decision, under_way
from contentserver.processes.service import decide
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, person

COUNTY = "640221"
WORDS = Words("冬灌要趁早", "", "地要“冻”在夜里化在白天。\n## 三看\n- 看温\n- 看墒")


@pytest.fixture
def writer(session: Session, village: Station) -> Person:
    return person(session, Role.SCHEDULER, COUNTY)


@pytest.fixture
def other(session: Session, village: Station) -> Person:
    return person(session, Role.COUNTY_STAFF, COUNTY)


def article(session: Session, writer: Person, words: Words = WORDS, kind: Kind = Kind.NEWS) -> Article:
    return service.draft(session, kind, COUNTY, words, Belongs(), writer, NOW)


def agree(session: Session, row: Article, who: Person, decision: Decision = Decision.YES) -> None:
    process = under_way(session, service.subject_of(row), service.KIND_CODE)
    assert process is not None
    decide(session, ArticleKind(), process, 0, decision, "不合适", who, NOW)


def found(session: Session, typed: str = "") -> list[Article]:
    return list(session.scalars(service.published(Kind.NEWS, typed)))


def test_nobody_publishes_their_own(session: Session, writer: Person, other: Person) -> None:
    row = article(session, writer)
    service.submit(session, row, ArticleKind(), writer, NOW)
    with pytest.raises(Forbidden):
        agree(session, row, writer)
    with pytest.raises(NotFound):
        service.open_article(session, row.id)
    agree(session, row, other)
    assert (row.state, service.open_article(session, code=row.code)[1]) == (State.PUBLISHED, WORDS)
    assert found(session) == found(session, "“冻” 三看") == [row]
    assert found(session, "三看 别的") == found(session, '"') == []


def test_newer_words_wait_and_the_old_ones_are_read_meanwhile(session: Session, writer: Person, other: Person) -> None:
    row = article(session, writer)
    service.submit(session, row, ArticleKind(), writer, NOW)
    agree(session, row, other)
    newer = Words("冬灌要趁早(更正)", "", "更正")
    service.change(session, row, newer, Belongs(), row.version, writer, NOW)
    assert service.open_article(session, row.id)[1] == WORDS
    with pytest.raises(ChangedMeanwhile):
        service.change(session, row, WORDS, Belongs(), 1, writer, NOW)
    service.submit(session, row, ArticleKind(), writer, NOW)
    with pytest.raises(Conflict, match="article_waits"):
        service.change(session, row, WORDS, Belongs(), row.version, writer, NOW)
    agree(session, row, other, Decision.NO)
    assert (row.state, service.open_article(session, row.id)[1]) == (State.DRAFT, WORDS)
    service.submit(session, row, ArticleKind(), writer, NOW)
    agree(session, row, other)
    assert (service.open_article(session, row.id)[1], row.first_published_at) == (newer, NOW)
    with pytest.raises(Conflict, match="article_not_draft"):
        service.submit(session, row, ArticleKind(), writer, NOW)


def test_what_is_taken_back_is_not_found_and_says_why(session: Session, writer: Person, other: Person) -> None:
    row = article(session, writer)
    with pytest.raises(Conflict, match="article_unread"):
        service.withdraw(session, row, "x", writer, NOW)
    service.submit(session, row, ArticleKind(), writer, NOW)
    service.withdraw(session, row, "", writer, NOW)
    assert row.state == State.DRAFT, "what only waited needs no reason"
    service.submit(session, row, ArticleKind(), writer, NOW)
    agree(session, row, other)
    with pytest.raises(Rejected, match="reason_missing"):
        service.withdraw(session, row, " ", writer, NOW)
    service.withdraw(session, row, "日期写错", writer, NOW)
    assert (found(session), row.why, row.state) == ([], "日期写错", State.WITHDRAWN)
    with pytest.raises(NotFound):
        service.open_article(session, code=row.code)


def test_what_is_wrong_is_said_and_nothing_is_kept(session: Session, writer: Person) -> None:
    with pytest.raises(Rejected) as refused:
        article(session, writer, Words("", "", "", cover="a"))
    assert set(refused.value.fields) == {"title", "text", "cover_says"}
    with pytest.raises(Forbidden):
        service.draft(session, Kind.NEWS, "640205", WORDS, Belongs(), writer, NOW)
    assert session.query(Article).count() == 0
    assert article(session, writer).lesson_id == ""
    assert service.draft(session, Kind.READING, COUNTY, WORDS, Belongs("no id"), writer, NOW).lesson_id == ""

"""The forum in a real database: who reads what, what waits, what is found, who hears of it."""

from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.audit.models import AuditEntry
from contentserver.forum import authors, listing, service, telling
from contentserver.forum.authors import Writer
from contentserver.forum.listing import Asked
from contentserver.forum.models import Post, PostPicture, Thread
from contentserver.forum.rules import Moderation, State
from contentserver.forum.service import Subject
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.errors import Conflict, Forbidden, NotFound, Rejected
from contentserver.stations import Station
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY, TOWNSHIP = VILLAGE[:6], VILLAGE[:9]


def staff(session: Session, role: Role, region: str = VILLAGE) -> Writer:
    """Somebody with an account."""
    return authors.account(person(session, role, region))


def acting(who: Writer) -> Person:
    """Their account."""
    assert who.person is not None
    return who.person


@pytest.fixture
def villager(session: Session, village: Station) -> Writer:
    return staff(session, Role.STATION_ADMIN)


@pytest.fixture
def keeper(session: Session, village: Station) -> Writer:
    return staff(session, Role.COUNTY_STAFF, COUNTY)


@pytest.fixture
def stranger(session: Session, village: Station) -> Writer:
    return staff(session, Role.COUNTY_STAFF, "640205")


def begun(
    session: Session,
    who: Writer,
    text: str = "今年冬灌什么时候",
    title: str = "冬灌",
    region: str = TOWNSHIP,
    minutes: int = 0,
) -> Post:
    now = NOW + timedelta(minutes=minutes)
    return service.begin(session, Subject(region), title, text, (), Path("/nowhere"), who, now)


def answered(session: Session, post: Post, who: Writer, text: str, minutes: int = 1) -> Post:
    thread = session.get_one(Thread, post.thread_id)
    return service.reply(session, thread, text, (), Path("/nowhere"), who, NOW + timedelta(minutes=minutes))


def titles(session: Session, who: Writer, words: str = "") -> list[str]:
    return [line.thread.title for line in listing.page_of_threads(session, Asked(words), who, 1).rows]


def told(session: Session, who: Writer) -> Sequence[str]:
    return [one.kind for one in session.scalars(listing.told(who, unseen=True))]


def test_everybody_above_and_below_reads_it_and_nobody_else(
    session: Session, villager: Writer, keeper: Writer, stranger: Writer
) -> None:
    post = begun(session, villager)
    assert titles(session, villager) == titles(session, keeper) == ["冬灌"]
    assert titles(session, stranger) == []
    with pytest.raises(NotFound):
        listing.thread_asked(session, post.thread_id, stranger)
    with pytest.raises(Forbidden):
        begun(session, stranger)
    with pytest.raises(Forbidden):
        begun(session, villager, region="")


def test_what_waits_is_read_by_its_author_and_whoever_looks_after_it(
    session: Session, villager: Writer, keeper: Writer
) -> None:
    other = staff(session, Role.STATION_ADMIN)
    post = begun(session, villager, text="加微信领奖")
    assert (post.state, titles(session, other), titles(session, villager)) == (State.WAITING, [], ["冬灌"])
    assert listing.count_waiting(session, acting(keeper)) == 1
    assert listing.post_asked(session, post.id, keeper) is post
    with pytest.raises(NotFound):
        listing.post_asked(session, post.id, other)
    with pytest.raises(Forbidden):
        service.restore(session, post, villager, NOW)
    service.restore(session, post, keeper, NOW)
    assert (titles(session, other), listing.count_waiting(session, acting(keeper))) == (["冬灌"], 0)


def test_only_what_stands_is_found(session: Session, villager: Writer, keeper: Writer) -> None:
    post = begun(session, villager)
    answered(session, post, keeper, "等昼消夜冻,土壤日均温三度上下")
    assert titles(session, villager, "冬灌") == titles(session, villager, "土壤 日均温") == ["冬灌"]
    assert titles(session, villager, "棉花") == []
    service.remove(session, post, "", villager, NOW)
    assert titles(session, villager, "什么时候") == []
    assert titles(session, villager, "土壤") == ["冬灌"], "what answered it stays"


def test_who_is_named_and_who_wrote_there_hears_of_it_until_they_look(
    session: Session, villager: Writer, keeper: Writer, stranger: Writer
) -> None:
    post = begun(session, villager, text=f"@{acting(keeper).username} @{acting(stranger).username} 请看")
    assert (told(session, keeper), told(session, stranger), told(session, villager)) == (["named"], [], [])
    answered(session, post, keeper, "看了")
    assert told(session, villager) == ["thread"]
    telling.see(session, session.get_one(Thread, post.thread_id), villager, NOW)
    assert told(session, villager) == []


def test_three_reports_and_it_waits_twice_by_one_is_one(session: Session, villager: Writer, keeper: Writer) -> None:
    post = begun(session, villager)
    people = [staff(session, Role.STATION_ADMIN) for _turn in range(3)]
    with pytest.raises(Forbidden):
        service.report(session, post, "不好", villager, NOW)
    with pytest.raises(Rejected, match="reason_missing"):
        service.report(session, post, " ", people[0], NOW)
    for who in (people[0], people[0], people[1]):
        service.report(session, post, "不好", who, NOW)
    assert (post.state, listing.count_waiting(session, acting(keeper))) == (State.SHOWN, 1)
    service.report(session, post, "不好", people[2], NOW)
    assert post.state == State.WAITING
    service.restore(session, post, keeper, NOW)
    assert (post.state, listing.count_waiting(session, acting(keeper))) == (State.SHOWN, 0)


def test_anothers_post_goes_with_a_reason_and_its_words_stay_in_the_trail(
    session: Session, villager: Writer, keeper: Writer
) -> None:
    post = begun(session, villager)
    with pytest.raises(Rejected, match="reason_missing"):
        service.remove(session, post, "", keeper, NOW)
    service.remove(session, post, "与课程无关", keeper, NOW)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "post.removed")).one()
    assert "今年冬灌什么时候" in entry.before
    with pytest.raises(Forbidden):
        service.edit(session, post, "又来", villager, NOW)


def test_half_an_hour_to_change_ones_words_and_doubtful_ones_wait(session: Session, villager: Writer) -> None:
    post = begun(session, villager)
    service.edit(session, post, "今年冬灌哪天", villager, NOW + timedelta(minutes=29))
    assert (post.state, post.edited_at is not None) == (State.SHOWN, True)
    service.edit(session, post, "加微信", villager, NOW + timedelta(minutes=29))
    assert post.state == State.WAITING
    with pytest.raises(Forbidden):
        service.edit(session, post, "晚了", villager, NOW + timedelta(minutes=31))


def test_the_same_again_is_the_post_that_is_there_and_a_closed_thread_takes_none(
    session: Session, villager: Writer, keeper: Writer
) -> None:
    post = begun(session, villager)
    first = answered(session, post, villager, "补充一句")
    assert answered(session, post, villager, "补充一句", 2).id == first.id
    thread = session.get_one(Thread, post.thread_id)
    with pytest.raises(Forbidden):
        service.settle(session, thread, villager, NOW, closed=True)
    service.settle(session, thread, keeper, NOW, closed=True, pinned=True)
    session.flush()
    with pytest.raises(Conflict, match="thread_closed"):
        answered(session, post, villager, "还能写吗", 20)
    assert answered(session, post, keeper, "说明:已解决", 21).number == 3


def test_the_nearest_board_says_who_looks_first(session: Session, villager: Writer, keeper: Writer) -> None:
    service.look_after(session, COUNTY, Moderation.BEFORE, acting(keeper), NOW)
    assert begun(session, villager).state == State.WAITING
    township = person(session, Role.SCHEDULER, TOWNSHIP)
    service.look_after(session, TOWNSHIP, Moderation.AFTER, township, NOW)
    assert begun(session, villager, text="再问一句", minutes=5).state == State.SHOWN
    with pytest.raises(Forbidden):
        service.look_after(session, COUNTY, Moderation.AFTER, township, NOW)


def test_pictures_alone_are_taken(session: Session, villager: Writer, tmp_path: Path) -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "PNG")
    about = Subject(TOWNSHIP)
    post = service.begin(session, about, "图", "看", [picture.getvalue()] * 2, tmp_path, villager, NOW)
    assert len(session.scalars(select(PostPicture).where(PostPicture.post_id == post.id)).all()) == 1
    for bad in (b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"):
        with pytest.raises(Rejected):
            service.begin(session, about, "坏", f"看{bad!r}", [bad], tmp_path, villager, NOW)
    assert titles(session, villager) == ["图"]

"""The search finds the same on both databases, in Chinese, and nothing breaks it."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from contentserver.consultations import searching
from contentserver.consultations.models import CaseWords
from contentserver.consultations.searching import CASES, KNOWLEDGE, keep_words, search, similar

TEXTS = (
    "我家的水稻叶子发黄，是怎么回事？",
    "稻瘟病怎么防治，打什么药",
    "测土配方施肥：化验单上氮磷钾怎么看",
    "滩羊冬季补饲，一天喂多少精料",
    "玉米叶子上有斑点",
    "尿素 NPK 15-15-15 一亩上多少公斤",
)
IDS = tuple(UUID(int=number) for number in range(1, len(TEXTS) + 1))


@pytest.fixture(autouse=True)
def kept(session: Session) -> None:
    """Six questions, the later ones newer."""
    for one, text in zip(IDS, TEXTS, strict=True):
        keep_words(session, CASES, one, text)
    session.flush()


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("水稻", [1]),
        ("稻", [2, 1]),
        ("叶子", [5, 1]),
        ("叶子发黄怎么办", [1]),
        ("化验单", [3]),
        ("测土配方", [3]),
        ("npk", [6]),
        ("ＮＰＫ", [6]),
        ("15 公斤", [6]),
        ("羊", [4]),
        ("怎么", [3, 2, 1]),
        ("拖拉机", []),
        ("水稻 玉米", []),
        ("", []),
        ("？！", []),
        ('" OR 1=1 --', []),
        ("words: *", []),
        ("'", []),
        ("水稻 NEAR(叶子) ^发黄", []),
        ("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), []),
    ],
)
def test_what_is_found(session: Session, typed: str, places: list[int]) -> None:
    assert search(session, typed) == [IDS[place - 1] for place in places]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_nothing_that_somebody_types_breaks_the_search(session: Session, typed: str) -> None:
    typed = typed.replace("\0", "")
    assert set(search(session, typed)) <= set(IDS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_every_single_character_of_a_question_finds_it(session: Session, text: str, data: st.DataObject) -> None:
    letter = data.draw(st.sampled_from([one for one in text if "\u4e00" <= one <= "\u9fff"]))
    assert IDS[TEXTS.index(text)] in search(session, letter)


def test_words_are_written_anew_and_forgotten(session: Session) -> None:
    keep_words(session, CASES, IDS[0], "小麦锈病")
    session.flush()
    assert search(session, "发黄") == []
    assert search(session, "小麦") == [IDS[0]]
    assert len(session.scalars(select(CaseWords)).all()) == len(IDS)
    searching.forget(session, IDS[0])
    session.flush()
    assert search(session, "小麦") == []


def test_each_kind_is_looked_for_by_itself(session: Session) -> None:
    keep_words(session, KNOWLEDGE, UUID(int=99), TEXTS[0])
    session.flush()
    assert search(session, "水稻", KNOWLEDGE) == [UUID(int=99)]
    assert search(session, "水稻") == [IDS[0]]


def test_the_most_alike_comes_first_and_the_newest_of_equals(session: Session) -> None:
    among = select(CaseWords.subject_id)
    assert similar(session, CASES, "水稻叶子发黄怎么办", UUID(int=50), among, 3)[:2] == [IDS[0], IDS[4]]
    assert similar(session, CASES, "水稻叶子发黄怎么办", IDS[0], among, 3) == [IDS[4]]
    assert similar(session, CASES, "怎么办？", UUID(int=50), among, 3) == []
    assert similar(session, CASES, "水稻", UUID(int=50), among.where(CaseWords.subject_id != IDS[0]), 3) == []

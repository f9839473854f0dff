"""XMLTV as other guides read it: a golden file, and every airing found again."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from schedules.airings import Airing, LessonCard, LessonId, PackageName, Rank, SlotId, airing_id
from schedules.exchange.imports import printable
from schedules.exchange.xmltv import Channel, write_xmltv
from tests.schedules.exchange.samples import GOLDEN, PROGRAMME
from tests.schedules.strategies import EPOCH

MACHANG = Channel(
    id="640221203205.stations.yuanjiao",
    name="马场村站",
    airings=PROGRAMME.airings,
    showings=PROGRAMME.showings,
)


def _parsed(document: bytes) -> etree._Element:
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))


def test_the_golden_file_is_written_unchanged() -> None:
    assert write_xmltv([MACHANG]) == (GOLDEN / "machang.xmltv.xml").read_bytes()


def test_a_repeat_names_when_it_was_first_shown() -> None:
    repeats = _parsed(write_xmltv([MACHANG])).xpath("//programme[previously-shown]")
    assert [(one.get("start"), one.find("previously-shown").get("start")) for one in repeats] == [
        ("20261124040000 +0000", "20261123113000 +0000"),
        ("20261201040000 +0000", "20261130113000 +0000"),
    ]


@given(st.lists(st.tuples(st.integers(0, 9999), st.integers(1, 300), st.text(max_size=20), st.integers(0, 40))))
def test_every_airing_is_found_again(wanted: list[tuple[int, int, str, int]]) -> None:
    airings = tuple(
        Airing(
            id=airing_id(SlotId(str(place)), EPOCH),
            slot=SlotId(str(place)),
            start=EPOCH + timedelta(minutes=minute),
            duration_ms=length * 60_000,
            rank=Rank.REGULAR,
            lesson=LessonCard(id=LessonId("l"), title=f"课{text}", course="", summary=text, number=number),
            package=PackageName("p"),
        )
        for place, (minute, length, text, number) in enumerate(wanted)
    )
    nodes = _parsed(write_xmltv([Channel(id="c", name="站", airings=airings)])).findall("programme")
    found = [
        (_instant(node.get("start")), _instant(node.get("stop")), node.findtext("title"), node.findtext("episode-num"))
        for node in nodes
    ]
    expected = [
        (one.start, one.end, printable(one.lesson.title), f".{one.lesson.number - 1}." if one.lesson.number else None)
        for one in airings
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert [start for start, *_ in found] == sorted(start for start, *_ in found)


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%d%H%M%S %z")

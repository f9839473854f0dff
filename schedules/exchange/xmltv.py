"""XMLTV out: the programme guide of stations for other guides and recorders.

The format is xmltv.dtd of the XMLTV project: one channel for each station, its programmes in order of start.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import msgspec
from lxml import etree

from schedules.airings import Airing
from schedules.exchange.imports import printable, titles
from schedules.programme import Showing

GENERATOR = "yuanjiao"
_DOCTYPE = '<!DOCTYPE tv SYSTEM "xmltv.dtd">'


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One station's programme.

    Attributes:
        id: unique and stable; XMLTV recommends a domain name's form, e.g. 640221203205.stations.example.cn.
        name: as people call the station.
        airings: of its merged timetable.
        showings: of the programmes behind them, where known: they tell which airing repeats which.
    """

    id: str
    name: str
    airings: tuple[Airing, ...] = ()
    showings: tuple[Showing, ...] = ()


def write_xmltv(channels: Sequence[Channel], *, language: str = "zh") -> bytes:
    """The XMLTV document of some channels, UTF-8; times in UTC.

    Args:
        channels: in the order in which they shall stand.
        language: of names and titles (BCP 47).
    """
    root = etree.Element("tv", {"generator-info-name": GENERATOR})
    for channel in channels:
        place = etree.SubElement(root, "channel", id=printable(channel.id))
        _text(place, "display-name", channel.name, lang=language)
    for channel in channels:
        firsts = dict(_first_starts(channel))
        for airing in sorted(channel.airings, key=lambda one: (one.start, one.id)):
            root.append(_programme(channel, airing, firsts.get(airing.id), language))
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True, doctype=_DOCTYPE)
    return document


def _first_starts(channel: Channel) -> Iterator[tuple[str, datetime | None]]:
    starts = {showing.airing.id: showing.airing.start for showing in channel.showings}
    for showing in channel.showings:
        if showing.first:
            yield showing.airing.id, starts.get(showing.first)


def _programme(channel: Channel, airing: Airing, first: datetime | None, language: str) -> etree._Element:
    """Children in the order that the DTD demands."""
    card = airing.lesson
    node = etree.Element(
        "programme", start=_instant(airing.start), stop=_instant(airing.end), channel=printable(channel.id)
    )
    title, course = titles(card)
    _text(node, "title", course or title, lang=language)
    if course:
        _text(node, "sub-title", title, lang=language)
    if card.summary:
        _text(node, "desc", card.summary, lang=language)
    if card.subject:
        _text(node, "category", card.subject, lang=language)
    if card.number > 0:
        _text(node, "episode-num", f".{card.number - 1}.", system="xmltv_ns")
    if first and first < airing.start:
        etree.SubElement(node, "previously-shown", start=_instant(first))
    return node


def _text(parent: etree._Element, tag: str, text: str, **attributes: str) -> None:
    etree.SubElement(parent, tag, attributes).text = printable(text)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S +0000")

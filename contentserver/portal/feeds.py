"""News as RSS 2.0, and the public pages for search engines as a sitemap (sitemaps.org 0.9)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news: `address` is whole and lasting."""

    title: str
    address: str
    lead: str
    at: datetime


def rss(title: str, address: str, about: str, items: Iterable[Item]) -> bytes:
    """A channel with the newest first."""
    root = etree.Element("rss", version="2.0")
    channel = etree.SubElement(root, "channel")
    for name, value in (("title", title), ("link", address), ("description", about), ("language", "zh-cn")):
        etree.SubElement(channel, name).text = value
    for one in items:
        item = etree.SubElement(channel, "item")
        for name, value in (("title", one.title), ("link", one.address), ("description", one.lead)):
            etree.SubElement(item, name).text = value
        etree.SubElement(item, "guid", isPermaLink="true").text = one.address
        etree.SubElement(item, "pubDate").text = format_datetime(one.at)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made


def sitemap(pages: Iterable[tuple[str, datetime | None]]) -> bytes:
    """Addresses, and when each changed last, where that is known."""
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP})
    for address, at in pages:
        url = etree.SubElement(root, f"{{{SITEMAP}}}url")
        etree.SubElement(url, f"{{{SITEMAP}}}loc").text = address
        if at is not None:
            etree.SubElement(url, f"{{{SITEMAP}}}lastmod").text = at.isoformat(timespec="seconds")
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return made

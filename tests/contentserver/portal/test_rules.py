"""Texts become blocks, whatever is typed; feeds are what their readers expect."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from contentserver.portal.feeds import SITEMAP, Item, rss, sitemap
from contentserver.portal.rules import BIDI, Piece, Words, blocks, cleaned, faults, lead

AT = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)


@given(st.text(max_size=300))
def test_no_word_of_a_text_is_lost(text: str) -> None:
    kept = cleaned(text)
    shown = " ".join(line for block in blocks(kept) for line in block.lines)
    marks = {"##", "-"}
    assert (
        [word for word in shown.split() if word not in marks] == [word for word in kept.split() if word not in marks]
        or "## " in kept
        or "- " in kept
    )


@given(st.text(max_size=300))
def test_a_cleaned_text_has_no_tricks_and_is_cleaned_once(text: str) -> None:
    kept = cleaned(text)
    assert not BIDI & set(kept)
    assert all(char.isprintable() or char in "\n\t" for char in kept)
    assert cleaned(kept) == kept


def test_headings_lists_and_paragraphs() -> None:
    text = "先说结论。\n\n## 怎么做\n- 取土\n- 送检\n再说原因。\n- 又一条"
    assert [(block.piece, list(block.lines)) for block in blocks(text)] == [
        (Piece.PARAGRAPH, ["先说结论。"]),
        (Piece.HEADING, ["怎么做"]),
        (Piece.LIST, ["取土", "送检"]),
        (Piece.PARAGRAPH, ["再说原因。"]),
        (Piece.LIST, ["又一条"]),
    ]


def test_what_is_missing_and_what_is_too_long() -> None:
    assert faults(Words("", "", "")) == {"title": "empty", "text": "empty"}
    assert faults(Words("长" * 61, "长" * 161, "长" * 12_001, cover="a")) == {
        "title": "long",
        "summary": "long",
        "text": "long",
        "cover_says": "empty",
    }
    assert faults(Words("题", "", "文")) == {}


def test_a_list_says_how_a_text_begins() -> None:
    assert lead(Words("题", "摘要", "文")) == "摘要"
    assert lead(Words("题", "", "## 小题\n正文开始")) == "正文开始"
    assert lead(Words("题", "", "长" * 100)) == "长" * 89 + "…"


def test_feeds_are_read_by_what_reads_them() -> None:
    feed = etree.fromstring(
        rss("远教", "https://c.example/site", "新闻", [Item("<题>&", "https://c.example/1", "文", AT)])
    )
    assert feed.findtext("channel/item/title") == "<题>&"
    assert feed.findtext("channel/item/pubDate") == "Mon, 23 Nov 2026 11:30:00 +0000"
    assert feed.findtext("channel/item/guid") == "https://c.example/1"
    pages = etree.fromstring(sitemap([("https://c.example/?a=1&b=2", None), ("https://c.example/x", AT)]))
    assert [one.text for one in pages.iter(f"{{{SITEMAP}}}loc")] == [
        "https://c.example/?a=1&b=2",
        "https://c.example/x",
    ]
    assert [one.text for one in pages.iter(f"{{{SITEMAP}}}lastmod")] == ["2026-11-23T11:30:00+00:00"]

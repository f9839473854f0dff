"""Documents on the television: the way to them, reading, confirming and answering by five keys, each a fact once."""

from datetime import timedelta

from schedules.wire.messages import DocumentCard, DocumentRead, DocumentReplied, Documents, ReplyWay, StationCard
from tests.tvclient.core.told import TEXT, document, notice, notices_of
from tests.tvclient.evening import NOON, Television
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import document as one_document
from tvclient.core.pages import documents, focusables, today
from tvclient.core.reading import reply_of
from tvclient.core.state import Screen

DAY = timedelta(days=1)
KEYS = {"reply": ReplyWay.KEYS, "options": ("yes", "no")}


def television(*cards: DocumentCard) -> Television:
    """At today's programme, with nothing on the air."""
    tv = Television(NOON)
    tv.take(events.StationChanged(StationCard(id="s", name="马场村")))
    tv.take(sent(*cards))
    return tv


def sent(*cards: DocumentCard) -> events.PaperChanged:
    return events.PaperChanged(Documents(version=f"{len(cards)}", documents=cards))


def facts(tv: Television) -> list[tuple[str, int] | tuple[str, int, int, str]]:
    found: list[tuple[str, int] | tuple[str, int, int, str]] = []
    for one in tv.facts:
        if isinstance(one, DocumentRead):
            found.append((one.document, one.version))
        elif isinstance(one, DocumentReplied):
            found.append((one.document, one.version, one.choice, one.answer))
    return found


def things(tv: Television) -> list[str]:
    return [thing.id for thing in focusables(tv.state)]


def test_from_home_it_is_read_confirmed_and_answered_with_five_keys() -> None:
    tv = television(document("a", NOON - DAY, **KEYS))
    tv.press(Key.UP)
    assert tv.focus() == today.NOTICES
    tv.press(Key.OK, Key.OK)
    assert tv.screen() is Screen.DOCUMENT
    assert (things(tv), facts(tv)) == (["confirm", "back"], [])
    tv.press(Key.OK)
    assert (things(tv), facts(tv)) == (["option.0", "option.1", "back"], [("a", 1)])
    tv.press(Key.RIGHT, Key.OK)
    assert facts(tv)[1:] == [("a", 1, 1, "no")]
    assert documents.waiting(tv.state) == ()
    tv.press(Key.OK)
    assert len(facts(tv)) == 2
    tv.press(Key.LEFT, Key.OK)
    assert facts(tv)[2:] == [("a", 1, 0, "yes")]
    assert one_document.reply_here(tv.state, tv.state.papers.documents.documents[0]) == "yes"
    tv.press(Key.BACK)
    assert tv.screen() is Screen.DOCUMENTS


def test_a_long_one_is_confirmed_on_its_last_page_alone() -> None:
    tv = television(document("a", NOON - DAY, text=TEXT * 12))
    tv.press(Key.UP, Key.OK, Key.OK)
    pages = len(one_document.text_pages(tv.state))
    assert pages > 1
    for _page in range(pages - 1):
        assert things(tv) == ["next", "back"]
        tv.press(Key.OK)
    assert things(tv) == ["confirm", "back"]
    tv.press(Key.OK)
    assert (things(tv), facts(tv)) == (["back"], [("a", 1)])
    tv.press(Key.UP)
    assert things(tv) == ["next", "back"]


def test_a_newer_version_waits_again_and_its_answer_stays() -> None:
    tv = television(document("a", NOON - DAY, **KEYS))
    tv.press(Key.UP, Key.OK, Key.OK, Key.OK, Key.OK, Key.HOME)
    assert documents.waiting(tv.state) == ()
    tv.take(sent(document("a", NOON, version=2, **KEYS)))
    assert [one.id for one in documents.waiting(tv.state)] == ["a"]
    assert reply_of(tv.state.reading.opened, "a") == "yes"


def test_what_the_office_knows_needs_no_second_confirmation() -> None:
    tv = television(document("a", NOON - DAY, read_version=1, replied="no", **KEYS))
    assert documents.waiting(tv.state) == ()
    tv.press(Key.UP, Key.OK, Key.OK)
    assert things(tv) == ["answer", "back"]


def test_what_is_recalled_asks_for_nothing() -> None:
    tv = television(document("a", NOON - DAY, recalled="数字有误", **KEYS))
    assert documents.waiting(tv.state) == ()
    tv.press(Key.UP, Key.OK, Key.OK)
    assert things(tv) == ["back"]
    tv.take(sent())
    assert (tv.screen(), things(tv)) == (Screen.DOCUMENT, ["back"])


def test_it_is_recalled_while_it_is_read() -> None:
    tv = television(document("a", NOON - DAY, text=TEXT * 12, **KEYS))
    tv.press(Key.UP, Key.OK, Key.OK, Key.OK)
    tv.take(sent(document("a", NOON - DAY, recalled="数字有误", **KEYS)))
    assert things(tv) == ["back"]
    tv.press(Key.OK)
    assert (tv.screen(), facts(tv)) == (Screen.DOCUMENTS, [])


def test_documents_that_wait_come_before_notices_and_stand_beside_them_later() -> None:
    tv = television(document("a", NOON - DAY))
    tv.take(events.PaperChanged(notices_of(1, NOON)))
    assert today.strip_leads_to(tv.state) is Screen.DOCUMENTS
    tv.press(Key.UP, Key.OK, Key.OK, Key.OK, Key.HOME)
    assert today.strip_leads_to(tv.state) is Screen.NOTICES
    tv.press(Key.UP, Key.OK)
    assert things(tv) == [f"notice.{notice('0', NOON).id}", "documents", "back"]
    tv.press(Key.DOWN, Key.OK)
    assert tv.screen() is Screen.DOCUMENTS


def test_what_was_confirmed_and_answered_is_known_after_a_restart_and_not_in_another_station() -> None:
    tv = television(document("a", NOON - DAY, **KEYS))
    tv.take(events.SignInsRestored(signed_in={}, entered="s", opened=frozenset({"document.a.1", "reply.a.no"})))
    assert documents.waiting(tv.state) == ()
    tv.take(events.StationChanged(StationCard(id="t", name="别村")))
    assert [one.id for one in documents.waiting(tv.state)] == ["a"]

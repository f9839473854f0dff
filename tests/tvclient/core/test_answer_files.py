"""Photographs and voice notes of an answer: wanted as long as the question stands, seen whole, heard by one key."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schedules.wire.messages import AnswerFile, AnswerFileKind, CaseCard, GreenChannel
from tests.tvclient.core.answering import answered, photo, voice
from tests.tvclient.evening import NOON, Television, airing, alert, stored
from tvclient.core import answer_files, effects, events
from tvclient.core.answer_files import LARGEST, MOST, MOST_BYTES, on_its_way, wanted_files
from tvclient.core.events import Key
from tvclient.core.pages import answer, focusables
from tvclient.core.state import Screen, State

LESSON = airing(start=NOON + timedelta(minutes=30), seconds=200)
NEXT = airing(start=LESSON.end, seconds=200, slot="next")
SECOND = timedelta(seconds=1)
TO_ANSWER = (Key.BLUE, Key.DOWN, Key.DOWN, Key.DOWN, Key.OK, Key.OK)


def television(*files: AnswerFile, here: frozenset[str] = frozenset()) -> Television:
    """Somebody reads an answer with these files, of which some are here."""
    tv = Television(NOON)
    tv.take(stored(LESSON, NEXT))
    tv.take(events.TimetableChanged((LESSON, NEXT)))
    tv.take(events.PaperChanged(GreenChannel(version="1", cases=(answered("a", NOON, *files),))))
    tv.take(events.FilesChanged(here))
    tv.press(*TO_ANSWER)
    assert tv.screen() is Screen.ANSWER
    return tv


def notes(tv: Television) -> list[effects.Effect]:
    return [one for one in tv.effects if isinstance(one, effects.PlayNote | effects.StopNote)]


def play(tv: Television) -> None:
    """Press the button of the voice note."""
    while tv.focus() != answer.NOTE:
        tv.press(Key.LEFT)
    tv.press(Key.OK)


def test_a_paper_with_files_has_them_fetched_and_one_without_lets_them_go() -> None:
    tv = television(photo("p"), voice("v"))
    assert effects.KeepFiles((photo("p"), voice("v"))) in tv.effects
    tv.take(events.PaperChanged(GreenChannel(version="2")))
    assert tv.effects[-1] == effects.KeepFiles(())


def test_a_picture_that_is_on_its_way_leaves_the_text_and_is_a_page_once_it_is_here() -> None:
    tv = television(photo("p"))
    case = answer.shown(tv.state)
    assert case is not None
    assert on_its_way(tv.state, case, AnswerFileKind.PHOTO)
    assert (answer.pictures(tv.state), answer.picture_shown(tv.state)) == ((), "")
    tv.press(Key.DOWN)
    assert answer.page_shown(tv.state) == 0
    tv.take(events.FilesChanged(frozenset({"p"})))
    assert not on_its_way(tv.state, case, AnswerFileKind.PHOTO)
    tv.press(Key.DOWN)
    assert answer.picture_shown(tv.state) == "p"
    tv.press(Key.DOWN)
    assert answer.picture_shown(tv.state) == "p"
    tv.press(Key.UP)
    assert answer.picture_shown(tv.state) == ""
    tv.press(Key.DOWN)
    tv.take(events.FilesChanged(frozenset()))
    assert answer.picture_shown(tv.state) == ""


def test_what_is_too_large_or_of_a_kind_from_a_newer_server_is_left_alone_and_not_announced() -> None:
    strange = AnswerFile(kind=AnswerFileKind.OTHER, sha256="x", bytes=9)
    tv = television(photo("huge", LARGEST + 1), strange)
    case = answer.shown(tv.state)
    assert case is not None
    assert wanted_files(tv.state) == ()
    assert not on_its_way(tv.state, case, AnswerFileKind.PHOTO)


def test_a_voice_note_is_heard_by_one_key_and_silenced_by_the_same() -> None:
    tv = television(voice("v"), here=frozenset({"v"}))
    play(tv)
    assert tv.state.asking.note == "v"
    assert effects.Hush() in tv.effects
    tv.press(Key.OK)
    assert notes(tv) == [effects.PlayNote("v", 100), effects.StopNote()]
    assert tv.state.asking.note == ""


def test_several_notes_follow_each_other_and_the_last_ends_it() -> None:
    tv = television(voice("v"), voice("w"), here=frozenset({"v", "w"}))
    play(tv)
    tv.take(events.NoteEnded("v"))
    tv.take(events.NoteEnded("v"))
    assert tv.state.asking.note == "w"
    tv.take(events.NoteEnded("w"))
    assert notes(tv) == [effects.PlayNote("v", 100), effects.PlayNote("w", 100), effects.StopNote()]


def test_a_note_that_is_not_here_has_no_button() -> None:
    tv = television(voice("v"))
    assert answer.NOTE not in {thing.id for thing in focusables(tv.state)}


def test_leaving_the_page_silences_it_by_whatever_key() -> None:
    for key in (Key.BACK, Key.HOME, Key.MENU):
        tv = television(voice("v"), here=frozenset({"v"}))
        play(tv)
        tv.press(key)
        assert notes(tv)[-1] == effects.StopNote()
        assert tv.state.asking.note == ""


def test_an_alert_silences_it() -> None:
    tv = television(voice("v"), here=frozenset({"v"}))
    play(tv)
    tv.take(events.AlertsChanged((alert("w", sent=tv.now),)))
    assert notes(tv)[-1] == effects.StopNote()


def test_a_lesson_that_begins_silences_it() -> None:
    tv = television(voice("v"), here=frozenset({"v"}))
    tv.run(LESSON.start - SECOND)
    tv.press(*TO_ANSWER)
    play(tv)
    tv.run(LESSON.start + SECOND)
    assert tv.screen() is Screen.BROADCAST
    assert notes(tv)[-1] == effects.StopNote()


def test_so_does_one_that_follows_another_while_somebody_reads() -> None:
    tv = television(voice("v"), here=frozenset({"v"}))
    tv.run(NEXT.start - 30 * SECOND)
    tv.press(*TO_ANSWER)
    play(tv)
    tv.run(NEXT.start - SECOND)
    assert tv.state.asking.note == "v"
    tv.run(NEXT.start + 2 * SECOND)
    assert tv.screen() is Screen.ANSWER
    assert notes(tv)[-1] == effects.StopNote()


def test_a_note_that_goes_with_its_question_falls_silent() -> None:
    tv = television(voice("v"), here=frozenset({"v"}))
    play(tv)
    tv.take(events.PaperChanged(GreenChannel(version="2")))
    assert notes(tv)[-1] == effects.StopNote()


def test_the_voice_that_reads_and_a_note_are_never_heard_together() -> None:
    tv = television(voice("v"), here=frozenset({"v"}))
    play(tv)
    while tv.focus() != answer.LISTEN:
        tv.press(Key.LEFT)
    tv.press(Key.OK)
    last = [one for one in tv.effects if isinstance(one, effects.StopNote | effects.Speak)]
    assert isinstance(last[-2], effects.StopNote)
    assert isinstance(last[-1], effects.Speak)


files = st.builds(
    AnswerFile,
    kind=st.sampled_from(list(AnswerFileKind)),
    sha256=st.text("abcdef", min_size=1, max_size=2),
    bytes=st.integers(-1, LARGEST + 1),
)
cards = st.lists(files, max_size=4).map(lambda some: answered("a", NOON, *some))


@given(st.lists(cards, max_size=40))
def test_a_small_box_wants_no_more_than_it_has_room_for_and_the_newest_first(cases: list[CaseCard]) -> None:
    state = State(NOON)
    paper = GreenChannel(version="1", cases=tuple(cases))
    state = replace(state, papers=state.papers.with_paper(paper))
    wanted = wanted_files(state)
    assert len({one.sha256 for one in wanted}) == len(wanted) <= MOST
    assert sum(one.bytes for one in wanted) <= MOST_BYTES
    first = next((one for case in cases for one in case.files if one.kind is not AnswerFileKind.OTHER), None)
    if first is not None and 0 < first.bytes <= LARGEST:
        assert wanted[0] == first
    for case in cases:
        for kind in AnswerFileKind:
            assert answer_files.here(state, case, kind) == ()
            assert wanted or not on_its_way(state, case, kind)

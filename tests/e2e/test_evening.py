"""An evening as the village has it: a real full screen, real keys, a real lesson; what is seen, and what arrives."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.e2e.window import Colour, Window, at, display, near, part, share, television
from tests.tvclient.awaiting import eventually
from tests.tvclient.coloured import LEFT, OTHER_RIGHT, RIGHT, add_lesson
from tests.tvclient.conftest import broker, server
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import MA, WANG, airing
from tvclient.adapters.identity import Vault
from tvclient.core.events import KeyPressed
from tvclient.core.recording import replay
from tvclient.core.screens import current_screen
from tvclient.core.state import Screen

__all__ = ["broker", "server"]
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("television-window")]
SECONDS = 25
UNTIL_IT_BEGINS = timedelta(seconds=25)
LAMP: Colour = (245, 184, 75)
"""The ring around what has the focus."""
SPROUT: Colour = (174, 213, 129)
"""Ticks."""
PEOPLE = (290, 380, 270, 230)
"""Between the less and the more of the head count."""
FIGURES = (96, 200, 800, 330)
"""The countdown's minutes and seconds."""


def test_an_evening_with_real_keys_on_a_real_screen(server: Counterpart, tmp_path: Path) -> None:
    package = add_lesson(server, tmp_path / "lesson", SECONDS)
    Vault(tmp_path / "tv" / "secret").keep(server.credentials())
    begins = now() + UNTIL_IT_BEGINS
    first = airing(begins, SECONDS, package, "first")
    server.want()
    server.plan(1, first, airing(begins + timedelta(minutes=20), SECONDS, package, "second"))
    recording = tmp_path / "evening"
    with display() as screen, television(server.url, tmp_path, screen, "--record", str(recording)) as window:
        window.until(counts_down, "the countdown, without a key")
        assert now() < begins
        sign_in_by_number(window, server)
        window.until(fills_the_screen, "the lesson, full")
        assert now() >= begins
        the_picture_moves(window)
        controls_come_and_go(window)
        sign_in_by_name_and_take_it_back(window, server)
        eventually(lambda: facts(server, "airing_ended"), "the end of the lesson")
        count_the_room(window, server)
        window.until(lambda picture: share(part(picture, 0, 0, 1920, 1080), LEFT) > 0.05, "what comes next")
        eventually(lambda: screens(recording)[-1] is Screen.TODAY, "the page of the day")
    wanted = [Screen.COUNTDOWN, Screen.SIGN_IN, Screen.COUNTDOWN, Screen.BROADCAST, Screen.NAMES, Screen.BROADCAST]
    assert screens(recording)[-8:] == [*wanted, Screen.AFTER, Screen.TODAY]
    moments = list(replay(recording.read_bytes()))
    landed = next(n for n, one in enumerate(moments) if current_screen(one.state) is Screen.COUNTDOWN)
    assert not any(isinstance(one.event, KeyPressed) for one in moments[:landed])
    (ended,) = facts(server, "airing_ended")
    assert (ended["airing"], ended["complete"]) == (first.id, True)
    assert abs(int(str(facts(server, "airing_started")[0]["late_ms"]))) < 5000
    assert sum(int(str(one["to_ms"])) - int(str(one["from_ms"])) for one in facts(server, "playback_span")) > 20_000


def facts(server: Counterpart, kind: str) -> list[dict[str, object]]:
    """What has arrived of this kind."""
    return [body for body in server.bodies() if body["kind"] == kind]


def screens(recording: Path) -> list[Screen]:
    """The screens in the order in which they were shown."""
    shown = [current_screen(one.state) for one in replay(recording.read_bytes())]
    return [shown[0], *(after for before, after in pairwise(shown) if before is not after)]


def changes(window: Window, place: tuple[int, int, int, int], what: str) -> None:
    """Wait until this part of the picture is another one, without a key."""
    before = part(window.picture(), *place)
    window.until(lambda picture: differs(before, part(picture, *place)), what)


def differs(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures of one size are two."""
    return ImageChops.difference(one, other).getbbox() is not None


def on_the_right(picture: Image.Image, y: int) -> bool:
    """Whether the right edge has one of the lesson's colours."""
    return any(near(at(picture, 1915, y), colour) for colour in (RIGHT, OTHER_RIGHT))


def counts_down(picture: Image.Image) -> bool:
    """The lesson's own picture on the right, large figures on the left."""
    white = share(part(picture, *FIGURES), (247, 240, 228))
    return on_the_right(picture, 1070) and not near(at(picture, 5, 5), LEFT) and white > 0.02


def fills_the_screen(picture: Image.Image) -> bool:
    """The lesson reaches all four corners."""
    left = near(at(picture, 5, 5), LEFT) and near(at(picture, 5, 1075), LEFT)
    return left and on_the_right(picture, 5) and on_the_right(picture, 1075)


def sign_in_by_number(window: Window, server: Counterpart) -> None:
    """Digits begin it; the name appears; OK."""
    changes(window, FIGURES, "a second has passed")
    window.press(*WANG.number, "Return")
    eventually(lambda: facts(server, "signed_in"), "the sign-in by number")
    (fact,) = facts(server, "signed_in")
    assert (fact["member"], fact["method"]) == (WANG.id, "number")
    window.until(lambda picture: share(picture, SPROUT) > 0.001, "the tick")
    window.press("Escape")


def the_picture_moves(window: Window) -> None:
    """The right side changes, the left stays."""
    for colour in (RIGHT, OTHER_RIGHT, RIGHT):
        window.shows({(1900, 1000): colour, (20, 1000): LEFT}, "the other colour")


def controls_come_and_go(window: Window) -> None:
    """The first key shows them, and only that; then they go by themselves."""
    window.until(lambda picture: share(picture, LAMP) == 0, "no controls")
    window.press("Return")
    window.until(lambda picture: share(picture, LAMP) > 0.0005, "the focus ring")
    window.until(lambda picture: share(picture, LAMP) == 0 and fills_the_screen(picture), "no controls again")


def sign_in_by_name_and_take_it_back(window: Window, server: Counterpart) -> None:
    """The green key, the second name, OK; and OK again."""
    window.press("F2", "Right", "Return")
    eventually(lambda: len(facts(server, "signed_in")) == 2, "the sign-in by name")
    assert (facts(server, "signed_in")[1]["member"], facts(server, "signed_in")[1]["method"]) == (MA.id, "name")
    window.press("Return")
    eventually(lambda: facts(server, "sign_in_undone"), "it is taken back")
    (fact,) = facts(server, "sign_in_undone")
    assert fact["member"] == MA.id
    window.press("Escape")
    window.until(fills_the_screen, "the lesson again")


def count_the_room(window: Window, server: Counterpart) -> None:
    """Two more, one less, one phrase, noted."""
    window.until(lambda picture: share(picture, LAMP) > 0.0005, "the page after the lesson")
    before = part(window.picture(), *PEOPLE)
    window.press("Return")
    window.until(lambda picture: differs(before, part(picture, *PEOPLE)), "one more")
    window.press("Return", "Left", "Return")
    window.press("Right", "Right", "Return")
    window.press("Down", "Down", "Right", "Down", "Return")
    eventually(lambda: facts(server, "head_counted"), "the head count")
    (fact,) = facts(server, "head_counted")
    assert (fact["people"], fact["phrases"]) == (2, ["understood"])

"""What happens to a television that nobody planned for: it goes on, shows something true, and can be used."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from schedules.airings import Airing
from schedules.wire.messages import AiringMissed, AiringStarted, PlaybackSpan
from tests.tvclient.evening import NOON, Television, airing, library_of, stored, village_of
from tvclient.core import events
from tvclient.core.events import Key
from tvclient.core.pages import focusables
from tvclient.core.screens import Picture, current_screen, picture
from tvclient.core.state import PlayPhase, Screen
from tvclient.ui.theme import COLOURS

SECOND = timedelta(seconds=1)
MARGIN = (96 - 24, 54 - 24)
"""Design pixels beside the safe area that a ring may reach into."""


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a real window without libmpv showed; `said.json` is what it said."""
    folder = tmp_path_factory.mktemp("faults")
    hidden = tmp_path_factory.mktemp("hidden")
    (hidden / "mpv.py").write_text('raise OSError("Cannot find libmpv in the usual places.")\n')
    path = os.pathsep.join([str(hidden), str(Path(__file__).parents[2])])
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen", "PYTHONPATH": path}
    command = [sys.executable, "-m", "tests.tvclient.faulty_window", str(folder)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (folder / "said.json").write_text(done.stdout.splitlines()[-1], "utf-8")
    return folder


def shot(window: Path, name: str) -> Image.Image:
    return Image.open(window / f"{name}.png").convert("RGB")


def colours(picture: Image.Image) -> dict[Any, int]:
    return {colour: count for count, colour in picture.getcolors(2**24) or []}


def colour(name: str) -> tuple[int, ...]:
    return tuple(round(value * 255) for value in COLOURS[name][:3])


real_window = [pytest.mark.xdist_group("television-faults"), pytest.mark.timeout(180)]


class TestWindow:
    """In one real window."""

    pytestmark = real_window

    def test_without_libmpv_words_stand_where_the_lesson_would_and_all_else_works(self, window: Path) -> None:
        said = json.loads((window / "said.json").read_text("utf-8"))
        assert said["said"]
        assert said["names"]
        assert {"broadcast", "names"} <= set(said["screens"])
        missed = [fact["reason"] for fact in said["facts"] if fact["kind"] == "airing_missed"]
        assert missed == ["no_player"]
        assert colours(shot(window, "no-player")).get(colour("paper"), 0) > 300
        assert len(colours(shot(window, "no-player-names"))) > 50

    @pytest.mark.parametrize("name", ["today", "week", "station", "after", "broadcast-failed"])
    def test_two_hundred_characters_stay_within_the_safe_area(self, window: Path, name: str) -> None:
        shown = shot(window, f"long-{name}")
        box = ImageChops.difference(shown, Image.new("RGB", shown.size, colour("night"))).getbbox()
        assert box is not None
        assert colours(shown).get(colour("paper"), 0) > 300  # with posters that are absent, and one that is broken
        scale = shown.width / 1920
        assert box[0] >= MARGIN[0] * scale
        assert box[1] >= MARGIN[1] * scale
        assert box[2] <= shown.width - MARGIN[0] * scale + 1
        assert box[3] <= shown.height - MARGIN[1] * scale + 1

    @pytest.mark.parametrize("name", ["today", "station"])
    def test_a_long_name_of_the_station_leaves_the_time_alone(self, window: Path, name: str) -> None:
        shown = shot(window, f"long-{name}")
        scale = shown.width / 1920
        beside_the_time = shown.crop((round(1530 * scale), round(54 * scale), round(1590 * scale), round(158 * scale)))
        assert set(colours(beside_the_time)) == {colour("night")}

    def test_rare_characters_are_written_and_not_boxed(self, window: Path) -> None:
        rare, box = shot(window, "rare"), shot(window, "tofu")
        scale = rare.width / 1920
        seen = set()
        for column in range(3):
            x = 448 + column * 350
            place = (round((x + 150) * scale), round(190 * scale), round((x + 320) * scale), round(280 * scale))
            written, boxed = rare.crop(place), box.crop(place)
            assert ImageChops.difference(written, boxed).getbbox() is not None, column
            seen.add(written.tobytes())
        assert len(seen) == 3

    def test_five_hundred_names_and_an_empty_station_are_drawn(self, window: Path) -> None:
        assert colours(shot(window, "crowd")).get(colour("paper"), 0) > 1000
        for name in ("empty-station", "empty-today"):
            shown = colours(shot(window, name))
            assert len(shown) > 50
            assert shown.get(colour("paper"), 0) > 300

    def test_after_another_display_the_picture_is_there_again(self, window: Path) -> None:
        resized, back, fresh = (shot(window, name) for name in ("resized", "resized-back", "fresh"))
        assert resized.size == (960, 540)
        assert colours(resized).get(colour("lamp"), 0) > 100
        assert back.size == fresh.size == (640, 360)
        far_off = ImageChops.difference(back.convert("L"), fresh.convert("L")).point(lambda value: 255 * (value > 40))
        assert far_off.getbbox() is None


def evening(*airings: Airing, people: int = 5, shelf: int = 12, at: timedelta = timedelta(0)) -> Television:
    tv = Television(NOON + at)
    tv.take(events.RosterChanged(village_of(people)))
    tv.take(events.LibraryChanged(library_of(shelf)))
    tv.take(stored(*airings))
    tv.take(events.TimetableChanged(airings))
    return tv


def well(tv: Television) -> None:
    """The focus is on something that is there, wherever something can have it."""
    can = {thing.id for thing in focusables(tv.state)}
    assert (tv.focus() in can) if can else tv.focus() is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(list(Key)), min_size=60, max_size=240))
def test_thirty_keys_a_second_from_the_countdown_into_the_lesson(keys: list[Key]) -> None:
    tv = evening(airing(NOON + 4 * SECOND), airing(NOON + 120 * SECOND, slot="two"), people=40)
    for number, key in enumerate(keys):
        at = NOON + number * SECOND / 30
        tv.take(events.KeyPressed(key, repeat=number % 3 == 0, since_ms=33), at)
        tv.take(events.Ticked(), at)
        well(tv)
    tv.run(NOON + 30 * SECOND)
    well(tv)
    assert tv.phase() is PlayPhase.PLAYING
    assert len(tv.facts_of(AiringStarted)) == 1


def test_five_hundred_members_are_all_reached_page_by_page() -> None:
    tv = evening(airing(NOON - 10 * SECOND, seconds=3000), people=500)
    tv.press(Key.GREEN, Key.GREEN)
    assert tv.screen() is Screen.NAMES
    met = {thing.id for thing in focusables(tv.state) if thing.id.startswith("member.")}
    for _press in range(500):
        tv.press(Key.DOWN)
        well(tv)
        met |= {thing.id for thing in focusables(tv.state) if thing.id.startswith("member.")}
    assert len(met) == 500


def test_sixty_airings_of_a_day_are_all_reached_in_the_week() -> None:
    day = [airing(NOON + n * 600 * SECOND - timedelta(hours=11), seconds=500, slot=f"s{n}") for n in range(60)]
    tv = evening(*day, at=timedelta(hours=-11, seconds=-1000))
    tv.press(Key.MENU, Key.MENU, Key.DOWN, Key.OK)
    assert tv.screen() is Screen.WEEK
    tv.press(Key.RIGHT)
    met: set[str] = set()
    for _press in range(120):
        met |= {thing.id for thing in focusables(tv.state) if thing.id.startswith("airing.")}
        tv.press(Key.DOWN)
        well(tv)
    assert {f"airing.{one.id}" for one in day} <= met


@pytest.mark.parametrize("jump", [-3600, -90, -20, -3, 3, 20, 45])
def test_a_clock_that_jumps_during_a_lesson_leaves_a_picture_at_the_new_live_position(jump: float) -> None:
    """In truth it is so much later, or earlier, than the box thought until then."""
    one = airing(NOON, seconds=1200)
    tv = evening(one, at=-30 * SECOND)
    tv.run(NOON + 300 * SECOND)
    assert tv.phase() is PlayPhase.PLAYING
    spans = len(tv.facts_of(PlaybackSpan))
    tv.take(events.Ticked(), NOON + (300 + jump) * SECOND)
    assert picture(tv.state) is not Picture.FAILED
    tv.run(NOON + (300 + jump + 40) * SECOND)
    well(tv)
    if 300 + jump + 40 > 0:
        assert tv.phase() is PlayPhase.PLAYING
        assert tv.state.playback
        live_ms = (tv.now - one.start) / timedelta(milliseconds=1)
        assert abs(live_ms - tv.state.playback.position_ms) < 500
        assert len(tv.facts_of(PlaybackSpan)) > spans
    else:
        assert current_screen(tv.state) in (Screen.TODAY, Screen.COUNTDOWN)
    assert len(tv.facts_of(AiringStarted)) == 1
    assert not tv.facts_of(AiringMissed)
    assert tv.seconds_shown(one) <= 300 + 45 + abs(jump)


@given(st.lists(st.sampled_from(list(Key)), max_size=40))
def test_keys_before_enrolment_open_nothing_and_break_nothing(keys: list[Key]) -> None:
    tv = Television(NOON, enrolled=False)
    tv.take(events.ClaimOffered("7K4M-92QP", "http://county.example/claim"))
    for key in keys:
        tv.press(key)
        assert tv.screen() is Screen.ENROLMENT
        well(tv)
    assert not tv.facts

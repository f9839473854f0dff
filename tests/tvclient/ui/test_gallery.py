"""Every screen in a real window, in both languages: drawn, inside the safe area, with its focus visible."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.keep_screens import KEPT, small
from tests.keep_screens import SIZE as SIZE_KEPT
from tvclient.core.geometry import HEIGHT, SAFE_X, SAFE_Y, WIDTH
from tvclient.core.pages import focusables
from tvclient.core.state import Language
from tvclient.ui import samples
from tvclient.ui.theme import BLOCKED_SHIFT, COLOURS

SIZE = (1280, 720)
RING_REACH = 14 + BLOCKED_SHIFT
"""How far a ring, pushed by a blocked move, and its soft edge may reach into the margin, in design pixels."""

pytestmark = [pytest.mark.xdist_group("television-window"), pytest.mark.timeout(400)]
CASES = [(language, name) for language in Language for name in samples.states(language)]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("gallery")
    command = [
        sys.executable,
        "-m",
        "tvclient.ui.gallery",
        "--out",
        str(out),
        "--size",
        "1280x720",
        "--settle",
        "0.22",
        "--skin",
        "simple",
    ]
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=360, check=False)
    assert done.returncode == 0, done.stderr
    return out


def picture(gallery: Path, language: Language, name: str) -> Image.Image:
    return Image.open(gallery / f"{name}-{language.value}-{SIZE[1]}.png").convert("RGB")


def colour(name: str) -> tuple[int, ...]:
    return tuple(round(value * 255) for value in COLOURS[name][:3])


@pytest.mark.parametrize(("language", "name"), CASES)
def test_screen_is_drawn_and_the_focus_is_visible(gallery: Path, language: Language, name: str) -> None:
    shown = picture(gallery, language, name)
    assert shown.size == SIZE
    palette = shown.getcolors(SIZE[0] * SIZE[1]) or []
    counts = {value: count for count, value in palette}
    assert len(counts) > 50
    has_focus = bool(focusables(samples.states(language)[name]))
    assert (counts.get(colour("lamp"), 0) > 500) == has_focus


MOST_DIFFERENT = 4.0
"""Mean difference of grey values, of 255, between a fresh picture and the kept one, which was compressed."""


@pytest.mark.parametrize(("language", "name"), CASES)
def test_screen_looks_as_it_was_last_looked_at(gallery: Path, language: Language, name: str) -> None:
    kept = Image.open(KEPT / f"{name}-{language.value}.jpg").convert("L")
    fresh = small(picture(gallery, language, name)).convert("L")
    differences = ImageChops.difference(kept, fresh)
    mean = sum(value * count for value, count in enumerate(differences.histogram())) / (SIZE_KEPT[0] * SIZE_KEPT[1])
    assert mean < MOST_DIFFERENT, "look at it; if it is meant, make screens"


def test_no_picture_is_kept_of_a_screen_that_is_gone() -> None:
    known = {f"{name}{skin}-{language.value}" for language, name in CASES for skin in ("", "-full")}
    assert {file.stem for file in KEPT.glob("*.jpg")} == known
    assert sum(file.stat().st_size for file in KEPT.glob("*.jpg")) < 8_000_000


FLAT = (
    "enrolment",
    "today",
    "today-side",
    "sign-in-empty",
    "sign-in-found",
    "sign-in-done",
    "after",
    "broadcast-failed",
    "week",
    "week-on-air",
    "station",
)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("name", FLAT)
def test_nothing_but_background_in_the_margin(gallery: Path, language: Language, name: str) -> None:
    shown = picture(gallery, language, name)
    background = Image.new("RGB", SIZE, colour("night"))
    box = ImageChops.difference(shown, background).getbbox()
    assert box is not None
    scale = SIZE[0] / WIDTH
    assert box[0] >= (SAFE_X - RING_REACH) * scale
    assert box[2] <= (WIDTH - SAFE_X + RING_REACH) * scale
    assert box[1] >= (SAFE_Y - RING_REACH) * scale
    assert box[3] <= (HEIGHT - SAFE_Y + RING_REACH) * scale


def test_languages_differ_and_offline_is_said(gallery: Path) -> None:
    chinese, english = (picture(gallery, language, "sign-in-empty") for language in Language)
    assert ImageChops.difference(chinese, english).getbbox() is not None
    online, offline = (picture(gallery, Language.ZH, name) for name in ("today", "today-offline"))
    box = ImageChops.difference(online, offline).getbbox()
    assert box is not None
    assert box[3] == SIZE[1]
    assert offline.getpixel((SIZE[0] // 2, SIZE[1] - 4)) == colour("ridge")

"""Draws every sample into the open window and keeps what it looked like; `gallery.py` opens the window."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import product
from pathlib import Path

from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from msgspec.structs import replace
from PIL import Image

from tvclient.core.state import Language, State
from tvclient.ui import samples
from tvclient.ui.sample_photographs import photographs_of
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face
from tvclient.ui.widgets import Poster
from tvclient.ui.window import framebuffer, step_until


class Skin(StrEnum):
    """The two looks of one theme."""

    SIMPLE = "simple"
    FULL = "full"


def draw_all(out: Path, only: str, settle: float, skins: Sequence[Skin]) -> None:
    """Write each sample whose name contains `only`, `settle` seconds after it came.

    A file is called `<name>-<language>-<height>.png`; in the full skin `<name>-full-<language>-<height>.png`.
    """
    register_face()
    out.mkdir(parents=True, exist_ok=True)
    poster_of = samples.posters(out / "posters")
    runTouchApp(embedded=True)
    backdrop = Poster(at=[0, 0, 1920, 1080], corners=[0] * 4, bare=True)
    photographs = photographs_of(out / "posters")
    stage = Stage(poster_of, samples.caption_at, backdrop, answer_file=photographs.get)
    backdrop.gallery, backdrop.package = stage.posters, samples.BACKDROP
    Window.add_widget(stage)
    for skin, language in product(skins, Language):
        for name, state in samples.states(language).items():
            if only in name:
                dressed, mark = (replace(state, simple=False), "-full") if skin is Skin.FULL else (state, "")
                _picture(stage, dressed, settle).save(out / f"{name}{mark}-{language.value}-{Window.height}.png")
    stage.close()
    EventLoop.close()


def _picture(stage: Stage, state: State, settle: float) -> Image.Image:
    grabbed: list[Image.Image] = []

    def grab(_window: object) -> None:
        grabbed.append(framebuffer())

    stage.clear()
    stage.show(state)
    stage.moved(samples.POSITION_MS)
    begun = Clock.get_time()
    step_until(lambda: stage.idle and Clock.get_time() - begun > settle, 5)
    Window.fbind("on_flip", grab)
    Window.canvas.ask_update()
    step_until(lambda: bool(grabbed), 5)
    Window.funbind("on_flip", grab)
    return grabbed[-1]

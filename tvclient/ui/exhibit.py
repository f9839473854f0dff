"""Draws every sample into the open window and keeps what it looked like; `gallery.py` opens the window."""

from pathlib import Path

from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from PIL import Image

from tvclient.core.state import Language, State
from tvclient.ui import samples
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face
from tvclient.ui.widgets import Poster
from tvclient.ui.window import framebuffer, step_until


def draw_all(out: Path, only: str, settle: float) -> None:
    """Write each sample whose name contains `only`, `settle` seconds after it came: `<name>-<language>-<height>`."""
    register_face()
    out.mkdir(parents=True, exist_ok=True)
    poster_of = samples.posters(out / "posters")
    runTouchApp(embedded=True)
    for language in Language:
        for name, state in samples.states(language).items():
            if only in name:
                stage = Stage(poster_of, samples.caption_at, Poster(at=[0, 0, 1920, 1080], corners=[0] * 4, bare=True))
                backdrop: Poster = stage.children[-1]
                backdrop.gallery, backdrop.package = stage.posters, samples.BACKDROP
                _picture(stage, state, settle).save(out / f"{name}-{language.value}-{Window.height}.png")
    EventLoop.close()


def _picture(stage: Stage, state: State, settle: float) -> Image.Image:
    grabbed: list[Image.Image] = []

    def grab(_window: object) -> None:
        grabbed.append(framebuffer())

    Window.add_widget(stage)
    stage.show(state)
    stage.moved(samples.POSITION_MS)
    begun = Clock.get_time()
    step_until(lambda: stage.posters.idle and Clock.get_time() - begun > settle, 5)
    Window.fbind("on_flip", grab)
    Window.canvas.ask_update()
    step_until(lambda: bool(grabbed), 5)
    Window.funbind("on_flip", grab)
    Window.remove_widget(stage)
    stage.close()
    return grabbed[-1]

"""Language and size change while a screen stands: afterwards it looks as if it had never been otherwise."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
from msgspec.structs import replace
from tvclient.ui.window import framebuffer, open_window, step_until
open_window(640, 360)
from kivy.base import runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from PIL import ImageChops
from tvclient.core.state import Language
from tvclient.ui import samples
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face
register_face()
runTouchApp(embedded=True)
def picture(stage, *states):
    Window.add_widget(stage)
    for state in states:
        stage.show(state)
        begun, grabbed = Clock.get_time(), []
        step_until(lambda: Clock.get_time() - begun > 0.5, 5)
    grab = lambda _window: grabbed.append(framebuffer().convert("L"))
    Window.fbind("on_flip", grab)
    Window.canvas.ask_update()
    step_until(lambda: bool(grabbed), 5)
    Window.funbind("on_flip", grab)
    Window.remove_widget(stage)
    stage.close()
    return grabbed[-1]
for name in ("names", "settings", "sign-in-found", "after", "learning-colour"):
    state = samples.states(Language.EN)[name]
    other = replace(state, language=Language.ZH, simple=not state.simple)
    switched = picture(Stage(lambda package: None, samples.caption_at), other, state)
    fresh = picture(Stage(lambda package: None, samples.caption_at), state)
    difference = ImageChops.difference(switched, fresh).point(lambda value: 255 if value > 24 else 0).getbbox()
    print(name, difference)
"""


def test_nothing_of_the_other_language_and_size_is_left() -> None:
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stdout.splitlines() if line.endswith((")", "None"))]
    assert said == [f"{name} None" for name in ("names", "settings", "sign-in-found", "after", "learning-colour")]

"""A poster appears when its package has come, without anything else changing on the screen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
import sys
from msgspec.structs import replace
from pathlib import Path
from tvclient.ui.window import open_window, step_until
open_window(640, 360)
from kivy.base import runTouchApp
from kivy.core.window import Window
from tvclient.core.state import Language
from tvclient.ui import samples
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face
from tvclient.ui.widgets import Poster
register_face()
stored = {}
painted = samples.posters(Path(sys.argv[1]))
stage = Stage(stored.get, samples.caption_at)
state = samples.states(Language.ZH)["countdown"]
Window.add_widget(stage)
runTouchApp(embedded=True)
stage.show(replace(state, packages={}))
posters = [widget for widget in stage.walk() if isinstance(widget, Poster)]
assert posters and not any(poster.shown for poster in posters)
stored["one"] = painted("one")
stage.show(state)
assert step_until(lambda: any(poster.shown for poster in posters), 5)
stage.close()
"""


def test_poster_comes_with_its_package(tmp_path: Path) -> None:
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr

"""A photograph of an answer is shown whole, as large as it goes; what is too large or no JPEG is not even decoded."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
import sys
from pathlib import Path
from msgspec.structs import replace
from tvclient.ui.window import open_window, step_until
open_window(640, 360)
from kivy.base import runTouchApp
from kivy.core.window import Window
from PIL import Image
from tvclient.core.state import Language
from tvclient.ui import samples
from tvclient.ui.photographs import MOST_SIDE, Photographs, fitted
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face
from tvclient.ui.widgets import Photograph
register_face()
folder = Path(sys.argv[1])

for size in ((1600, 1200), (300, 1200), (40, 30), (MOST_SIDE, 9)):
    whole = fitted(Image.new("RGB", size, "white"), (600, 300))
    left, top, right, low = whole.getbbox()
    across, down = right - left, low - top
    assert whole.size == (600, 300) and (across == 600 or down == 300)
    assert abs(across * size[1] - down * size[0]) <= 2 * max(size), (size, across, down)
    assert abs(left - (600 - right)) <= 1 and abs(top - (300 - low)) <= 1
try:
    fitted(Image.new("1", (MOST_SIDE + 1, 1)), (600, 300))
except ValueError:
    pass
else:
    raise AssertionError("too large a picture was decoded")

stored = {}
stage = Stage(lambda _package: None, samples.caption_at, answer_file=stored.get)
state = samples.states(Language.ZH)["answer-picture"]
Window.add_widget(stage)
runTouchApp(embedded=True)

def shown(file, name):
    stored["leaf"] = folder / file
    stage.album._kept.clear()
    stage.clear()
    stage.show(state)
    (widget,) = [one for one in stage.walk() if isinstance(one, Photograph)]
    widget.ask()
    assert step_until(lambda: stage.idle, 5)
    return widget.shown

stage.show(state)
(widget,) = [one for one in stage.walk() if isinstance(one, Photograph)]
assert not widget.shown and stage.view.title == "" and stage.view.page
assert shown("good.jpg", "leaf")
for file in ("wide.jpg", "other.png", "rubbish.jpg", "gone.jpg"):
    assert not shown(file, "leaf"), file
stage.show(samples.states(Language.ZH)["answer-files-coming"])
assert not widget.shown and stage.view.title and "\\u00b7" in stage.view.about
stage.close()
"""


def test_photographs_are_whole_and_bounded(tmp_path: Path) -> None:
    for name, size, kind in (
        ("good.jpg", (640, 480), "JPEG"),
        ("wide.jpg", (2049, 8), "JPEG"),
        ("other.png", (8, 8), "PNG"),
    ):
        made = io.BytesIO()
        Image.new("RGB", size, "green").save(made, kind)
        (tmp_path / name).write_bytes(made.getvalue())
    (tmp_path / "rubbish.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr

"""The keyboard of a real window: one press is one key, arrows and OK repeat while held, bursts stay short."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
import json
from tvclient.ui.window import open_window, step_until
open_window(320, 180)
from kivy.base import runTouchApp
from kivy.core.window import Keyboard, Window
from tvclient.ui.keys import Keys
from tvclient.core.events import Key
said = []
keys = Keys(lambda event: said.append((event.key.value, event.repeat)))
runTouchApp(embedded=True)
def code(name): return Keyboard.keycodes[name]
def take():
    taken = list(said); said.clear(); keys.forget_burst(); return taken
result = {}
Window.dispatch("on_key_down", code("down"), 0, None, [])
Window.dispatch("on_key_down", code("down"), 0, None, [])
result["first"] = take()
def forget():
    keys.forget_burst(); return len(said) >= 3
step_until(forget, 3)
Window.dispatch("on_key_up", code("down"), 0)
result["held"] = take()
step_until(lambda: bool(said), 0.3)
result["released"] = take()
Window.dispatch("on_key_down", code("enter"), 0, None, [])
step_until(lambda: len(said) > 1, 0.8)
Window.dispatch("on_key_up", code("enter"), 0)
result["ok"] = take()
Window.dispatch("on_key_down", code("x"), 0, None, [])
result["unknown"] = take()
for _ in range(5): keys.press(Key.LEFT)
for _ in range(6): keys.press(Key("4"))
result["burst"] = take()
print(json.dumps(result))
"""


def test_keys_of_the_window() -> None:
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["first"] == [["down", False]]
    assert len(said["held"]) >= 3
    assert all(key == ["down", True] for key in said["held"])
    assert said["released"] == []
    assert said["ok"] == [["ok", False], ["ok", True]]
    assert said["unknown"] == []
    assert said["burst"] == [["left", False]] * 2 + [["4", False]] * 6

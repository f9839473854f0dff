"""The window's loop: nothing moves, nothing is drawn; a key and a clock are answered; only what is shown is made."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
import json
from msgspec.structs import replace
from datetime import timedelta
from tvclient.ui.window import open_window
open_window(640, 360)
from kivy.base import runTouchApp, stopTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from tvclient.core.events import Key, KeyPressed
from tvclient.core.state import Language
from tvclient.core.step import step
from tvclient.ui import samples
from tvclient.ui.loop import Loop
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face

register_face()
said = {}
turns, frames = [], []
loop = Loop(lambda: turns.append(1), lambda: 0.01)
stage = Stage(lambda package: None, samples.caption_at)
Window.add_widget(stage)
Window.fbind("on_flip", lambda window: frames.append(1))
runTouchApp(embedded=True)
state = samples.states(Language.ZH)["today"]
stage.show(state)


def quiet():
    stood = 0
    while stood < 30:
        before = len(frames)
        loop.once()
        stood = stood + 1 if len(frames) == before else 0


quiet()
drawn = len(frames)
said["screens_made"] = len(stage._views)
for tick in range(40):
    stage.show(replace(state, now=state.now + timedelta(milliseconds=tick)))
    loop.once()
said["idle_frames"] = len(frames) - drawn
drawn = len(frames)
stage.show(step(state, KeyPressed(Key.RIGHT), state.now)[0])
quiet()
said["key_frames"] = len(frames) - drawn
Clock.schedule_once(lambda dt: said.update(clock=True), 0.05)
while "clock" not in said:
    loop.once()
Clock.schedule_once(lambda dt: stopTouchApp(), 0.05)
loop.run()
said["ended"] = True
stage.close()
print(json.dumps(said))
"""


def run(environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def test_draws_when_something_moves_and_only_then() -> None:
    said = run({"SDL_VIDEODRIVER": "offscreen"})
    assert said["idle_frames"] == 0
    assert said["key_frames"] > 1
    assert said["screens_made"] == 1
    assert said["clock"]
    assert said["ended"]

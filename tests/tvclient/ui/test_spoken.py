"""With the voice on, the real stage says the words of what has the focus: after a move, and when a key changed them."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
import json
from msgspec.structs import replace
from datetime import timedelta
from tvclient.ui.window import open_window
open_window(320, 180)
from tvclient.core.events import Key, KeyPressed
from tvclient.core.state import Language
from tvclient.core.step import step
from tvclient.ui import samples
from tvclient.ui.stage import Stage
from tvclient.ui.theme import register_face
register_face()
said = []
stage = Stage(lambda package: None, samples.caption_at, None, said.append)
samples_of = samples.states(Language.EN)
result = {}
def take(name):
    result[name] = list(said); said.clear()
state = samples_of["settings"]
stage.show(state)
stage.show(step(state, KeyPressed(Key.DOWN), state.now)[0])
take("off")
state = replace(state, labels=True)
stage.show(state)
take("on")
def press(key):
    global state
    state, _ = step(state, KeyPressed(key), state.now + timedelta(seconds=1))
    stage.show(state)
stage.show(replace(state, now=state.now + timedelta(milliseconds=100)))
take("nothing happened")
press(Key.DOWN); take("moved")
press(Key.OK); take("changed")
press(Key.DOWN); press(Key.DOWN); take("twice")
press(Key.OK); take("quieter")
later = replace(samples_of["today"], labels=True)
stage.show(later); take("today")
stage.show(replace(later, now=later.now + timedelta(minutes=2))); take("the clock went on")
stage.show(replace(samples_of["alert"], labels=True)); take("alert")
stage.close()
print(json.dumps(result))
"""


def test_what_is_said() -> None:
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["off"] == said["nothing happened"] == said["alert"] == said["the clock went on"] == []
    assert said["on"] == ["Language, English"]
    assert said["moved"] == ["Text size, Large"]
    assert said["changed"] == ["Text size, Standard"]
    assert said["twice"] == ["Read aloud, On", "Quieter, Volume 100"]
    assert said["quieter"] == ["Quieter, Volume 95"]
    assert "Fertilising by soil test" in said["today"][0]
    assert "[" not in said["today"][0]

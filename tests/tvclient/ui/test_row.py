"""A sentence with key caps: other words need no other widgets, however often they change, and they stand right."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("television-video")

PROGRAM = """
import gc, json
from tvclient.ui.window import open_window, step_until
open_window(640, 360)
from kivy.base import runTouchApp
from kivy.core.window import Window
from kivy.uix.widget import Widget
from tvclient.ui.theme import register_face
from tvclient.ui.widgets import Sentence
register_face()
runTouchApp(embedded=True)
sentence = Sentence(at=[0, 0, 1200, 60])
Window.add_widget(sentence)
def shows(text):
    sentence.text = text
    for _ in range(3):
        step_until(lambda: False, 0.02)
    return [
        [getattr(child, "key", "") or child.text, child.at[0], child.natural_width]
        for child in reversed(sentence.children)
        if child.natural_width
    ]
def widgets():
    gc.collect()
    return sum(isinstance(one, Widget) for one in gc.get_objects())
TEXTS = ("{green} to sign in", "Press {ok}, {back} to leave", "No key", "", "{yellow}")
first = [shows(text) for text in TEXTS]
before = widgets()
again = [[shows(text) for text in TEXTS] for _ in range(10)]
print(json.dumps({"first": first, "same": all(one == first for one in again), "more": widgets() - before}))
"""


def test_a_sentence_keeps_its_widgets() -> None:
    environment = os.environ | {"SDL_VIDEODRIVER": "offscreen", "LANGUAGE": "en"}
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert [[part for part, _left, _width in parts] for parts in said["first"]] == [
        ["green", "to sign in"],
        ["Press", "ok", ",", "back", "to leave"],
        ["No key"],
        [],
        ["yellow"],
    ]
    for parts in said["first"]:
        rights = [left + width for _part, left, width in parts]
        assert all(right < left for right, (_part, left, _width) in zip(rights, parts[1:], strict=False))
        assert not parts or parts[0][1] == 0
    assert said["same"]
    assert said["more"] == 0

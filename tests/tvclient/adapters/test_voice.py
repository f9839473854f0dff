"""The voice: a real espeak-ng that says when it reads; a newer word cuts the older; without it nothing happens."""

import shutil
import stat
from pathlib import Path

import pytest

from tests.tvclient.awaiting import eventually
from tvclient.adapters.voice import PROGRAM, EspeakVoice
from tvclient.core.events import Event, VoiceChanged

READING, SILENT = VoiceChanged(True), VoiceChanged(False)


def reader(tmp_path: Path, seconds: float) -> str:
    """A program in espeak-ng's place that keeps what it was told, and takes its time."""
    script = tmp_path / "reader"
    script.write_text(
        f'#!/bin/sh\necho "$@" >>"{tmp_path}/arguments"\ncat >>"{tmp_path}/text"\nexec sleep {seconds}\n', "utf-8"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return str(script)


@pytest.mark.parametrize(("text", "language"), [("冰雹红色预警。马上进屋。", "zh"), ("Red hail warning.", "en")])
def test_the_real_voice_reads_to_the_end(text: str, language: str) -> None:
    assert shutil.which(PROGRAM), "espeak-ng is not installed: .ci/setup"
    said: list[Event] = []
    voice = EspeakVoice(said.append, tone_s=0.0)
    voice.speak(text, language)
    eventually(lambda: said == [READING, SILENT], "the end of the text")
    voice.close()


def test_the_text_goes_in_by_standard_input_and_the_language_chooses_the_voice(tmp_path: Path) -> None:
    said: list[Event] = []
    voice = EspeakVoice(said.append, reader(tmp_path, 0), tone_s=0.0)
    voice.speak("--path=/etc 马上进屋", "en-US")
    eventually(lambda: said == [READING, SILENT], "the end")
    voice.close()
    assert (tmp_path / "text").read_text("utf-8") == "--path=/etc 马上进屋"
    assert (tmp_path / "arguments").read_text("utf-8").split() == ["-v", "en", "-s", "150", "--stdin"]


def test_it_waits_for_the_tone_and_a_hush_in_between_is_heard(tmp_path: Path) -> None:
    said: list[Event] = []
    voice = EspeakVoice(said.append, reader(tmp_path, 0), tone_s=30)
    voice.speak("never heard", "zh")
    voice.hush()
    voice.close()
    assert said == []
    assert not (tmp_path / "text").exists()


def test_a_newer_word_cuts_the_older_short_and_closing_ends_all(tmp_path: Path) -> None:
    said: list[Event] = []
    voice = EspeakVoice(said.append, reader(tmp_path, 60), tone_s=0.0)
    voice.speak("one ", "zh")
    eventually(lambda: (tmp_path / "text").exists() and (tmp_path / "text").read_text() == "one ", "the first")
    voice.speak("two ", "zh")
    eventually(lambda: (tmp_path / "text").read_text() == "one two ", "the second")
    voice.hush()
    eventually(lambda: said == [READING, SILENT, READING, SILENT], "silence")
    voice.speak("three ", "zh")
    eventually(lambda: (tmp_path / "text").read_text() == "one two three ", "the third")
    voice.close()
    assert said[-1] == SILENT


def test_words_of_what_has_the_focus_are_read_without_a_word_to_the_core(tmp_path: Path) -> None:
    said: list[Event] = []
    voice = EspeakVoice(said.append, reader(tmp_path, 60), tone_s=0.0)
    for words in ("今天", "本周节目", "设置"):
        voice.say(words, "zh-CN")
    heard = tmp_path / "text"
    eventually(lambda: heard.exists() and heard.read_text("utf-8").endswith("设置"), "the last words")
    assert said == []
    voice.speak("冰雹", "zh-CN")
    eventually(lambda: heard.read_text("utf-8").endswith("设置冰雹"), "the alert")
    eventually(lambda: said == [READING], "the alert is read")
    voice.close()


def test_without_a_voice_nothing_happens() -> None:
    said: list[Event] = []
    voice = EspeakVoice(said.append, "no-such-program")
    voice.speak("x", "zh")
    voice.hush()
    voice.close()
    assert said == []

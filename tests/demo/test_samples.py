"""The sample lessons: what is said is captioned, slides fit their lines, and a recording moves and speaks."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import ImageChops

from media_pipeline.captions import CaptionInput, read_captions
from media_pipeline.probe import probe
from tests.demo import samples
from tests.demo.samples import film
from tests.demo.samples.lessons import FRAUD, LESSONS, Lesson, Line
from tests.demo.samples.stage import Slide

LINES = [line for lesson in LESSONS for act in lesson.acts for line in act]
_DIGITS = {"15": 2, "20": 2, "1": 1, "62": 3, "18": 2, "243": 5, "22": 3, "10": 1, "96110": 5, "110": 3}


def drawn(lesson: Lesson) -> list[Slide]:
    """A lesson's slides."""
    return samples.SLIDES[lesson.slug]()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.text)
def test_every_character_is_spoken(line: Line) -> None:
    numbers = re.findall(r"\d+(?:\.\d+)?", line.text)
    heard = sum(_DIGITS[number] if "." not in number else 3 for number in numbers)
    heard += len(re.findall(r"[\u4e00-\u9fff]", line.text))
    assert len(re.findall(r"[a-zü]+[1-5]", line.say)) == heard


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.text)
def test_captions_are_two_lines_of_eighteen_at_most(line: Line) -> None:
    rows = line.text.split("\n")
    assert len(rows) <= 2
    assert all(len(row) <= 18 for row in rows)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_lines_follow_one_another_for_about_a_minute(lesson: Lesson, tmp_path: Path) -> None:
    lines, length_s = film.cues(lesson, tmp_path)
    assert 45 <= length_s <= 61
    assert all(a.start_s + a.spoken_s < b.start_s for a, b in pairwise(lines))
    path = tmp_path / "zh.vtt"
    path.write_text(film.captions(lines), encoding="utf-8")
    assert read_captions(CaptionInput(path, "zh")).text.count("-->") == len(lines)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.slug)
def test_slides_have_a_picture_for_every_line_and_move(lesson: Lesson, tmp_path: Path) -> None:
    lines, length_s = film.cues(lesson, tmp_path)
    slides = drawn(lesson)
    assert [len(slide.states) for slide in slides] == [len(act) for act in lesson.acts]
    for cue in lines:
        now = film.frame_at(lines, slides, length_s, cue.start_s + 1)
        later = film.frame_at(lines, slides, length_s, cue.start_s + 1.4)
        assert now.size == (1920, 1080)
        assert ImageChops.difference(now, later).getbbox() is not None


def test_a_recording_is_a_recording(tmp_path: Path) -> None:
    lines, _ = film.cues(FRAUD, tmp_path)
    recording = tmp_path / "short.mp4"
    film.record(lines, drawn(FRAUD), 3.0, tmp_path / "voice.wav", recording)
    facts = probe(recording)
    assert facts.picture is not None
    assert (facts.picture.width, facts.picture.height, facts.picture.frame_rate) == (1920, 1080, "25")
    (sound,) = facts.sounds
    assert sound.sample_rate == 48_000

"""What is made is played: by the television's player with either sound, from any moment, and by PyAV frame by frame."""

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from queue import Queue

import av
import numpy as np
import pytest

from media_pipeline.captions import CaptionInput
from media_pipeline.encode import program
from media_pipeline.manifest import Manifest, Rendition
from media_pipeline.transcode import Package, transcode
from schedules.airings import AiringId
from tests.tvclient.awaiting import eventually
from tvclient.adapters.player import MpvPlayer, PlayerEvent
from tvclient.core.events import PlayerCued, PlayerEnded
from tvclient.core.ports import Playable, Track

pytestmark = pytest.mark.xdist_group("play")

SECONDS, RATE = 40, 25
SEAM_S = 30
"""Where the second chunk begins."""
PITCHES = (330, 1200)
"""Hz of the first sound track and of the second."""
FLASH_S = 20
AIRING = AiringId("a")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Forty seconds, small: two tones, of which the first falls silent as the picture flashes; captions in Chinese."""
    folder = tmp_path_factory.mktemp("recording")
    flash = f"drawbox=color=white:thickness=fill:enable='between(t,{FLASH_S - 0.001},{FLASH_S + 0.999})'"
    hush = f"volume=0:enable='between(t,{FLASH_S},{FLASH_S + 1})'"
    argv = [program(), "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=s=160x90:r={RATE}:d={SECONDS},{flash}"]
    for pitch, filters in zip(PITCHES, (f",{hush}", ""), strict=True):
        argv += ["-f", "lavfi", "-i", f"sine={pitch}:r=48000:d={SECONDS}{filters}"]
    argv += ["-map", "0", "-map", "1", "-map", "2", "-metadata:s:a:0", "language=zho", "-metadata:s:a:1"]
    argv += ["language=eng", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*argv, str(folder / "two.mkv")], check=True, timeout=60, stdin=subprocess.DEVNULL)
    captions = folder / "two.vtt"
    captions.write_text("WEBVTT\n\n00:31.000 --> 00:33.000\n缺哪样补哪样。\n", encoding="utf-8")
    return transcode(folder / "two.mkv", folder / "out", [CaptionInput(captions, "zh")])


@pytest.fixture(scope="module")
def playable(made: Package) -> Playable:
    """The best rendition with everything that belongs to it."""
    manifest, place = made.manifest, made.path
    picture = pictures(manifest)[0]
    sounds = [sound for sound in manifest.sounds if sound.group == picture.sound]
    return Playable(
        place / picture.playlist,
        tuple(Track(place / sound.playlist, sound.language, sound.label) for sound in sounds),
        tuple(Track(place / track.path, track.language, track.label) for track in manifest.captions),
    )


def pictures(manifest: Manifest) -> list[Rendition]:
    return [rendition for rendition in manifest.renditions if rendition.kind == "video"]


class Watched:
    """The television's player with no window and no loudspeaker: a meter listens instead."""

    def __init__(self) -> None:
        self.said: Queue[PlayerEvent] = Queue()
        self.player = MpvPlayer(self.said.put)
        self.handle = self.player.handle
        self.handle["vo"] = self.handle["ao"] = "null"
        self.handle["af"] = "@ear:lavfi=[astats=metadata=1:reset=5]"

    def cue(self, playable: Playable, from_ms: int) -> None:
        self.player.stop()
        self.player.cue(AIRING, playable, from_ms)
        while self.said.get(timeout=30) != PlayerCued(AIRING):
            pass

    def hears(self, pitch: int) -> bool:
        """Whether a tone of about this pitch is heard, by how often it crosses zero."""
        try:
            measured = self.handle._get_property("af-metadata/ear")
        except RuntimeError:  # between two tracks there is no filter to ask
            return False
        if not measured:
            return False
        crossings = float(measured["lavfi.astats.1.Zero_crossings_rate"]) * 48000
        return abs(crossings / 2 / pitch - 1) < 0.1

    def steps(self, until_s: float) -> list[float]:
        """Moments of the pictures from here to there, one by one."""
        seen: list[float] = [self.handle.time_pos]
        while seen[-1] < until_s:
            self.handle.frame_step()
            self.handle.wait_for_property("time-pos", _other(seen[-1]), timeout=20)
            seen.append(self.handle.time_pos)
        return seen

    def seek(self, to_s: float) -> None:
        self.player.seek(round(to_s * 1000))
        self.handle.wait_for_property("time-pos", lambda at: at is not None and abs(at - to_s) < 0.2, timeout=20)
        self.handle.wait_for_property("seeking", lambda seeking: not seeking, timeout=20)

    def brightness(self) -> float:
        picture = self.handle.screenshot_raw().convert("L").resize((1, 1))
        return float(picture.getpixel((0, 0)))


def _other(before: float) -> Callable[[float | None], bool]:
    return lambda at: at is not None and at != before


@pytest.fixture
def watched() -> Iterator[Watched]:
    found = Watched()
    yield found
    found.player.close()


def test_the_package_has_what_is_tried_here(made: Package, playable: Playable) -> None:
    assert [(sound.language, sound.label) for sound in playable.sounds] == [("zh", "中文"), ("en", "English")]
    assert [track.language for track in playable.captions] == ["zh"]
    assert made.manifest.duration_ms == SECONDS * 1000


def test_either_sound_is_heard_and_they_change_places_at_once(watched: Watched, playable: Playable) -> None:
    watched.cue(playable, 5000)
    watched.player.play()
    for number in (0, 1, 0):
        watched.player.choose_sound(number)
        eventually(partial(watched.hears, PITCHES[number]), f"sound {number}")
        assert not watched.hears(PITCHES[1 - number])
    watched.player.choose_sound(2)
    watched.player.choose_sound(-1)
    at = watched.handle.time_pos
    eventually(lambda: watched.handle.time_pos > at + 0.5, "the next pictures")
    assert watched.hears(PITCHES[0])
    watched.player.choose_sound(1)
    eventually(lambda: watched.hears(PITCHES[1]), "the second sound")
    watched.cue(playable, 5000)
    watched.player.play()
    eventually(lambda: watched.hears(PITCHES[0]), "the first sound again, as a lesson begins")


def test_a_silent_lesson_and_one_of_one_sound_play(watched: Watched, playable: Playable) -> None:
    watched.cue(Playable(playable.playlist, playable.sounds[1:]), 1000)
    watched.player.play()
    eventually(lambda: watched.hears(PITCHES[1]), "the only sound")
    watched.cue(Playable(playable.playlist), 1000)
    assert not [track for track in watched.handle.track_list if track["type"] == "audio"]


@pytest.mark.parametrize("target_s", [0.52, 6.4, SEAM_S - 0.04, SEAM_S, 37.3])
def test_it_seeks_exactly(watched: Watched, made: Package, playable: Playable, target_s: float) -> None:
    watched.cue(playable, 12_000)
    watched.seek(target_s)
    assert 0 <= watched.handle.time_pos - target_s + 0.001 < 1 / pictures(made.manifest)[0].frame_rate + 0.002
    assert watched.handle.duration == pytest.approx(SECONDS, abs=0.1)


def test_over_the_seam_every_picture_comes_in_its_turn(watched: Watched, made: Package, playable: Playable) -> None:
    watched.cue(playable, round((SEAM_S - 1) * 1000))
    seen = watched.steps(SEAM_S + 1)
    length = 1 / pictures(made.manifest)[0].frame_rate
    assert [after - before for before, after in pairwise(seen)] == pytest.approx([length] * (len(seen) - 1), abs=0.001)


def test_over_the_seam_nothing_is_dropped_and_the_end_is_said(watched: Watched, playable: Playable) -> None:
    watched.cue(playable, round((SEAM_S - 1) * 1000))
    watched.player.play()
    eventually(lambda: watched.handle.time_pos > SEAM_S + 1, "the other side")
    assert watched.handle.decoder_frame_drop_count == 0
    assert abs(watched.handle.avsync) < 0.05
    watched.seek(SECONDS - 1)
    said = watched.said.get(timeout=20)
    while not isinstance(said, PlayerEnded):
        said = watched.said.get(timeout=20)
    assert said.position_ms == pytest.approx(SECONDS * 1000, abs=100)


def test_captions_are_those_of_the_moment(watched: Watched, playable: Playable) -> None:
    watched.cue(playable, 30_000)
    for at_s, text in ((30.5, ""), (31.5, "缺哪样补哪样。"), (33.5, "")):
        watched.seek(at_s)
        assert watched.player.caption(round(watched.handle.time_pos * 1000)) == text


def test_the_picture_flashes_when_the_sound_falls_silent(watched: Watched, made: Package, playable: Playable) -> None:
    watched.cue(playable, round((FLASH_S - 0.4) * 1000))
    while watched.brightness() < 230:
        watched.steps(watched.handle.time_pos + 0.001)
        assert watched.handle.time_pos < FLASH_S + 1
    assert watched.handle.time_pos == pytest.approx(FLASH_S, abs=0.5 / pictures(made.manifest)[0].frame_rate)
    track = next(sound for sound in made.manifest.sounds if sound.default)
    with av.open(str(made.path / track.playlist)) as container:
        hushed = [frame.time for frame in container.decode(audio=0) if np.abs(frame.to_ndarray()).max() < 0.001]
    start = next(at for at in hushed if at is not None and at > 1)
    assert start == pytest.approx(FLASH_S, abs=0.05)


def test_pyav_decodes_every_picture_of_every_rendition(made: Package) -> None:
    for place, rendition in enumerate(pictures(made.manifest)):
        for playlist, stream in ((rendition.playlist, 0), (made.manifest.master, place)):
            with av.open(str(made.path / playlist)) as container:
                moments = [frame.time for frame in container.decode(video=stream) if frame.time is not None]
            assert len(moments) == SECONDS * rendition.frame_rate
            steps = [after - before for before, after in pairwise(moments)]
            assert steps == pytest.approx([1 / rendition.frame_rate] * len(steps), abs=0.001)


def test_for_pyav_the_first_picture_is_at_the_beginning(made: Package) -> None:
    for rendition in pictures(made.manifest):
        with av.open(str(made.path / rendition.playlist)) as container:
            assert next(container.decode(video=0)).time == pytest.approx(0, abs=0.001)


def test_pyav_hears_both_sounds_of_the_master_playlist(made: Package) -> None:
    heard: dict[str, float] = {}
    with av.open(str(made.path / made.manifest.master)) as container:
        languages = [stream.metadata.get("language", "") for stream in container.streams.audio]
    for place, language in enumerate(languages):
        with av.open(str(made.path / made.manifest.master)) as container:
            samples = [
                sample
                for frame in container.decode(container.streams.audio[place])
                if frame.time is not None and 5 <= frame.time < 6
                for sample in frame.to_ndarray()[0].tolist()
            ]
        crossings = sum((before < 0) != (after < 0) for before, after in pairwise(samples))
        heard.setdefault(language, crossings * 48000 / len(samples) / 2)
    assert heard["zh"] == pytest.approx(PITCHES[0], rel=0.05)
    assert heard["en"] == pytest.approx(PITCHES[1], rel=0.05)

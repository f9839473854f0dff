"""From a recording to a package, with the real encoder: what comes out, twice the same, and nothing half."""

import subprocess
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from media_pipeline import folder
from media_pipeline.captions import CaptionInput
from media_pipeline.encode import program
from media_pipeline.errors import Code, DiskFull, EncodeFailed, Refused
from media_pipeline.manifest import encode_manifest, package_name
from media_pipeline.plan import LOUDNESS_LUFS, Plan
from media_pipeline.playlist import segments
from media_pipeline.transcode import Package, Progress, Stage, transcode
from media_pipeline.verify import verify_package
from tests.media_pipeline.conftest import film


class Enough(Exception):
    """Raised by a listener that wants no more."""


def test_the_package_is_whole_and_named_by_its_content(package: Package) -> None:
    written = (package.path / "manifest.json").read_bytes()
    assert written == encode_manifest(package.manifest)
    assert package.path.name == package.name == package_name(written)
    assert verify_package(package.path) == ()
    assert [path.name for path in package.path.parent.iterdir()] == [package.name]


def test_what_the_manifest_says(package: Package) -> None:
    manifest = package.manifest
    (rendition,) = manifest.renditions
    assert (rendition.name, rendition.width, rendition.height, rendition.frame_rate) == ("360p", 640, 360, 25.0)
    assert rendition.codecs.startswith("avc1.6400")
    assert rendition.codecs.endswith(",mp4a.40.2")
    assert rendition.peak_bps >= rendition.average_bps > 0
    assert rendition.segments == ("360p/seg-00000.m4s", "360p/seg-00001.m4s")
    assert abs(manifest.duration_ms - 7000) <= 60
    assert manifest.source.codec == "h264"
    assert manifest.made_with.encoder.startswith("ffmpeg n")
    assert [(track.language, track.label) for track in manifest.captions] == [("zh", "中文")]


@pytest.mark.parametrize("playlist", ["master.m3u8", "360p/index.m3u8"])
def test_every_picture_is_played(package: Package, playlist: str) -> None:
    with av.open(str(package.path / playlist)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    with av.open(str(package.path / playlist)) as container:
        sound_s = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert frames == 175
    assert abs(sound_s - 7) < 0.1


def test_segments_of_six_seconds_with_a_keyframe_every_two(package: Package) -> None:
    parts = segments((package.path / "360p/index.m3u8").read_text())
    assert [round(part.duration_s, 2) for part in parts] == [6.0, 1.0]
    with av.open(str(package.path / "360p/index.m3u8")) as container:
        times = [
            packet.pts * packet.time_base for packet in container.demux(video=0) if packet.is_keyframe and packet.pts
        ]
    assert [round(float(time - times[0]), 2) for time in times] == [0.0, 2.0, 4.0, 6.0]


def test_colours_are_tagged(package: Package) -> None:
    with av.open(str(package.path / "360p/index.m3u8")) as container:
        frame = next(container.decode(video=0))
    assert (frame.format.name, int(frame.colorspace), int(frame.color_range)) == ("yuv420p", 1, 1)


def test_sound_has_one_loudness(package: Package) -> None:
    argv = [program(), "-nostdin", "-hide_banner", "-i", str(package.path / "360p/index.m3u8")]
    said = subprocess.run(
        [*argv, "-af", "ebur128", "-f", "null", "-"], capture_output=True, text=True, check=True, timeout=30
    )
    measured = float(said.stderr.rsplit("I:", 1)[1].split("LUFS")[0])
    assert measured == pytest.approx(LOUDNESS_LUFS, abs=0.5)


def test_the_poster_shows_something(package: Package) -> None:
    with Image.open(package.path / "poster.jpg") as poster:
        assert poster.size == (640, 360)
        assert ImageStat.Stat(poster.convert("L")).stddev[0] > 20


def test_the_same_recording_gives_the_same_name(
    package: Package, clip: Path, captions: CaptionInput, tmp_path: Path
) -> None:
    moved = tmp_path / "another name.mp4"
    moved.write_bytes(clip.read_bytes())
    again = transcode(moved, tmp_path / "out", [captions])
    assert again.name == package.name


def test_making_it_again_in_the_same_place_keeps_the_first(
    clip: Path, captions: CaptionInput, package: Package
) -> None:
    made = (package.path / "manifest.json").stat().st_ino
    again = transcode(clip, package.path.parent, [captions])
    assert again.path == package.path
    assert (package.path / "manifest.json").stat().st_ino == made


def test_a_silent_film_with_odd_sides(tmp_path: Path) -> None:
    source = film(tmp_path / "silent.mkv", seconds=2, size="322x242", rate=50, sound=False)
    package = transcode(source, tmp_path / "out")
    (rendition,) = package.manifest.renditions
    assert "mp4a" not in rendition.codecs
    assert (rendition.width, rendition.height, rendition.frame_rate) == (322, 242, 25.0)
    with av.open(str(package.path / "master.m3u8")) as container:
        assert not container.streams.audio


def test_sound_that_is_all_silence(tmp_path: Path) -> None:
    source = tmp_path / "quiet.mp4"
    argv = [program(), "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=1:r=25"]
    argv += ["-f", "lavfi", "-i", "anullsrc=d=1", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", str(source)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    package = transcode(source, tmp_path / "out")
    assert "mp4a" in package.manifest.renditions[0].codecs


def test_two_rungs_are_cut_at_the_same_moments(tmp_path: Path) -> None:
    package = transcode(film(tmp_path / "a.mp4", seconds=2.5, size="854x480"), tmp_path / "out")
    lists = [segments((package.path / rendition.playlist).read_text()) for rendition in package.manifest.renditions]
    assert [rendition.name for rendition in package.manifest.renditions] == ["480p", "360p"]
    assert lists[0] == lists[1]


def test_progress_rises_to_one(clip: Path, tmp_path: Path) -> None:
    heard: list[Progress] = []
    transcode(clip, tmp_path / "out", progress=heard.append)
    fractions = [progress.fraction for progress in heard]
    assert fractions == sorted(fractions)
    assert (heard[0].stage, heard[0].fraction) == (Stage.PROBE, 0.0)
    assert (heard[-1].stage, heard[-1].fraction) == (Stage.DONE, 1.0)
    assert any(progress.stage is Stage.ENCODE and progress.eta_s is not None for progress in heard)


@pytest.mark.parametrize("stage", [Stage.LOUDNESS, Stage.ENCODE, Stage.SEAL])
def test_raising_from_progress_cancels_and_leaves_nothing(clip: Path, tmp_path: Path, stage: Stage) -> None:
    def listen(progress: Progress) -> None:
        if progress.stage is stage:
            raise Enough

    with pytest.raises(Enough):
        transcode(clip, tmp_path / "out", progress=listen)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_a_dead_maker_left_is_swept_and_a_living_one_is_spared(clip: Path, tmp_path: Path) -> None:
    dead = tmp_path / ".making-dead"
    dead.mkdir()
    (dead / "seg-00000.m4s").write_bytes(b"half")
    with folder.workshop(tmp_path) as living:
        assert not dead.exists()
        package = transcode(clip, tmp_path)
        assert living.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == [package.name]


def test_a_refusal_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "letter.mp4"
    source.write_text("not a lesson")
    with pytest.raises(Refused):
        transcode(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_room_is_said_before_encoding(clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Plan, "expected_bytes", property(lambda _: 1 << 60))
    with pytest.raises(DiskFull) as caught:
        transcode(clip, tmp_path / "out")
    assert caught.value.code is Code.DISK_FULL
    assert list((tmp_path / "out").iterdir()) == []


def test_a_failed_encoder_keeps_what_it_was_asked_and_what_it_said(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_pipeline.command.PROTOCOLS", "pipe")
    with pytest.raises(EncodeFailed) as caught:
        transcode(clip, tmp_path / "out")
    assert f"file:{clip.resolve()}" in caught.value.argv
    assert "not on whitelist" in caught.value.stderr_tail
    assert list((tmp_path / "out").iterdir()) == []

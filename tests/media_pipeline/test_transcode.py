"""From a recording to a package, with the real encoder: what comes out, twice the same, and nothing half."""

import subprocess
from pathlib import Path

import av
import pytest
from PIL import Image, ImageStat

from media_pipeline import folder
from media_pipeline.captions import CaptionInput
from media_pipeline.encode import program
from media_pipeline.errors import Busy, Code, DiskFull, EncodeFailed, Refused
from media_pipeline.manifest import Rendition, encode_manifest, package_name
from media_pipeline.plan import LOUDNESS_LUFS, TRUE_PEAK_DBTP, Plan
from media_pipeline.playlist import segments
from media_pipeline.remarks import RemarkCode
from media_pipeline.transcode import Package, Progress, SoundInput, Stage, transcode
from media_pipeline.verify import verify_package
from tests.media_pipeline.conftest import film
from tests.media_pipeline.recordings import ODD


class Enough(Exception):
    """Raised by a listener that wants no more."""


@pytest.fixture(scope="module")
def brief(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds, small, with a tone."""
    return film(tmp_path_factory.mktemp("brief") / "brief.mp4", size="160x90")


def pictures(package: Package) -> list[Rendition]:
    return [rendition for rendition in package.manifest.renditions if rendition.kind == "video"]


def remarks(package: Package) -> set[RemarkCode]:
    return {remark.code for remark in package.manifest.remarks}


def test_the_package_is_whole_and_named_by_its_content(package: Package) -> None:
    written = (package.path / "manifest.json").read_bytes()
    assert written == encode_manifest(package.manifest)
    assert package.path.name == package.name == package_name(written)
    assert verify_package(package.path) == ()
    assert [path.name for path in package.path.parent.iterdir()] == [package.name]


def test_what_the_manifest_says(package: Package) -> None:
    manifest = package.manifest
    assert [rendition.name for rendition in manifest.renditions] == ["90p", "low", "sound"]
    first, low, alone = manifest.renditions
    assert (first.width, first.height, first.frame_rate) == (160, 90, 20.0)
    assert (low.frame_rate, low.sound, alone.sound) == (10.0, "low", "low")
    assert first.codecs.startswith("avc1.6400")
    assert first.codecs.endswith(",mp4a.40.2")
    assert all(rendition.peak_bps >= rendition.average_bps > 0 for rendition in manifest.renditions)
    assert 0 < (first.vmaf or 0) <= 100
    assert {(sound.group, sound.language) for sound in manifest.sounds} == {
        (group, language) for group in ("main", "low") for language in ("zh", "en")
    }
    assert [chapter.title for chapter in manifest.chapters] == ["缺哪样", "补哪样"]
    assert [(track.language, track.label, track.cues) for track in manifest.captions] == [("zh", "中文", 2)]
    assert manifest.made_with.encoder.startswith("ffmpeg n")


def test_the_weak_line_and_the_sound_alone_are_cheap(package: Package) -> None:
    low = next(rendition for rendition in package.manifest.renditions if rendition.name == "low")
    alone = next(rendition for rendition in package.manifest.renditions if rendition.kind == "audio")
    assert low.average_bps <= 200_000
    assert alone.average_bps <= 60_000


def test_every_picture_is_played(package: Package) -> None:
    for rendition in pictures(package):
        with av.open(str(package.path / rendition.playlist)) as container:
            frames = sum(1 for _ in container.decode(video=0))
        assert frames == 32 * rendition.frame_rate
    with av.open(str(package.path / "master.m3u8")) as container:
        assert len(container.streams.audio) >= 2
        sound_s = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert sound_s == pytest.approx(32, abs=0.1)


def test_segments_of_six_seconds_with_a_keyframe_every_two_in_every_rendition(package: Package) -> None:
    for rendition in pictures(package):
        parts = segments((package.path / rendition.playlist).read_text())
        assert [round(part.duration_s, 2) for part in parts] == [6.0] * 5 + [2.0]
        with av.open(str(package.path / rendition.playlist)) as container:
            packets = container.demux(video=0)
            times = [float(one.pts * one.time_base) for one in packets if one.is_keyframe and one.pts is not None]
        assert times == pytest.approx([2.0 * number for number in range(16)], abs=0.01)


def test_colours_are_tagged(package: Package) -> None:
    with av.open(str(package.path / pictures(package)[0].playlist)) as container:
        frame = next(container.decode(video=0))
    assert (frame.format.name, int(frame.colorspace), int(frame.color_range)) == ("yuv420p", 1, 1)


def test_every_sound_has_one_loudness_as_it_is_heard(package: Package) -> None:
    for sound in package.manifest.sounds:
        argv = [program(), "-nostdin", "-hide_banner", "-i", str(package.path / sound.playlist)]
        said = subprocess.run(
            [*argv, "-af", "ebur128=peak=true", "-f", "null", "-"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        summary = said.stderr.rsplit("Summary", 1)[1]
        loudness = float(summary.split("I:")[1].split("LUFS")[0])
        peak = float(summary.split("Peak:")[1].split("dBFS")[0])
        assert loudness == pytest.approx(LOUDNESS_LUFS, abs=0.5)
        assert loudness == pytest.approx(sound.loudness_lufs, abs=0.15)
        assert peak <= TRUE_PEAK_DBTP


def test_sharp_peaks_are_held_without_changing_the_loudness(tmp_path: Path) -> None:
    """A quiet voice with claps: one gain alone would bring the claps far above full scale."""
    source = tmp_path / "claps.wav"
    claps = "aevalsrc='if(lt(mod(t,3),0.003),0.9*sin(2*PI*800*t),0)':s=48000:d=12[b]"
    quiet = f"sine=300:r=48000:d=12,volume=-42dB[a];{claps}"
    argv = [program(), "-v", "error", "-filter_complex", f"{quiet};[a][b]amix=inputs=2:normalize=0", str(source)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    (sound,) = transcode(source, tmp_path / "out").manifest.sounds
    assert sound.loudness_lufs == pytest.approx(LOUDNESS_LUFS, abs=0.5)
    assert sound.true_peak_dbtp is not None
    assert sound.true_peak_dbtp <= TRUE_PEAK_DBTP


def test_the_poster_and_the_thumbnails_show_something(package: Package) -> None:
    with Image.open(package.path / "poster.jpg") as poster:
        assert poster.size == (160, 90)
        assert ImageStat.Stat(poster.convert("L")).stddev[0] > 20
    sheets = package.manifest.thumbnails
    assert sheets is not None
    with Image.open(package.path / sheets.sheets[0]) as sheet:
        assert sheet.width % sheets.width == sheet.height % sheets.height == 0
        assert ImageStat.Stat(sheet.convert("L")).stddev[0] > 20


def test_the_same_recording_gives_the_same_name(
    package: Package, clip: Path, captions: CaptionInput, tmp_path: Path
) -> None:
    moved = tmp_path / "another name.mkv"
    moved.write_bytes(clip.read_bytes())
    assert transcode(moved, tmp_path / "out", [captions], workers=1).name == package.name


def test_a_dubbing_in_a_file_of_its_own_is_another_track(brief: Path, tmp_path: Path) -> None:
    dubbing = tmp_path / "dubbing.m4a"
    argv = [program(), "-v", "error", "-f", "lavfi", "-i", "sine=900:d=3", str(dubbing)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    package = transcode(brief, tmp_path / "out", audio=[SoundInput(dubbing, "yue")])
    assert [(sound.language, sound.default) for sound in package.manifest.sounds] == [("", True), ("yue", False)]
    assert 'LANGUAGE="yue"' in (package.path / "master.m3u8").read_text()
    silent = film(tmp_path / "silent.mp4", seconds=1, size="160x90", sound=False)
    with pytest.raises(Refused) as caught:
        transcode(brief, tmp_path / "out", audio=[SoundInput(silent, "yue")])
    assert caught.value.code is Code.NO_SOUND


def test_light_of_a_phone_is_brought_down_without_being_crushed(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    package = transcode(ODD["hdr_pq"].make(tmp_path / "in"), tmp_path / "out")
    assert RemarkCode.HDR_CONVERTED in remarks(package)
    with av.open(str(package.path / pictures(package)[0].playlist)) as container:
        frame = next(container.decode(video=0))
    assert int(frame.color_trc) == 1
    with Image.open(package.path / "poster.jpg") as poster:
        lightness = ImageStat.Stat(poster.convert("L"))
    assert 40 < lightness.mean[0] < 200
    assert lightness.stddev[0] > 25


@pytest.mark.parametrize(
    "name",
    ["rotated", "variable_mkv", "jumping_times"]
    + [pytest.param(one, marks=pytest.mark.long) for one in ("interlaced_ts", "no_times")],
)
def test_odd_recordings_last_as_long_as_they_should(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    package = transcode(ODD[name].make(tmp_path / "in"), tmp_path / "out")
    for rendition in pictures(package):
        with av.open(str(package.path / rendition.playlist)) as container:
            seconds = sum(1 for _ in container.decode(video=0)) / rendition.frame_rate
        assert seconds == pytest.approx(package.manifest.duration_ms / 1000, abs=2 / rendition.frame_rate)
    if name == "rotated":
        assert pictures(package)[0].height > pictures(package)[0].width
    if name == "interlaced_ts":
        assert RemarkCode.DEINTERLACED in remarks(package)


def test_sound_alone_plays_under_its_poster(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    package = transcode(ODD["cover_mp3"].make(tmp_path / "in"), tmp_path / "out")
    (picture,) = pictures(package)
    assert package.manifest.content == "sound"
    assert picture.average_bps < 200_000
    with av.open(str(package.path / picture.playlist)) as container:
        assert sum(1 for _ in container.decode(video=0)) == pytest.approx(
            package.manifest.duration_ms / 1000 * picture.frame_rate, abs=1
        )


def test_what_breaks_off_is_kept_as_far_as_it_plays(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    package = transcode(ODD["cut_mp4"].make(tmp_path / "in"), tmp_path / "out")
    assert RemarkCode.CUT_SHORT in remarks(package)
    assert 3000 < package.manifest.duration_ms < 4000


def test_a_picture_that_ends_long_before_the_sound_stands_to_the_end(tmp_path: Path) -> None:
    source = tmp_path / "short.mp4"
    argv = [
        program(),
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=160x90:r=10:d=4",
        "-f",
        "lavfi",
        "-i",
        "sine=d=70",
    ]
    argv += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(source)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    package = transcode(source, tmp_path / "out")
    assert RemarkCode.PICTURE_ENDS_EARLY in remarks(package)
    assert package.manifest.duration_ms == pytest.approx(70_000, abs=100)


def test_a_slide_shown_before_its_time_would_be_a_lie(tmp_path: Path) -> None:
    """In MP4 a picture after a long pause is decoded long before it is shown, and seeking leads to it too early."""
    source = tmp_path / "gap.mp4"
    argv = [program(), "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=10:d=96"]
    argv += ["-vf", "select='lt(t,20)+between(t,70,71)+gt(t,85)'", "-fps_mode", "vfr", "-c:v", "libx264", "-bf", "2"]
    subprocess.run([*argv, "-pix_fmt", "yuv420p", str(source)], check=True, timeout=60, stdin=subprocess.DEVNULL)
    package = transcode(source, tmp_path / "out")
    with av.open(str(package.path / pictures(package)[0].playlist)) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and frame.time >= 45:
                break
        seen = frame.to_ndarray(format="gray")[20:70, 20:140].astype(float)
    wanted = []
    for moment in (19.5, 70.5):
        with av.open(str(source)) as container:
            shown = next(one for one in container.decode(video=0) if one.time is not None and one.time >= moment)
            small = shown.reformat(width=160, height=90).to_ndarray(format="gray")[20:70, 20:140].astype(float)
        wanted.append(abs(seen - small).mean())
    assert wanted[0] < wanted[1]


def test_a_square_cover_stays_square(tmp_path: Path) -> None:
    cover, source = tmp_path / "cover.png", tmp_path / "song.mp3"
    Image.new("RGB", (300, 300), "#ff0000").save(cover)
    argv = [program(), "-v", "error", "-f", "lavfi", "-i", "sine=d=2", "-i", str(cover), "-map", "0", "-map", "1"]
    argv += ["-c:a", "libmp3lame", "-c:v", "copy", "-disposition:v", "attached_pic", str(source)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    package = transcode(source, tmp_path / "out")
    with Image.open(package.path / "poster.jpg") as poster:
        middle = poster.convert("RGB").getchannel("R").crop((0, 360, poster.width, 361))
        red = [level for level in middle.tobytes() if level > 150]
        height = poster.height
    assert len(red) == pytest.approx(height, abs=4)


def test_two_channels_of_one_voice_are_one(tmp_path: Path) -> None:
    source = tmp_path / "voice.wav"
    argv = [program(), "-v", "error", "-f", "lavfi", "-i", "sine=d=2", "-ac", "2", str(source)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    (sound,) = transcode(source, tmp_path / "out").manifest.sounds
    assert sound.channels == 1


def test_captions_of_one_language_twice_are_refused(brief: Path, captions: CaptionInput, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        transcode(brief, tmp_path / "out", [captions, captions])
    assert caught.value.code is Code.BAD_CAPTIONS


def test_a_package_that_was_damaged_is_made_again(brief: Path, tmp_path: Path) -> None:
    package = transcode(brief, tmp_path)
    (package.path / "poster.jpg").write_bytes(b"")
    assert transcode(brief, tmp_path).name == package.name
    assert verify_package(package.path) == ()


def test_a_relative_destination(brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert transcode(brief, Path("packages")).path.is_absolute()


def test_no_variant_peaks_above_twice_its_average(tmp_path: Path) -> None:
    """Half a minute of nothing, then a storm."""
    source = tmp_path / "storm.mp4"
    calm = "color=c=gray:s=320x180:r=10:d=40"
    storm = "testsrc2=s=320x180:r=10:d=8,noise=alls=60:allf=t"
    argv = [program(), "-v", "error", "-f", "lavfi", "-i", calm, "-f", "lavfi", "-i", storm]
    argv += ["-filter_complex", "[0][1]concat=n=2", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "20", str(source)]
    subprocess.run(argv, check=True, timeout=60, stdin=subprocess.DEVNULL)
    for rendition in pictures(transcode(source, tmp_path / "out")):
        assert rendition.peak_bps <= max(2.05 * rendition.average_bps, 200_000)


def test_a_silent_film_with_odd_sides(tmp_path: Path) -> None:
    source = film(tmp_path / "silent.mkv", seconds=2, size="322x242", rate=50, sound=False)
    package = transcode(source, tmp_path / "out")
    first = pictures(package)[0]
    assert all("mp4a" not in rendition.codecs for rendition in package.manifest.renditions)
    assert (first.width, first.height, first.frame_rate) == (322, 242, 25.0)
    with av.open(str(package.path / "master.m3u8")) as container:
        assert not container.streams.audio


def test_sound_that_is_all_silence(tmp_path: Path) -> None:
    source = tmp_path / "quiet.mp4"
    inputs = ["-f", "lavfi", "-i", "testsrc2=s=160x90:d=2", "-f", "lavfi", "-i", "anullsrc=d=2"]
    argv = [program(), "-v", "error", *inputs, "-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", str(source)]
    subprocess.run(argv, check=True, timeout=30, stdin=subprocess.DEVNULL)
    package = transcode(source, tmp_path / "out")
    assert {sound.loudness_lufs for sound in package.manifest.sounds} == {None}
    assert RemarkCode.SILENCE not in remarks(package)


def test_progress_rises_to_one(brief: Path, tmp_path: Path) -> None:
    heard: list[Progress] = []
    transcode(brief, tmp_path / "out", progress=heard.append)
    fractions = [progress.fraction for progress in heard]
    assert fractions == sorted(fractions)
    assert (heard[0].stage, heard[0].fraction) == (Stage.PROBE, 0.0)
    assert (heard[-1].stage, heard[-1].fraction) == (Stage.DONE, 1.0)
    assert {progress.stage for progress in heard} == set(Stage)


@pytest.mark.parametrize("stage", [Stage.SURVEY, Stage.SEARCH, Stage.ENCODE, Stage.SEAL])
def test_raising_from_progress_cancels_and_leaves_no_package(brief: Path, tmp_path: Path, stage: Stage) -> None:
    def listen(progress: Progress) -> None:
        if progress.stage is stage:
            raise Enough

    with pytest.raises(Enough):
        transcode(brief, tmp_path / "out", progress=listen)
    assert [path.name[:8] for path in (tmp_path / "out").iterdir()] == [".making-"]


def test_two_at_once_in_one_place_are_told_apart(brief: Path, tmp_path: Path) -> None:
    def listen(progress: Progress) -> None:
        if progress.stage is Stage.SEARCH:
            transcode(brief, tmp_path / "out")

    with pytest.raises(Busy):
        transcode(brief, tmp_path / "out", progress=listen)


def test_what_was_left_is_swept_after_a_week_and_a_living_maker_is_spared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with folder.workshop(tmp_path, "fresh"):
        pass
    with folder.workshop(tmp_path, "living"):
        monkeypatch.setattr(folder, "KEPT_S", -1)
        folder.sweep(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [".making-living"]


def test_a_refusal_leaves_nothing(tmp_path: Path) -> None:
    source = tmp_path / "letter.mp4"
    source.write_text("not a lesson")
    with pytest.raises(Refused):
        transcode(source, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_no_room_is_said_before_encoding(brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Plan, "expected_bytes", property(lambda _: 1 << 60))
    with pytest.raises(DiskFull) as caught:
        transcode(brief, tmp_path / "out")
    assert caught.value.code is Code.DISK_FULL


def test_a_failed_encoder_keeps_what_it_was_asked_and_what_it_said(
    brief: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("media_pipeline.allowed.PROTOCOLS", "pipe")
    with pytest.raises(EncodeFailed) as caught:
        transcode(brief, tmp_path / "out")
    assert any(word.startswith("file:") and word.endswith("/source-0") for word in caught.value.argv)
    assert "not on whitelist" in caught.value.stderr_tail

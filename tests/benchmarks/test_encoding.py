"""The benchmark's own reckoning: a measure that is wrong is worse than none."""

from pathlib import Path

import pytest

from media_pipeline.playlist import Segment
from tests.benchmarks import delivered, encoding, yardstick
from tests.benchmarks.delivered import Loudness, Quality, Variant
from tests.benchmarks.encoding import Measured, RungQuality
from tests.benchmarks.measure import Cost


def test_the_5th_percentile_is_of_the_worst_frames() -> None:
    assert delivered.pooled([float(score) for score in range(101)]) == Quality(50.0, 5.0)
    assert delivered.pooled([90.0]) == Quality(90.0, 90.0)


def test_quality_lacks_what_it_lacks_most() -> None:
    assert Quality(95, 88).lacks(Quality(94, 91)) == 3
    assert Quality(95, 92).lacks(Quality(94, 91)) == -1


def test_a_peak_is_of_segments_that_last_about_a_target_duration() -> None:
    parts = [Segment("a", 6.0), Segment("b", 6.0), Segment("c", 1.0)]
    peak, average = delivered.peak_and_average(parts, [600, 1200, 900])
    assert peak == pytest.approx((1200 + 900) * 8 / 7)
    assert average == pytest.approx(2700 * 8 / 13)


@pytest.mark.parametrize(
    ("peak", "average", "kept"), [(1090, 820, True), (1110, 820, False), (1000, 690, False), (910, 720, True)]
)
def test_a_variant_keeps_its_word_within_a_tenth(peak: float, average: float, kept: bool) -> None:
    variant = Variant(name="720p", bandwidth=1000, average_bandwidth=800, peak_bps=peak, average_bps=average)
    assert variant.kept_word is kept


def test_a_peak_is_at_most_twice_the_average() -> None:
    variant = Variant(name="720p", bandwidth=1700, average_bandwidth=800, peak_bps=1700, average_bps=800)
    assert not variant.kept_word


def test_variants_are_read_from_the_written_files(tmp_path: Path) -> None:
    for folder, sizes in (
        ("720p", (60_000, 30_000)),
        ("sound/main-0", (6_000, 6_000)),
        ("sound/low-0", (3_000, 3_000)),
    ):
        home = tmp_path / folder
        home.mkdir(parents=True)
        lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:6"]
        for number, size in enumerate(sizes):
            (home / f"{number}.m4s").write_bytes(bytes(size))
            lines += ["#EXTINF:6.0,", f"{number}.m4s"]
        (home / "index.m3u8").write_text("\n".join(lines))
    master = [
        "#EXTM3U",
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="main",NAME="1",URI="sound/main-0/index.m3u8"',
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="low",NAME="1",URI="sound/low-0/index.m3u8"',
        '#EXT-X-STREAM-INF:BANDWIDTH=88000,AVERAGE-BANDWIDTH=68000,CODECS="avc1.64001f,mp4a.40.2",AUDIO="main"',
        "720p/index.m3u8",
        '#EXT-X-STREAM-INF:BANDWIDTH=4000,AVERAGE-BANDWIDTH=4000,CODECS="mp4a.40.2",AUDIO="low"',
        "sound/low-0/index.m3u8",
    ]
    (tmp_path / "master.m3u8").write_text("\n".join(master))
    picture, sound = delivered.variants(tmp_path)
    assert (picture.name, picture.peak_bps, picture.average_bps) == ("720p", 88_000, 68_000)
    assert (sound.name, sound.peak_bps, sound.average_bps) == ("sound/low-0", 4_000, 4_000)


@pytest.mark.parametrize(("integrated", "peak", "right"), [(-23.5, -1, True), (-23.4, -3, False), (-24, -0.9, False)])
def test_loudness_is_right_within_half_a_unit(integrated: float, peak: float, right: bool) -> None:
    assert Loudness("main-0", integrated, peak).right is right


def test_the_fixed_ladder_is_the_one_named() -> None:
    assert {rung.name: rung.bps for rung in yardstick.LADDER} == {
        "1080p": 4_500_000,
        "720p": 3_000_000,
        "540p": 2_000_000,
        "360p": 730_000,
    }
    argv = yardstick.command(yardstick.LADDER[-1], Path("lesson.mp4"))
    assert argv[argv.index("-maxrate") + 1] == "803000"
    assert argv[argv.index("-bufsize") + 1] == "1460000"
    assert yardstick.nominal_bytes(8) == 10_230_000


def test_totals_are_sums_over_sums_and_shares_count() -> None:
    lines = {
        (line.name, line.against): line for line in encoding.results([_measured("slides", 10), _measured("field", 90)])
    }
    values = {name: line.value for (name, against), line in lines.items() if "nominal" not in against}
    assert values["package bytes, slides"] == pytest.approx(0.1)
    assert values["package bytes, whole corpus"] == pytest.approx(0.5)
    assert values["wall time, 2 workers, analysis included"] == pytest.approx(0.5)
    assert values["rungs with VMAF no lower, mean and 5th percentile"] == 0.5
    assert values["rungs with VMAF at most 1 point lower"] == 0.5
    assert values["VMAF points lacking, worst rung"] == 2
    assert values["sound tracks within 0.5 LU, peak below -1 dBTP"] == 1


def _measured(kind: str, size: int) -> Measured:
    return Measured(
        name=kind,
        kind=kind,
        seconds=60,
        package_bytes=size,
        ladder_bytes=100,
        nominal_bytes=200,
        ours=(Cost(30, 50),),
        theirs=(Cost(60, 100),),
        rungs=(
            RungQuality("720p", Quality(93, 90), Quality(92, 89)),
            RungQuality("360p", Quality(80, 70), Quality(80, 72)),
        ),
        variants=(Variant(name="720p", bandwidth=1000, average_bandwidth=800, peak_bps=1000, average_bps=800),),
        loudness=(Loudness("main-0", -24.1, -2),),
    )

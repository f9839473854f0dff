"""What a lesson's page says of a package: every remark in words of both languages, figures, problems first."""

import pytest
from babel import Locale
from flask import Flask
from flask_babel import Babel, force_locale

import contentserver
from contentserver.courses import facts, words
from contentserver.courses.rules import LessonState
from media_pipeline import languages
from media_pipeline.errors import Code
from media_pipeline.manifest import (
    CaptionTrack,
    MadeWith,
    Manifest,
    PackageFile,
    Rendition,
    Sounding,
    SourceFacts,
)
from media_pipeline.meter import Stage
from media_pipeline.remarks import Remark, RemarkCode

CHINESE, ENGLISH = Locale.parse("zh_CN"), Locale.parse("en")
CHINESE.script = None


@pytest.fixture(scope="module")
def app() -> Flask:
    made = Flask(contentserver.__name__)
    Babel(made, default_translation_directories="translations")
    return made


def rendition(name: str, size: int, *, height: int = 0, sound: str = "main", vmaf: float | None = None) -> Rendition:
    return Rendition(
        name=name,
        kind="video" if height else "audio",
        width=height * 16 // 9,
        height=height,
        frame_rate=12.5 if height else 0.0,
        codecs="avc1.640028,mp4a.40.2",
        peak_bps=300_000,
        average_bps=284_496,
        playlist=f"{name}/index.m3u8",
        bytes=size,
        sound=sound,
        vmaf=vmaf,
    )


def sounding(group: str, size: int, language: str = "zh", loudness: float | None = -24.0) -> Sounding:
    return Sounding(
        group=group,
        language=language,
        label=languages.name(language),
        default=True,
        channels=2,
        codecs="mp4a.40.2",
        peak_bps=80_000,
        average_bps=64_000,
        playlist=f"sound/{group}-0/index.m3u8",
        init=f"sound/{group}-0/init.mp4",
        segments=(),
        bytes=size,
        loudness_lufs=loudness,
        true_peak_dbtp=None if loudness is None else -3.0,
    )


def manifest(
    remarks: tuple[Remark, ...] = (),
    renditions: tuple[Rendition, ...] = (rendition("720p", 1_000_000, height=720, vmaf=95.0),),
    sounds: tuple[Sounding, ...] = (sounding("main", 250_000),),
    captions: tuple[CaptionTrack, ...] = (CaptionTrack("zh", "中文", "captions/zh.vtt", "captions/zh.m3u8", 412),),
) -> Manifest:
    return Manifest(
        duration_ms=60_000,
        renditions=renditions,
        files=(PackageFile("master.m3u8", 1, "0" * 64),),
        made_with=MadeWith("ffmpeg", "2"),
        source=SourceFacts(60_000, 1, "h264"),
        captions=captions,
        sounds=sounds,
        remarks=remarks,
    )


def test_nothing_that_can_be_told_lacks_its_words() -> None:
    assert set(words.REMARKS) == set(RemarkCode)
    assert set(words.FAILURES) >= set(Code)
    assert set(words.STAGES) >= set(Stage)
    assert set(words.STATES) == set(words.MARKS) == set(LessonState)


def test_a_language_to_choose_is_one_that_the_pipeline_knows_by_name() -> None:
    assert [tag for tag in words.LANGUAGES if languages.TAG.fullmatch(tag) is None or languages.name(tag) == tag] == []


@pytest.mark.parametrize("code", RemarkCode)
@pytest.mark.parametrize("locale", [CHINESE, ENGLISH], ids=["zh", "en"])
def test_every_remark_is_a_sentence_in_both_languages(app: Flask, code: RemarkCode, locale: Locale) -> None:
    remark = Remark(code, at_ms=61_000, length_ms=4_000, count=7, track="zh", detail="25 > 25/2")
    with app.test_request_context(), force_locale(locale):
        told = [check for check in facts.checks(manifest((remark,))) if check.moments]
        assert len(told) == 1
        assert told[0].mark == ("risk" if code in facts.PROBLEMS else "note")
        assert told[0].moments == (facts.Moment(61_000, "01:01", "4 秒" if locale is CHINESE else "4 s"),)
        assert "%(" not in told[0].sentence
        chinese = any("一" <= letter <= "鿿" for letter in told[0].sentence)
        assert chinese == (locale is CHINESE), told[0].sentence


def test_problems_come_first_and_the_same_remark_is_told_once_with_all_its_moments(app: Flask) -> None:
    remarks = (
        Remark(RemarkCode.DEINTERLACED),
        Remark(RemarkCode.SILENCE, at_ms=90_000, length_ms=4_000, track="zh"),
        Remark(RemarkCode.SILENCE, at_ms=5_000, length_ms=3_000, track="zh"),
        Remark(RemarkCode.RATE_LOWERED, detail="25 > 25/2"),
    )
    with app.test_request_context(), force_locale(ENGLISH):
        told = facts.checks(manifest(remarks))
    assert [check.mark for check in told] == ["risk", "good", "good", "good", "note", "note"]
    assert told[0].sentence == "Mandarin: Silence. Listen to it once."
    assert [moment.at for moment in told[0].moments] == ["00:05", "01:30"]
    assert told[1].sentence == "Mandarin: Loudness −24.0 LUFS, true peak −3.0 dBTP"
    assert told[2].sentence == "Mandarin: 412 captions, each at most two lines"
    assert told[-1].sentence == "Little moves: the frame rate was lowered, 25 → 12.5"


@pytest.mark.parametrize(("loudness", "mark"), [(-24.5, "good"), (-23.4, "risk"), (-27.0, "risk")])
def test_a_wrong_loudness_is_a_problem(app: Flask, loudness: float, mark: str) -> None:
    with app.test_request_context(), force_locale(ENGLISH):
        told = facts.checks(manifest(sounds=(sounding("main", 1, loudness=loudness),)))
    assert [check.mark for check in told if "LUFS" in check.sentence] == [mark]


def test_a_lesson_without_captions_or_end_is_said_to_be_so(app: Flask) -> None:
    cut = Remark(RemarkCode.CUT_SHORT, length_ms=65_000)
    with app.test_request_context(), force_locale(ENGLISH):
        told = [check.sentence for check in facts.checks(manifest((cut,), captions=())) if check.mark == "risk"]
    assert told[0].endswith("About 1 min 05 s are missing.")
    assert told[1:] == ["No captions"]


def test_a_rendition_weighs_what_a_television_fetches_and_takes_its_time(app: Flask) -> None:
    renditions = (
        rendition("720p", 1_000_000, height=720, vmaf=95.0),
        rendition("low", 100_000, sound="low", vmaf=61.5, height=360),
        rendition("720p-hevc", 50_000, height=720),
        rendition("sound", 0, sound="low"),
    )
    tracks = (sounding("main", 250_000), sounding("main", 200_000, "hsn"), sounding("low", 150_000))
    with app.test_request_context(), force_locale(ENGLISH):
        rows = facts.rendition_rows(manifest(renditions=renditions, sounds=tracks))
        assert [row.bytes for row in rows] == [1_250_000, 250_000, 300_000, 150_000]
        assert [row.line_ms for row in rows] == [10_000, 2_000, 2_400, 1_200]
        assert [row.label for row in rows] == ["720p", "Weak line", "720p HEVC", "Sound alone"]
        assert [row.extra for row in rows] == ["", "", "HEVC", ""]
        assert [row.quality for row in rows] == ["Like the recording", "Readable", "", ""]
        smallest = facts.smallest_with_picture(rows)
        assert smallest is not None
        assert smallest.label == "Weak line"


@pytest.mark.parametrize(
    ("milliseconds", "written"), [(0, "00:00"), (59_999, "00:59"), (1_865_000, "31:05"), (3_725_000, "1:02:05")]
)
def test_a_moment_is_written_as_a_clock(milliseconds: int, written: str) -> None:
    assert facts.clock(milliseconds) == written


@pytest.mark.parametrize(("bps", "written"), [(449_600, "450 kbit/s"), (1_840_000, "1.8 Mbit/s")])
def test_a_rate_is_written_in_its_own_size(bps: int, written: str) -> None:
    assert facts.speed(bps) == written

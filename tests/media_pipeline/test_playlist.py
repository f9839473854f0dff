"""Playlists as text, and the rates that stand in them."""

from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.manifest import CaptionTrack, Rendition, Sounding
from media_pipeline.playlist import (
    IFrame,
    Segment,
    addresses,
    iframe_playlist,
    master_playlist,
    measured,
    media_playlist,
    segments,
)

parts = st.lists(
    st.builds(
        Segment,
        uri=st.from_regex(r"seg-[0-9]{5}\.m4s", fullmatch=True),
        duration_s=st.integers(40, 10_000).map(lambda ms: ms / 1000),
    ),
    min_size=1,
)


@given(parts)
def test_a_media_playlist_is_read_back(given_parts: list[Segment]) -> None:
    text = media_playlist(given_parts, "init.mp4")
    assert list(segments(text)) == given_parts
    assert set(addresses(text)) == {"init.mp4", *(part.uri for part in given_parts)}
    assert text.endswith("#EXT-X-ENDLIST\n")


@given(parts, st.data())
def test_peak_is_at_least_the_average(given_parts: list[Segment], data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 10**7), min_size=len(given_parts), max_size=len(given_parts)))
    peak, average = measured(given_parts, sizes)
    assert peak >= average - 1
    assert average * sum(part.duration_s for part in given_parts) >= sum(sizes) * 8 * 0.999


def test_master_playlist() -> None:
    rendition = Rendition(
        "360p",
        "video",
        640,
        360,
        25.0,
        "avc1.64001e,mp4a.40.2",
        200_000,
        150_000,
        "360p/index.m3u8",
        9,
        sound="main",
        iframes="360p/iframes.m3u8",
        iframes_bps=70_000,
    )
    alone = Rendition(
        "sound", "audio", 0, 0, 0.0, "mp4a.40.2", 66_000, 65_000, "sound/main-0/index.m3u8", 0, sound="main"
    )
    heard = Sounding(
        "main", "zh", '普"通话', True, 1, "mp4a.40.2", 66_000, 65_000, "sound/main-0/index.m3u8", "i", (), 9
    )
    track = CaptionTrack("zh", "中文", "captions/zh.vtt", "captions/zh.m3u8")
    text = master_playlist([rendition, alone], [heard], [track])
    assert text == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="main",NAME="普通话",LANGUAGE="zh",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="1",'
        'URI="sound/main-0/index.m3u8"\n'
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="中文",LANGUAGE="zh",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,'
        'URI="captions/zh.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=200000,AVERAGE-BANDWIDTH=150000,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,'
        'FRAME-RATE=25.000,AUDIO="main",SUBTITLES="captions"\n'
        "360p/index.m3u8\n"
        '#EXT-X-STREAM-INF:BANDWIDTH=66000,AVERAGE-BANDWIDTH=65000,CODECS="mp4a.40.2",AUDIO="main",SUBTITLES="captions"\n'
        "sound/main-0/index.m3u8\n"
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=70000,CODECS="avc1.64001e",RESOLUTION=640x360,URI="360p/iframes.m3u8"\n'
    )


def test_an_iframe_playlist_names_ranges() -> None:
    text = iframe_playlist([IFrame("seg-00000.m4s", 0, 900, 2.0), IFrame("seg-00000.m4s", 4000, 800, 2.0)], "init.mp4")
    assert "#EXT-X-I-FRAMES-ONLY" in text
    assert "#EXT-X-BYTERANGE:800@4000\nseg-00000.m4s\n" in text

"""Playlists as text, and the rates that stand in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.manifest import CaptionTrack, Rendition
from media_pipeline.playlist import Segment, addresses, avc_codec, master_playlist, measured, media_playlist, segments

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
        "360p", "video", 640, 360, 25.0, "avc1.64001e,mp4a.40.2", 200_000, 150_000, "360p/index.m3u8", 9
    )
    track = CaptionTrack("zh", "中文", "captions/zh.vtt", "captions/zh.m3u8")
    assert master_playlist([rendition], [track]) == (
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n"
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="中文",LANGUAGE="zh",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,'
        'URI="captions/zh.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=200000,AVERAGE-BANDWIDTH=150000,CODECS="avc1.64001e,mp4a.40.2",RESOLUTION=640x360,'
        'FRAME-RATE=25.000,SUBTITLES="captions"\n'
        "360p/index.m3u8\n"
    )
    assert addresses(master_playlist([rendition], [track])) == ("360p/index.m3u8", "captions/zh.m3u8")


@pytest.mark.parametrize(
    ("init", "codec"),
    [(b"....avcC\x01\x64\x00\x28....", "avc1.640028"), (b"....avcC\x01", None), (b"nothing of the kind", None)],
)
def test_codec_name(init: bytes, codec: str | None) -> None:
    assert avc_codec(init) == codec

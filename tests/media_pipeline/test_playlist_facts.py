"""Playlists read strictly: what `playlist` writes comes back, what has no place in a package is refused."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.playlist import IFrame, Segment, iframe_playlist, media_playlist
from media_pipeline.playlist_facts import Entry, PlaylistBroken, attributes, master, media

lengths = st.integers(1, 20_000_000).map(lambda microseconds: microseconds / 1e6)
segments = st.lists(st.builds(Segment, uri=st.from_regex(r"seg-[0-9]{5}\.m4s", fullmatch=True), duration_s=lengths))
frames = st.lists(
    st.builds(
        IFrame,
        uri=st.just("seg-00000.m4s"),
        offset=st.integers(0, 10**9),
        bytes=st.integers(1, 10**9),
        duration_s=lengths,
    ),
    min_size=1,
)


@given(segments.filter(bool))
def test_segments_are_read_back(parts: list[Segment]) -> None:
    read = media(media_playlist(parts, "init.mp4"))
    assert [(entry.uri, entry.duration_s, entry.part) for entry in read.entries] == [
        (part.uri, part.duration_s, None) for part in parts
    ]
    assert (read.init, read.ended, read.tags["PLAYLIST-TYPE"]) == ("init.mp4", True, "VOD")


@given(frames)
def test_iframes_are_read_back(parts: list[IFrame]) -> None:
    read = media(iframe_playlist(parts, "init.mp4"))
    assert read.entries == tuple(Entry(part.uri, part.duration_s, (part.bytes, part.offset)) for part in parts)
    assert "I-FRAMES-ONLY" in read.tags


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seg-00000.m4s\n",
        "#EXTM3U\n",
        "#EXTM3U\nseg-00000.m4s\n",
        "#EXTM3U\n#EXTINF:1,\n",
        "#EXTM3U\n#EXTINF:soon,\nseg-00000.m4s\n",
        "#EXTM3U\n#EXTINF:-1,\nseg-00000.m4s\n",
        "#EXTM3U\n#EXTINF:nan,\nseg-00000.m4s\n",
        "#EXTM3U\n#EXT-X-BYTERANGE:9\n#EXTINF:1,\nseg-00000.m4s\n",
        '#EXTM3U\n#EXT-X-MAP:URI="a"\n#EXTINF:1,\nb\n#EXT-X-MAP:URI="c"\n#EXTINF:1,\nd\n',
        '#EXTM3U\n#EXT-X-MAP:uri="a"\n#EXTINF:1,\nb\n',
        "#EXTM3U\n#EXT-X-START:TIME-OFFSET=9\n#EXTINF:1,\nseg-00000.m4s\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex.m3u8\n",
    ],
)
def test_what_is_no_media_playlist(text: str) -> None:
    with pytest.raises(PlaylistBroken):
        media(text)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\nindex.m3u8\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n",
        "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n#EXT-X-STREAM-INF:BANDWIDTH=2\nindex.m3u8\n",
        '#EXTM3U\n#EXT-X-SESSION-KEY:METHOD=AES-128,URI="k"\n',
        "#EXTM3U\n#EXT-X-STREAM-INF:bandwidth\nindex.m3u8\n",
    ],
)
def test_what_is_no_master_playlist(text: str) -> None:
    with pytest.raises(PlaylistBroken):
        master(text)


def test_a_comma_in_quotes_divides_nothing() -> None:
    assert attributes('BANDWIDTH=1,CODECS="avc1.64001e,mp4a.40.2",X=') == {
        "BANDWIDTH": "1",
        "CODECS": "avc1.64001e,mp4a.40.2",
        "X": "",
    }


@pytest.mark.parametrize("text", ["A=1,A=2", "=1", 'A="1', "a=1", "A"])
def test_what_is_no_list_of_attributes(text: str) -> None:
    with pytest.raises(PlaylistBroken):
        attributes(text)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (media, master):
        with suppress(PlaylistBroken):
            assert read(f"#EXTM3U\n{text}") is not None

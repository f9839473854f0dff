"""A playlist becomes a timeline of files of its package, or nothing."""

from pathlib import Path

import pytest

from tvclient.adapters.playlist import PlaylistUnusable, timeline
from tvclient.core.gaps import Gap
from tvclient.core.ports import Playable, Track

MEDIA = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:6.000,\n{first}\n#EXTINF:2.5,\nb.m4s\n#EXT-X-ENDLIST\n'


def rendition(folder: Path, first: str = "a.m4s") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("init.mp4", "a.m4s", "b.m4s"):
        (folder / name).write_bytes(b"x")
    (folder / "index.m3u8").write_text(MEDIA.format(first=first))
    return folder / "index.m3u8"


def test_segments_in_order_with_their_lengths(tmp_path: Path) -> None:
    found = timeline(Playable(rendition(tmp_path / "水;稻,1")))
    assert found.address.startswith("edl://!mp4_dash,init=%")
    assert found.address.index("a.m4s,length=6.000000") < found.address.index("b.m4s,length=2.500000")
    init = str((tmp_path / "水;稻,1" / "init.mp4").resolve())
    assert f"%{len(init.encode())}%{init}" in found.address
    assert found.length_ms == 8500


def test_every_sound_is_a_stream_of_its_own_after_the_picture(tmp_path: Path) -> None:
    homes = ["picture", "sound/main-0", "sound/main-1"]
    picture, *sounds = [rendition(tmp_path / home) for home in homes]
    found = timeline(Playable(picture, tuple(Track(sound) for sound in sounds)))
    assert found.address.startswith("edl://")
    streams = found.address.removeprefix("edl://").split(";!new_stream;")
    assert [stream.count(f"/{home}/") for stream, home in zip(streams, homes, strict=True)] == [3, 3, 3]
    assert all(stream.startswith("!mp4_dash,init=%") for stream in streams)
    assert found.length_ms == 8500
    sounds[1].unlink()
    with pytest.raises(PlaylistUnusable):
        timeline(Playable(picture, tuple(Track(sound) for sound in sounds)))


@pytest.mark.parametrize("segment", ["http://127.0.0.1:9/a.m4s", "../outside.m4s", "/etc/hostname", "a.m4s/.."])
def test_nothing_outside_the_package(tmp_path: Path, segment: str) -> None:
    (tmp_path / "outside.m4s").write_bytes(b"x")
    with pytest.raises(PlaylistUnusable):
        timeline(Playable(rendition(tmp_path / "package", segment)))


def test_no_way_out_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside.m4s").write_bytes(b"x")
    playlist = rendition(tmp_path / "package", "link.m4s")
    (tmp_path / "package" / "link.m4s").symlink_to(tmp_path / "outside.m4s")
    with pytest.raises(PlaylistUnusable):
        timeline(Playable(playlist))


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\n", b"\xff\xfe", b"nothing", b"#EXTM3U\n#EXTINF:x,\na.m4s\n"])
def test_damaged_playlists(tmp_path: Path, content: bytes) -> None:
    playlist = rendition(tmp_path)
    playlist.write_bytes(content)
    with pytest.raises(PlaylistUnusable):
        timeline(Playable(playlist))
    with pytest.raises(PlaylistUnusable):
        timeline(Playable(tmp_path / "none.m3u8"))


LONG = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n' + "".join(f"#EXTINF:6.0,\n{n}.m4s\n" for n in range(6))


def long(folder: Path, *gone: int) -> Playable:
    """Six segments of six seconds, without these."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "init.mp4").write_bytes(b"x")
    (folder / "index.m3u8").write_text(LONG)
    for number in set(range(6)) - set(gone):
        (folder / f"{number}.m4s").write_bytes(b"x")
    return Playable(folder / "index.m3u8")


@pytest.mark.parametrize(
    ("gone", "lengths", "ends_ms"),
    [
        ((2,), {0: 6, 1: 12, 3: 6, 4: 6, 5: 6}, 36_000),
        ((2, 3), {0: 6, 1: 18, 4: 6, 5: 6}, 36_000),
        ((0, 1), {2: 18, 3: 6, 4: 6, 5: 6}, 36_000),
        ((1, 4, 5), {0: 12, 2: 6, 3: 18}, 24_000),
    ],
)
def test_a_segment_that_is_gone_is_left_out_and_the_rest_keeps_its_time(
    tmp_path: Path, gone: tuple[int, ...], lengths: dict[int, int], ends_ms: int
) -> None:
    found = timeline(long(tmp_path / "720p", *gone))
    parts = [part.rsplit("/", 1)[-1] for part in found.address.split(";")[1:]]
    assert parts == [f"{number}.m4s,length={length}.000000" for number, length in lengths.items()]
    assert found.gaps == tuple(Gap(f"720p/{n}.m4s", 6000 * n, 6000 * (n + 1)) for n in gone)
    assert (found.length_ms, found.ends_ms) == (36_000, ends_ms)


def test_without_any_segment_or_without_its_init_it_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(PlaylistUnusable):
        timeline(long(tmp_path / "none", *range(6)))
    whole = long(tmp_path / "init")
    (tmp_path / "init" / "init.mp4").unlink()
    with pytest.raises(PlaylistUnusable):
        timeline(whole)

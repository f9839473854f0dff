"""A playlist becomes a timeline of files of its package, or nothing."""

from pathlib import Path

import pytest

from tvclient.adapters.playlist import PlaylistUnusable, stored

MEDIA = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n#EXTINF:6.000,\n{first}\n#EXTINF:2.5,\nb.m4s\n#EXT-X-ENDLIST\n'
MASTER = (
    "#EXTM3U\n#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9,BANDWIDTH=300000\nlow/index.m3u8\n"
    "#EXT-X-STREAM-INF:BANDWIDTH=900000\nhigh/index.m3u8\n"
)


def rendition(folder: Path, first: str = "a.m4s") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("init.mp4", "a.m4s", "b.m4s"):
        (folder / name).write_bytes(b"x")
    (folder / "index.m3u8").write_text(MEDIA.format(first=first))
    return folder / "index.m3u8"


def test_segments_in_order_with_their_lengths(tmp_path: Path) -> None:
    edl = stored(rendition(tmp_path / "水;稻,1")).timeline
    assert edl.startswith("edl://!mp4_dash,init=%")
    assert edl.index("a.m4s,length=6.000000") < edl.index("b.m4s,length=2.500000")
    init = str((tmp_path / "水;稻,1" / "init.mp4").resolve())
    assert f"%{len(init.encode())}%{init}" in edl


def test_the_best_variant_that_is_all_there(tmp_path: Path) -> None:
    master = tmp_path / "master.m3u8"
    master.write_text(MASTER)
    rendition(tmp_path / "low")
    rendition(tmp_path / "high")
    assert "/high/a.m4s" in stored(master).timeline
    (tmp_path / "high" / "b.m4s").unlink()
    assert "/low/a.m4s" in stored(master).timeline
    (tmp_path / "low" / "init.mp4").unlink()
    with pytest.raises(PlaylistUnusable):
        stored(master)


@pytest.mark.parametrize(
    "segment", ["http://127.0.0.1:9/a.m4s", "../outside.m4s", "missing.m4s", "/etc/hostname", "a.m4s/.."]
)
def test_nothing_outside_the_package(tmp_path: Path, segment: str) -> None:
    (tmp_path / "outside.m4s").write_bytes(b"x")
    with pytest.raises(PlaylistUnusable):
        stored(rendition(tmp_path / "package", segment))


def test_no_way_out_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "outside.m4s").write_bytes(b"x")
    playlist = rendition(tmp_path / "package", "link.m4s")
    (tmp_path / "package" / "link.m4s").symlink_to(tmp_path / "outside.m4s")
    with pytest.raises(PlaylistUnusable):
        stored(playlist)


@pytest.mark.parametrize("content", [b"", b"#EXTM3U\n", b"\xff\xfe", b"nothing", b"#EXTM3U\n#EXTINF:x,\na.m4s\n"])
def test_damaged_playlists(tmp_path: Path, content: bytes) -> None:
    playlist = rendition(tmp_path)
    playlist.write_bytes(content)
    with pytest.raises(PlaylistUnusable):
        stored(playlist)
    with pytest.raises(PlaylistUnusable):
        stored(tmp_path / "none.m3u8")

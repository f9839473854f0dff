"""The television's own player plays what is made: from any moment, with captions."""

import mpv
import pytest

from media_pipeline.transcode import Package
from tvclient.adapters.playlist import stored


@pytest.mark.parametrize("target_s", [0.5, 3.3, 6.4])
def test_libmpv_seeks_exactly(package: Package, target_s: float) -> None:
    player = mpv.MPV(vo="null", ao="null", pause=True)
    try:
        player.play(stored(package.path / "360p" / "index.m3u8").timeline)
        player.wait_for_property("time-pos", lambda at: at is not None, timeout=20)
        assert player.duration == pytest.approx(7, abs=0.05)
        player.seek(target_s, "absolute", "exact")
        player.wait_for_property("time-pos", lambda at: at is not None and abs(at - target_s) < 0.05, timeout=20)
        player.sub_add(str(package.path / "captions/zh.vtt"))
        player.wait_for_property(
            "track-list", lambda tracks: any(track["type"] == "sub" for track in tracks), timeout=20
        )
        shown = {0.5: "缺哪样补哪样，\n不缺的不多施。"}.get(target_s, "")
        player.wait_for_property("sub-text", lambda text: (text or "") == shown, timeout=20)
    finally:
        player.terminate()

"""A real window that plays a real package; says on standard output what it saw. Run by `test_video.py` as a program.

python -m tests.tvclient.ui.playing PLAYLIST CAPTIONS OUT [SEEK_MS]
"""

import hashlib
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from tvclient.adapters.player import MpvPlayer
from tvclient.core.ports import Playable, Track
from tvclient.core.state import Language
from tvclient.ui import samples
from tvclient.ui.window import framebuffer, open_window, step_until


def main(playlist: Path, captions: Path, out: Path, seek_ms: int | None) -> dict[str, Any]:
    """Cue, play, perhaps seek, until the end or a failure."""
    open_window(1280, 720)
    from kivy.base import runTouchApp
    from kivy.core.window import Window

    from tvclient.ui.stage import Stage
    from tvclient.ui.theme import register_face
    from tvclient.ui.video import Video

    register_face()
    said: list[tuple[str, int | None]] = []
    player = MpvPlayer(lambda event: said.append((type(event).__name__, getattr(event, "position_ms", None))))
    seen: set[str] = set()
    fresh: list[bool] = []

    def pictured() -> None:
        stage.moved(player.position_ms)
        fresh.append(True)

    def flipped(_window: Any) -> None:
        if fresh:
            fresh.clear()
            seen.add(hashlib.sha256(framebuffer().tobytes()).hexdigest())

    video: Any = Video(player.handle, pictured)
    stage = Stage(lambda _package: None, player.caption, video)
    state = samples.states(Language.ZH)["broadcast"]
    Window.add_widget(stage)
    runTouchApp(embedded=True)
    stage.show(replace(state, now=state.now + timedelta(minutes=20)))
    Window.fbind("on_flip", flipped)
    flips: list[int] = []
    Window.fbind("on_flip", lambda _window: flips.append(1))
    assert state.playback is not None
    player.cue(state.playback.airing.id, Playable(playlist, captions=(Track(captions),)), 0)
    step_until(lambda: bool(said), 10)
    if said[-1][0] == "PlayerFailed":
        return _ended(stage, video, player, said)
    step_until(lambda: False, 0.6)
    cued_frames = len(seen)
    still = len(flips)
    step_until(lambda: False, 0.5)
    idle_flips = len(flips) - still
    player.play()
    step_until(lambda: player.position_ms > 1200, 10)
    shot: list[Any] = []
    Window.fbind("on_flip", lambda _window: shot.append(framebuffer()) if not shot else None)
    step_until(lambda: bool(shot), 5)
    if shot:
        shot[0].save(out)
    Window.size = (960, 540)
    if seek_ms is not None:
        player.seek(seek_ms)
    step_until(lambda: said[-1][0] in {"PlayerEnded", "PlayerFailed"}, 15)
    counts = {"pictures": len(seen), "cued": cued_frames, "idle_flips": idle_flips}
    return _ended(stage, video, player, said) | counts


def _ended(stage: Any, video: Any, player: MpvPlayer, said: list[tuple[str, int | None]]) -> dict[str, Any]:
    stage.close()
    video.close()
    player.close()
    return {"said": said}


if __name__ == "__main__":
    result = main(
        Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else None
    )
    print(json.dumps(result))  # noqa: T201

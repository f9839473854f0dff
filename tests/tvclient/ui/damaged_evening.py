"""Two lessons with damaged files, in a real window; says on standard output what was seen. Run by `test_damage.py`.

    python -m tests.tvclient.ui.damaged_evening FOLDER

FOLDER has a lesson as `av/`, `sound/` of fMP4, ten segments of a second. The first showing was damaged before, at its
beginning, in the middle and at its end; the second one is damaged while it plays.
"""

import hashlib
import json
import shutil
import sqlite3
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from media_pipeline.manifest import (
    MANIFEST_FILE,
    MadeWith,
    Manifest,
    PackageFile,
    Rendition,
    Sounding,
    SourceFacts,
    encode_manifest,
    package_name,
)
from schedules.airings import Airing, PackageName
from schedules.wire.signing import Verifier, jwk_set
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.approvals import APPROVAL_FILE
from tvclient.adapters.identity import Vault
from tvclient.adapters.means import Means
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.player import MpvPlayer
from tvclient.core.screens import current_screen, picture
from tvclient.core.state import PlayPhase, Screen, State
from tvclient.settings import Settings
from tvclient.shell import Shell
from tvclient.ui.window import framebuffer, open_window, step_until

SECONDS = 10


def kept_package(server: Counterpart, source: Path, packages: Path, seed: str) -> PackageName:
    """Put the lesson into a box's packages, approved; the server does not have it."""
    made = packages / "made"
    shutil.copytree(source, made)
    (made / "master.m3u8").write_text(f"#EXTM3U {seed}")
    (made / "poster.jpg").write_bytes(b"poster")
    files = sorted(str(file.relative_to(made)) for file in made.rglob("*") if file.is_file())

    def track(home: str) -> dict[str, Any]:
        segments = tuple(f"{home}/{n}.m4s" for n in range(SECONDS))
        return {"playlist": f"{home}/index.m3u8", "init": f"{home}/init.mp4", "segments": segments}

    rendition = Rendition(
        name="360p",
        kind="video",
        width=640,
        height=360,
        frame_rate=25,
        codecs="avc1.640028,mp4a.40.2",
        peak_bps=2000,
        average_bps=1000,
        bytes=1,
        sound="main",
        **track("360p"),
    )
    sound = Sounding(
        group="main",
        language="zh",
        label="普通话",
        default=True,
        channels=1,
        codecs="mp4a.40.2",
        peak_bps=500,
        average_bps=400,
        bytes=1,
        **track("sound"),
    )
    contents = {path: (made / path).read_bytes() for path in files}
    manifest = Manifest(
        duration_ms=SECONDS * 1000,
        renditions=(rendition,),
        sounds=(sound,),
        files=tuple(
            PackageFile(path=path, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
            for path, data in contents.items()
        ),
        made_with=MadeWith(encoder="x264", pipeline="1"),
        source=SourceFacts(duration_ms=SECONDS * 1000, bytes=1, codec="h264"),
        captions=(),
        poster="poster.jpg",
        format=2,
    )
    data = encode_manifest(manifest)
    name = PackageName(package_name(data))
    server.approve(name)
    (made / MANIFEST_FILE).write_bytes(data)
    (made / APPROVAL_FILE).write_text(server.approvals[name])
    made.rename(packages / name)
    return name


def zero(file: Path, share: float) -> None:
    """Overwrite the end of a file with zeros, as a dying disk does."""
    data = bytearray(file.read_bytes())
    begin = round(len(data) * (1 - share))
    data[begin:] = bytes(len(data) - begin)
    file.write_bytes(data)


def planned(server: Counterpart, lesson: Path, data: Path) -> tuple[Airing, ...]:
    """Both lessons on the box's disk, the first one damaged, and both in its timetable."""
    (data / "packages").mkdir(parents=True)
    first, second = (kept_package(server, lesson, data / "packages", seed) for seed in ("one", "two"))
    PackageStore(data / "packages", Verifier(jwk_set([server.signer.public_jwk])), 2**40).lessons()
    zero(data / "packages" / first / "360p/0.m4s", 1)
    zero(data / "packages" / first / "360p/4.m4s", 0.5)
    zero(data / "packages" / first / "360p/5.m4s", 0.1)
    (data / "packages" / first / "360p/9.m4s").write_bytes(b"")
    Vault(data / "secret").keep(server.credentials())
    begin = now() + timedelta(seconds=3)
    airings = (
        airing(start=begin, seconds=SECONDS, package=first, slot="one"),
        airing(start=begin + timedelta(seconds=SECONDS + 2), seconds=SECONDS, package=second, slot="two"),
    )
    server.want()
    server.plan(1, *airings)
    return airings


def main(folder: Path) -> dict[str, Any]:
    """Show both, and look on."""
    open_window(640, 360)
    from kivy.base import runTouchApp
    from kivy.core.window import Window

    from tvclient.ui.stage import Stage
    from tvclient.ui.theme import register_face
    from tvclient.ui.video import Video

    register_face()
    server = Counterpart(folder / "server", 9)
    server.start()
    data = folder / "tv"
    airings = planned(server, folder / "lesson", data)
    second = airings[1].package
    player = MpvPlayer(lambda event: shell.post(event))  # noqa: PLW0108 - neither is there yet
    means = Means()
    means.decoding = lambda: player.decoder
    shell = Shell(
        Settings(server=server.url, data=data, remote=False),
        player,
        lambda state: stage.show(state),  # noqa: PLW0108
        means=means,
    )
    video: Any = Video(player.handle, lambda: stage.moved(player.position_ms))
    stage = Stage(lambda _package: None, player.caption, video)
    Window.add_widget(stage)
    runTouchApp(embedded=True)
    shell.start()
    stage.show(shell.state)
    seen: list[dict[str, Any]] = []
    shots: dict[str, Any] = {}
    wanted: list[str] = []
    Window.fbind("on_flip", lambda _window: shots.setdefault(wanted.pop(), framebuffer()) if wanted else None)
    hurt = False

    def turned() -> bool:
        nonlocal hurt
        shell.run_due()
        state = shell.state
        look = looked(state, airings)
        if look and look not in seen[-1:]:
            seen.append(look)
        name = f"{look['lesson']}-{look['picture']}-{look['live_ms'] // 1000}" if look else ""
        if name and name not in shots and look["live_ms"] % 1000 > 400:
            wanted[:] = [name]
            Window.canvas.ask_update()
        if look and not hurt and look["lesson"] == 1 and look["live_ms"] > 1200:
            hurt = True
            (data / "packages" / second / "360p/4.m4s").unlink()
            zero(data / "packages" / second / "360p/7.m4s", 0.6)
        return state.now > airings[1].end + timedelta(seconds=2)

    step_until(turned, 60)
    for name, shot in shots.items():
        shot.save(folder / f"{name}.png")
    for each in (shell, stage, video, player):
        each.close()
    server.stop()
    decoder = server.reported.decoder if server.reported else ""
    rows = sqlite3.connect(data / "journal.db").execute("SELECT body FROM event ORDER BY sequence").fetchall()
    return {
        "seen": seen,
        "facts": [json.loads(body) for (body,) in rows],
        "airings": [one.id for one in airings],
        "decoder": decoder,
    }


def looked(state: State, airings: tuple[Airing, ...]) -> dict[str, Any]:
    """What stands on the screen, and how far the picture is from where it should be."""
    on = next((n for n, one in enumerate(airings) if one.start <= state.now < one.end), None)
    if on is None:
        return {}
    playback = state.playback
    late_ms = None
    if playback and playback.phase is PlayPhase.PLAYING and playback.moved_at:
        late_ms = round((playback.moved_at - playback.airing.start) / timedelta(milliseconds=1)) - playback.position_ms
    live_ms = round((state.now - airings[on].start) / timedelta(milliseconds=1))
    shown = picture(state).value if current_screen(state) is Screen.BROADCAST else ""
    return {"lesson": on, "live_ms": live_ms, "picture": shown, "late_ms": late_ms}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201

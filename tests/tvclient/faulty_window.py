"""A real window under faults, in one process without libmpv. Run by `test_television_faults.py` as a program.

    PYTHONPATH=<a folder whose mpv.py finds no library> python -m tests.tvclient.faulty_window FOLDER

First single pictures, then the whole television with a lesson to show. Says on standard output what it saw.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from schedules.airings import Airing, PackageName
from tests.tvclient.counterpart import Counterpart, now
from tests.tvclient.evening import airing
from tvclient.adapters.identity import Vault
from tvclient.core.events import Key, KeyPressed
from tvclient.core.screens import current_screen, picture
from tvclient.core.state import Language, Screen, State
from tvclient.settings import Settings
from tvclient.ui.window import framebuffer, open_window, step_until

SECOND = timedelta(seconds=1)
LONG = "看懂化验单" * 40
"""Two hundred characters."""
RARE = "𠮷㛃䶮龘"
UNKNOWN = "\U0001fffd"
"""No face has it, and none ever will."""


def look(folder: Path, name: str) -> None:
    """Keep what the window shows next."""
    from kivy.core.window import Window

    grabbed: list[Any] = []

    def grab(_window: object) -> None:
        grabbed.append(framebuffer())

    Window.fbind("on_flip", grab)
    Window.canvas.ask_update()
    step_until(lambda: bool(grabbed), 10)
    Window.funbind("on_flip", grab)
    grabbed[-1].save(folder / f"{name}.png")


def without_libmpv(folder: Path) -> dict[str, Any]:
    """The television at a lesson's minute, with neither picture nor sound; then Green, a sign-in, the end."""
    from tvclient import app

    server = Counterpart(folder / "server", 9)
    server.start()
    package = server.add_package(seconds=5)
    one = airing(start=now() + 6 * SECOND, seconds=7, package=package)
    server.want()
    server.plan(1, one)
    data = folder / "tv"
    Vault(data / "secret").keep(server.credentials())
    tv = app._Television(Settings(server=server.url, data=data, remote=False), None)
    tv._shell.start()
    tv._stage.show(tv._shell.state)
    screens: list[str] = []

    def until(done: Callable[[State], bool], seconds: float = 30) -> bool:
        def turned() -> bool:
            tv._turn()
            screens.append(current_screen(tv._shell.state))
            return done(tv._shell.state)

        return step_until(turned, seconds)

    seen: dict[str, Any] = {}
    seen["said"] = until(lambda state: picture(state) == "no_player" and current_screen(state) is Screen.BROADCAST)
    until(lambda state: state.now > one.start + 2 * SECOND)
    look(folder, "no-player")
    tv._shell.post(KeyPressed(Key.GREEN))
    seen["names"] = until(lambda state: current_screen(state) is Screen.NAMES, 5)
    step_until(lambda: False, 0.4)
    look(folder, "no-player-names")
    tv._shell.post(KeyPressed(Key.BACK))
    until(lambda state: one.id in state.closed)
    rows = sqlite3.connect(data / "journal.db").execute("SELECT body FROM event ORDER BY sequence").fetchall()
    seen["facts"] = [json.loads(body) for (body,) in rows]
    seen["screens"] = list(dict.fromkeys(screens))
    from kivy.core.window import Window

    Window.remove_widget(tv._stage)
    tv._close()
    server.stop()
    return seen


def long_titles(state: State) -> State:
    """Every lesson, course and name of a place is two hundred characters long."""

    def longer(one: Airing) -> Airing:
        card = replace(one.lesson, title=LONG, course=LONG, summary=LONG)
        return replace(one, lesson=card)

    station = replace(state.station, name=LONG) if state.station else None
    playback = replace(state.playback, airing=longer(state.playback.airing)) if state.playback else None
    return replace(state, timetable=tuple(map(longer, state.timetable)), station=station, playback=playback)


def pictures(folder: Path) -> None:
    """Single screens with values that nobody planned for."""
    from kivy.core.window import Window

    from tests.tvclient.evening import village_of
    from tvclient.ui import samples
    from tvclient.ui.stage import Stage

    broken = folder / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no picture")

    def poster_of(package: PackageName) -> Path | None:
        return (broken, folder / "absent.jpg", None)[sum(package.encode()) % 3]

    stage = Stage(poster_of, samples.caption_at)
    Window.add_widget(stage)

    def show(name: str, state: State) -> None:
        stage.clear()
        stage.show(state)
        step_until(lambda: stage.posters.idle, 5)
        step_until(lambda: False, 0.3)
        look(folder, name)

    known = samples.states(Language.ZH)
    for name in ("today", "week", "station", "after", "broadcast-failed", "countdown", "names"):
        show(f"long-{name}", long_titles(known[name]))
    names = known["names"]
    crowd = village_of(500)
    for number, odd in enumerate((RARE, UNKNOWN)):
        members = tuple(
            replace(member, name="王" + odd[place % len(odd)])
            for place, member in enumerate(crowd.members[: 4 * len(RARE)])
        )
        show(("rare", "tofu")[number], replace(names, roster=replace(crowd, members=members)))
    show("crowd", replace(names, roster=crowd))
    show("empty-station", replace(known["station"], timetable=(), station=None, lessons=(), packages={}))
    show("empty-today", replace(known["today"], timetable=(), playback=None, station=None))
    Window.size = (960, 540)
    step_until(lambda: Window.size == (960, 540), 5)
    step_until(lambda: False, 0.3)
    look(folder, "resized")
    Window.size = (640, 360)
    step_until(lambda: Window.size == (640, 360), 5)
    step_until(lambda: False, 0.3)
    look(folder, "resized-back")
    show("fresh", replace(known["today"], timetable=(), playback=None, station=None))
    Window.remove_widget(stage)
    stage.close()


def main(folder: Path) -> dict[str, Any]:
    """Both, in one window."""
    open_window(640, 360)
    from kivy.base import runTouchApp

    from tvclient.ui.theme import register_face

    register_face()
    runTouchApp(embedded=True)
    pictures(folder)
    return without_libmpv(folder)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))  # noqa: T201

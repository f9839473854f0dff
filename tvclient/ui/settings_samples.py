"""Samples of the settings, of a remote that is being learnt, and of the volume's bar; part of `samples.py`."""

from datetime import timedelta

from msgspec.structs import replace

from tvclient.core.geometry import FocusId
from tvclient.core.learning import COLOURS, NEEDED
from tvclient.core.pages import learning, settings
from tvclient.core.settled import BoxCard, Learning, LearnWord, LineCheck, LineFacts, Volume
from tvclient.core.state import Screen, State


def of_settings(today: State) -> dict[str, State]:
    """By name, from a state with the day's programme open over a lesson."""
    rest = replace(today, over_home=(Screen.TODAY, Screen.SETTINGS), linked_at=today.now - timedelta(hours=3))
    card = BoxCard(417, "YJ-2026-0417", "yuanjiao-tv/0.1.0", 23_400_000_000, "v4l2m2m-copy")
    good = LineCheck(today.now, LineFacts(reached=True, kbps=4200))
    bad = LineCheck(today.now, LineFacts(reached=False))
    gone = today.now - timedelta(minutes=20)
    taught = replace(rest, over_home=(*rest.over_home, Screen.LEARNING))
    first = Learning(today.now, "remote")
    codes = dict(enumerate(NEEDED, 400))
    optional = replace(first, place=len(NEEDED), codes=codes, word=LearnWord.TAKEN)
    over_lesson = replace(today, over_home=(), now=today.now)
    until = today.now + timedelta(seconds=2)
    return {
        "settings": rest,
        "settings-volume": replace(rest, volume=Volume(60), focus=_on(settings.LOUDER)),
        "settings-remote": replace(
            rest, learning=replace(first, word=LearnWord.GIVEN_UP, done=True), focus=_on(settings.REMOTE)
        ),
        "settings-line": replace(rest, focus=_on(settings.LINE)),
        "settings-line-looking": replace(rest, line_check=LineCheck(today.now), focus=_on(settings.LINE)),
        "settings-line-good": replace(rest, line_check=good, focus=_on(settings.LINE)),
        "settings-line-bad": replace(rest, line_check=bad, online=False, linked_at=gone, focus=_on(settings.LINE)),
        "settings-about": replace(rest, box_card=card, focus=_on(settings.ABOUT)),
        "learning": replace(taught, learning=first),
        "learning-arrow": replace(taught, learning=replace(first, place=3, word=LearnWord.TAKEN)),
        "learning-known": replace(taught, learning=replace(first, place=1, word=LearnWord.USED)),
        "learning-colour": replace(taught, learning=optional),
        "learning-digit": replace(
            taught,
            learning=replace(optional, place=len(NEEDED) + len(COLOURS)),
            focus={Screen.LEARNING: learning.FINISH},
        ),
        "learning-done": replace(taught, learning=replace(optional, done=True)),
        "learning-needless": replace(taught, simple=False, learning=replace(optional, codes={}, done=True)),
        "volume": replace(over_lesson, volume=Volume(65, shown_until=until)),
        "volume-mute": replace(today, volume=Volume(65, muted_for=today.timetable[0].id, shown_until=until)),
    }


def _on(thing: FocusId) -> dict[Screen, FocusId]:
    return {Screen.SETTINGS: thing}

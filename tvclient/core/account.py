"""What a recorded evening showed, in lines that people read: when, what happened, what was shown, what was done.

A line stands where somebody pressed a key, where something was done, and where another screen, focus, lesson or number
of people is shown; the clock's own steps and the small corrections of a lesson's speed are passed over. Times are those
of the village's clock. The recording itself: `recording.py`.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from tvclient.core import effects, events
from tvclient.core.keys import focused
from tvclient.core.recording import Moment
from tvclient.core.screens import (
    airing_for_sign_in,
    controls_visible,
    counted,
    current_screen,
    just_ended,
    local,
    signed_in_count,
)
from tvclient.core.state import Screen, State

LONGEST: Final = 160
"""Characters of a field's value that are told."""
_LEFT_OUT: Final = frozenset({"airing", "lesson", "package"})
"""Of a fact: the line names the lesson already."""
_BY_HAND: Final = (events.KeyPressed, events.RawKey, events.SupportPressed)
_View = tuple[Screen, str | None, str, str, bool]


class UnclearTime(ValueError):
    """No time that an account can end at; the message says what is."""


def end_of(text: str, begins: datetime) -> datetime:
    """The instant that somebody means by `21:30`, `21:30:05` or a whole date and time of the village's clock.

    Args:
        begins: of the recording; a time of day is the first one after it.

    Raises:
        UnclearTime: it is none of these.
    """
    start = local(begins)
    try:
        given = datetime.fromisoformat(text if len(text) > len("00:00:00") else f"{start:%Y-%m-%d}T{text}")
    except ValueError as error:
        raise UnclearTime(f"{text}: a time such as 21:30, or a day and a time such as 2026-11-23T21:30") from error
    if given.tzinfo is None:
        given = given.replace(tzinfo=start.tzinfo)
    return given + timedelta(days=1) if len(text) <= len("00:00:00") and given < start else given


def account(moments: Iterable[Moment], *, states: bool = False) -> Iterator[str]:
    """The lines.

    Args:
        states: below each line, every part of the state that has changed since the line before.
    """
    told: _View | None = None
    before: State | None = None
    for moment in moments:
        view = _view(moment.state)
        if moment.event is None:
            told, before = None, moment.state
            yield _remarked(moment)
        elif isinstance(moment.event, _BY_HAND) or _deeds(moment) or view != told:
            yield _told(moment, view)
            if before and states:
                yield from _changed(before, moment.state)
            told, before = view, moment.state


def _deeds(moment: Moment) -> bool:
    """Whether something was done but to keep the lesson in step with the clock."""
    return any(not isinstance(effect, effects.SetSpeed) for effect in moment.effects)


def _told(moment: Moment, view: _View) -> str:
    screen, focus, lesson, detail, controls = view
    shown = f"{screen}{'' if controls else ' (no controls)'}"
    at = f"focus {focus}" if focus else "no focus"
    done = f"→ {', '.join(map(_done, moment.effects))}" if moment.effects else ""
    parts = (shown, at, detail, f"{lesson}{_position(moment.state)}", done)
    event = _happening(moment.event) if moment.event else ""
    return f"{_clock(moment.at)}  {event:<24}  {' · '.join(part for part in parts if part)}"


def _view(state: State) -> _View:
    playback, screen = state.playback, current_screen(state)
    lesson = f"{playback.airing.lesson.title} {playback.phase}" if playback else ""
    return screen, focused(state), lesson, _detail(state, screen), controls_visible(state)


def _detail(state: State, screen: Screen) -> str:
    """What people look at on this screen beside its focus."""
    airing = just_ended(state) if screen is Screen.AFTER else airing_for_sign_in(state)
    match screen:
        case Screen.SIGN_IN if state.number.done:
            return f"{state.number.done.name} is signed in"
        case Screen.SIGN_IN:
            return f"number {state.number.digits or 'none'}, {state.number.verdict}"
        case Screen.NAMES | Screen.COUNTDOWN | Screen.BROADCAST:
            return f"{signed_in_count(state, airing)} signed in"
        case Screen.AFTER if airing:
            noted = counted(state, airing)
            return f"{noted.people} people{''.join(f', {code}' for code in sorted(noted.phrases))}"
        case _:
            return ""


def _remarked(moment: Moment) -> str:
    begins = moment.begins
    if begins is None:
        return f"{_clock(moment.at)}  {moment.remark}"
    size = "large and few" if begins.simple else "everything"
    settings = f"{begins.software or 'an unknown program'}, {begins.language}, {size}, volume {begins.volume}"
    return f"{local(moment.at):%Y-%m-%d %H:%M:%S}  the television begins: {settings}"


def _happening(event: events.Event) -> str:
    match event:
        case events.KeyPressed(key, repeat):
            return f"key {key}{' (held)' if repeat else ''}"
        case events.SupportPressed(_help, key):
            return f"key {key} from afar"
        case events.Ticked():
            return "time"
        case _:
            return type(event).__name__


def _done(effect: effects.Effect) -> str:
    match effect:
        case effects.Record(body):
            return f"Record {_values(body)}"
        case effects.Cue(_airing, from_ms):
            return f"Cue {_media(from_ms)}"
        case effects.Seek(position_ms):
            return f"Seek {_media(position_ms)}"
        case effects.Play():
            return "Play"
        case effects.Prefer(airings):
            return f"Prefer {len(airings)}"
        case effects.KeepPlaces(places):
            return f"KeepPlaces {len(places)}"
        case _:
            return " ".join(
                [type(effect).__name__, *(_short(getattr(effect, name)) for name in effect.__struct_fields__)]
            )


def _values(body: msgspec.Struct) -> str:
    kept = [
        f"{name}={_short(value)}"
        for name in body.__struct_fields__
        if name not in _LEFT_OUT and not isinstance(value := getattr(body, name), datetime)
    ]
    return " ".join([str(body.__struct_config__.tag), *kept])


def _changed(before: State, state: State) -> Iterator[str]:
    for name in State.__struct_fields__:
        value = getattr(state, name)
        if name != "now" and getattr(before, name) != value:
            yield f"{'':14}{name} = {_short(value)}"


def _short(value: Any) -> str:
    text = _plain(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _plain(value: Any) -> str:
    """As `repr`, except that sets have an order and what people read has no quotes."""
    match value:
        case str():
            return str(value)
        case frozenset() | set():
            return f"{{{', '.join(sorted(map(_plain, value)))}}}"
        case tuple():
            return f"({', '.join(map(_plain, value))})"
        case datetime():
            return f"{local(value):%H:%M:%S}"
        case dict():
            return f"{{{', '.join(f'{_plain(key)}: {_plain(one)}' for key, one in value.items())}}}"
        case msgspec.Struct():
            parts = (f"{name}={_plain(getattr(value, name))}" for name in value.__struct_fields__)
            return f"{type(value).__name__}({', '.join(parts)})"
        case _:
            return repr(value)


def _position(state: State) -> str:
    return f" at {_media(state.playback.position_ms)}" if state.playback else ""


def _media(position_ms: int) -> str:
    minutes, seconds = divmod(max(0, position_ms) / 1000, 60)
    return f"{minutes:.0f}:{seconds:04.1f}"


def _clock(instant: datetime) -> str:
    return f"{local(instant):%H:%M:%S.%f}"[: len("00:00:00.000")]

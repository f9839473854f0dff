"""An evening as lines: what happened when, one JSON value a line, and the same evening again from them. Pure.

The first line of a run says in which state the television began (`Beginning`); each line after it is one call of
`step`: its time and its event, by name. A television that starts again goes on in the same file with another first
line. Since `step` is a function of these alone, the lines give back every state and every effect. Who writes them:
`adapters/recorder.py`; how they are read to people: `account.py`.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, get_args

import msgspec

from schedules.airings import AiringId
from tvclient.core import events
from tvclient.core.airtime import Stretches
from tvclient.core.effects import Effect
from tvclient.core.settled import Volume
from tvclient.core.state import Language, State
from tvclient.core.step import step

FORMAT: Final = 1
KINDS: Final[Mapping[str, type[events.Event]]] = {kind.__name__: kind for kind in get_args(events.Event)}
_Instant = Annotated[datetime, msgspec.Meta(tz=True)]
_NOTHING: Final = b"{}"
"""All that is to be said of an event without fields; left out."""


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON")


_encoder = msgspec.json.Encoder(order="deterministic", enc_hook=_plain)


class Damaged(ValueError):
    """The lines are no recording, or one of them cannot be replayed; the message says which and why."""


class Beginning(msgspec.Struct, frozen=True, kw_only=True):
    """The state in which a run began, as far as it differs from that of a new television.

    Attributes:
        recording: number of the format.
        software: the program that wrote it.
        volume: of lessons, 0 to 100.
    """

    at: _Instant
    language: Language = Language.ZH
    simple: bool = True
    labels: bool = False
    volume: int = 100
    software: str = ""
    recording: int = FORMAT


class _Happened(msgspec.Struct, frozen=True, kw_only=True):
    at: _Instant
    event: str
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Over(msgspec.Struct, frozen=True, kw_only=True):
    """The last line of a recording that stopped before the television did."""

    at: _Instant
    over: str


class _Any(msgspec.Struct, frozen=True):
    """Enough of a line to know what it is."""

    recording: int | None = None
    over: str | None = None


class _Stretch(msgspec.Struct, frozen=True, array_like=True):
    month: str
    airing: AiringId
    shown: Stretches


class _Restored(msgspec.Struct, frozen=True, kw_only=True):
    """`SignInsRestored`; the keys of JSON are texts, those of an airtime are pairs."""

    signed_in: dict[AiringId, frozenset[str]]
    started: frozenset[AiringId] = frozenset()
    closed: frozenset[AiringId] = frozenset()
    entered: str = ""
    airtime: tuple[_Stretch, ...] = ()
    opened: frozenset[str] = frozenset()
    answers: dict[AiringId, dict[str, tuple[int, ...]]] = msgspec.field(default_factory=dict)


class Moment(msgspec.Struct, frozen=True):
    """One line, replayed.

    Attributes:
        event: what happened; None where a run begins, or the recording is over.
        state: what is shown from then on.
        remark: words instead of an event.
    """

    at: datetime
    event: events.Event | None
    state: State
    effects: tuple[Effect, ...] = ()
    remark: str = ""
    begins: Beginning | None = None


def first_state(beginning: Beginning) -> State:
    """The television before anything has happened."""
    return State(
        beginning.at,
        language=beginning.language,
        simple=beginning.simple,
        labels=beginning.labels,
        volume=Volume(beginning.volume),
    )


def begun(beginning: Beginning) -> bytes:
    """The first line of a run."""
    return _line(beginning)


def happened(event: events.Event, now: datetime) -> bytes:
    """The line of one step.

    Raises:
        TypeError: the event holds something that has no JSON.
    """
    told: object = event
    if isinstance(event, events.SignInsRestored):
        airtime = tuple(_Stretch(month, airing, shown) for (month, airing), shown in event.airtime.items())
        told = _Restored(
            signed_in=dict(event.signed_in),
            started=event.started,
            closed=event.closed,
            entered=event.entered,
            airtime=airtime,
            opened=event.opened,
            answers={airing: dict(answers) for airing, answers in event.answers.items()},
        )
    value = _encoder.encode(told)
    said = msgspec.UNSET if value == _NOTHING else msgspec.Raw(value)
    return _line(_Happened(at=now, event=type(event).__name__, value=said))


def over(reason: str, now: datetime) -> bytes:
    """The last line of a recording that stops before the television does."""
    return _line(_Over(at=now, over=reason))


def is_recording(data: bytes) -> bool:
    """Whether a file that begins so is a recording."""
    try:
        return msgspec.json.decode(data.partition(b"\n")[0], type=_Any).recording is not None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False


def replay(data: bytes) -> Iterator[Moment]:
    """The evening again, line by line; a last line that was torn is passed over.

    Raises:
        Damaged: in its turn, when a line cannot be replayed.
    """
    state: State | None = None
    lines = data.split(b"\n")
    torn = lines.pop()
    if not lines:
        raise Damaged("This is no recording: it has no whole line.")
    for number, line in enumerate(lines, 1):
        moment = _moment(line, state, number)
        state = moment.state
        yield moment
    if torn and state is not None:
        try:
            last = _moment(torn, state, len(lines) + 1)
        except Damaged:
            return
        yield last


def _moment(line: bytes, state: State | None, number: int) -> Moment:
    try:
        known = msgspec.json.decode(line, type=_Any)
        if known.recording is not None:
            return _beginning(line, known.recording)
        if state is None:
            raise Damaged("this is no recording: it does not say how the television began")
        if known.over is not None:
            last = msgspec.json.decode(line, type=_Over)
            return Moment(last.at, None, state, remark=last.over)
        event, at = what_happened(line)
        state, todo = step(state, event, at)
    except Damaged as damage:
        raise Damaged(f"Line {number}: {damage}.") from damage
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Damaged(f"Line {number} is damaged: {error}.") from error
    return Moment(at, event, state, todo)


def _beginning(line: bytes, version: int) -> Moment:
    if version != FORMAT:
        raise Damaged(f"it was recorded in format {version}, and this program reads format {FORMAT}")
    beginning = msgspec.json.decode(line, type=Beginning)
    return Moment(beginning.at, None, first_state(beginning), begins=beginning)


def what_happened(line: bytes) -> tuple[events.Event, datetime]:
    """The event and the time of a line that `happened` made.

    Raises:
        Damaged: this program does not know the event.
        msgspec.MsgspecError, ValueError: the line is damaged.
    """
    one = msgspec.json.decode(line, type=_Happened)
    kind = KINDS.get(one.event)
    if kind is None:
        raise Damaged(f"this program knows no event {one.event}; replay it with the program that recorded it")
    value = one.value or _NOTHING
    if kind is not events.SignInsRestored:
        event: events.Event = msgspec.json.decode(value, type=kind)
        return event, one.at
    told = msgspec.json.decode(value, type=_Restored)
    airtime = {(part.month, part.airing): part.shown for part in told.airtime}
    restored = events.SignInsRestored(
        told.signed_in, told.started, told.closed, told.entered, airtime, told.opened, told.answers
    )
    return restored, one.at


def _line(value: Any) -> bytes:
    return _encoder.encode(value) + b"\n"

"""Alerts on the television: which one fills the screen, when it is said aloud, what OK does. Pure.

An alert is shown in the step that brings it, or that reaches its hour, above everything but enrolment. Which one is
first: `schedules/alerts.py`. That the lesson leaves the player meanwhile and comes back live: `playing.py`.
"""

from datetime import timedelta

from msgspec.structs import replace

from schedules.alerts import in_order, words_shown
from schedules.wire.messages import Alert
from tvclient.core.effects import Effect, Hush, KeepAnswered, Sound, Sounded, Speak
from tvclient.core.state import State

SAID_TIMES = 3
SAID_EVERY = timedelta(seconds=90)
READ_AT_LEAST = timedelta(seconds=1)
"""An OK that was on its way when the alert came is none: nobody can have read it."""

Outcome = tuple[State, tuple[Effect, ...]]
_REFUSED: tuple[Effect, ...] = (Sounded(Sound.BLOCKED),)


def waiting_alerts(state: State) -> tuple[Alert, ...]:
    """The alerts to be shown now, in order: the first fills the screen, the others follow with OK."""
    if not state.enrolment.plays:
        return ()
    return in_order(state.alerts, state.now, state.answered)


def alert_on_screen(state: State) -> Alert | None:
    """The alert that fills the television; None while there is none."""
    return next(iter(waiting_alerts(state)), None)


def answer(state: State) -> Outcome:
    """OK: somebody has read it. It does not come back, not even after a restart."""
    shown = alert_on_screen(state)
    if shown is None:
        return state, ()
    since = state.alert_since
    if since is not None and timedelta(0) <= state.now - since < READ_AT_LEAST:
        return state, _REFUSED
    answered = state.answered | {shown.id}
    return replace(state, answered=answered), (KeepAnswered(answered),)


def took(state: State, alerts: tuple[Alert, ...], answered: frozenset[str]) -> State:
    """The stored alerts changed; what nobody sends any more is forgotten."""
    known = {alert.id for alert in alerts}
    return replace(state, alerts=alerts, answered=(state.answered | answered) & known)


def announce(state: State) -> Outcome:
    """Sound and read what has newly come to the screen, and again while nobody answers; be silent when it is gone."""
    shown = alert_on_screen(state)
    if shown is None:
        if state.alert_shown is None:
            return state, ()
        return replace(state, alert_shown=None, alert_since=None, alert_said=0), (Hush(),)
    if shown.id != state.alert_shown:
        begun = replace(state, alert_shown=shown.id, alert_since=state.now, alert_said=1, blocked=None)
        return begun, _aloud(shown)
    since = state.alert_since or state.now
    if state.alert_said < SAID_TIMES and state.now - since >= state.alert_said * SAID_EVERY:
        return replace(state, alert_said=state.alert_said + 1), _aloud(shown)
    return state, ()


def _aloud(alert: Alert) -> tuple[Effect, ...]:
    headline, description, steps = words_shown(alert)
    end = "。" if alert.language.startswith("zh") else ". "
    text = end.join(part.rstrip("。.！!；;，,… ") for part in (headline, description, *steps) if part)
    return (Sounded(Sound.ALERT), Speak(text + end.strip(), alert.language))

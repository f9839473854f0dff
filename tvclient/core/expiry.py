"""Whether the rights to a stored lesson are over: its approval says until when, the box what time it is. Pure."""

from schedules.airings import PackageName
from tvclient.core.state import State


def expired(state: State, package: PackageName) -> bool:
    """Whether a package must not be shown any more, whatever the timetable says."""
    return any(
        one.package == package and one.expires_at is not None and one.expires_at <= state.now for one in state.lessons
    )

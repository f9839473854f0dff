"""Lock-out and idleness, as pure decisions."""

from datetime import datetime, timedelta

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=5)


def locked(locked_until: datetime | None, now: datetime) -> bool:
    """Whether signing in is refused at `now`."""
    return locked_until is not None and now < locked_until


def lock_after_failure(failures: int, now: datetime) -> datetime | None:
    """Until when the account is locked after its `failures`-th failure in a row; None while it is not."""
    return now + LOCK if failures % FAILURES_BEFORE_LOCK == 0 else None


def idle_too_long(seen_at: datetime, now: datetime, idle_minutes: int) -> bool:
    """Whether a session has been unused for longer than allowed."""
    return now - seen_at > timedelta(minutes=idle_minutes)

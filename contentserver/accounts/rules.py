"""Who may sign in, for how long, and who may decide about whom, as pure decisions. Passwords: `passwords.py`."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from contentserver.kernel.auth import RIGHTS, Person, Right, Role

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=5)
PAUSES: Final = (LOCK, timedelta(minutes=15), timedelta(hours=1))
"""After five failures in a row, after ten, after fifteen and every five more."""
LIFE = timedelta(hours=12)
"""A sign-in ends after this, however busy it is."""
HALF_LIFE = timedelta(minutes=5)
"""For so long a password given waits for the second factor."""
CONFIRMED_FOR = timedelta(minutes=10)
"""For so long nobody is asked for the password again."""
INVITED_FOR = timedelta(days=7)
MOST_DAYS_AWAY = 30
COUNTY_DIGITS = 6
STEP_S = 30
"""A code of a second factor changes this often (RFC 6238)."""
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


class Step(StrEnum):
    """What is still asked for after a password was right."""

    NOTHING = ""
    CODE = "code"
    SET_UP = "set_up"


@dataclass(frozen=True, slots=True)
class Device:
    """From where somebody signs in."""

    address: str = ""
    agent: str = ""


def locked(locked_until: datetime | None, now: datetime) -> bool:
    """Whether signing in is refused at `now`."""
    return locked_until is not None and now < locked_until


def lock_after_failure(failures: int, now: datetime) -> datetime | None:
    """Until when the account is locked after its `failures`-th failure in a row; None while it is not."""
    rounds, rest = divmod(failures, FAILURES_BEFORE_LOCK)
    return now + PAUSES[min(rounds, len(PAUSES)) - 1] if rounds and not rest else None


def minutes_left(until: datetime, now: datetime) -> int:
    """Whole minutes to wait, at least one."""
    return max(1, -(-int((until - now).total_seconds()) // 60))


def idle_too_long(seen_at: datetime, now: datetime, idle_minutes: int) -> bool:
    """Whether a session has been unused for longer than allowed."""
    return now - seen_at > timedelta(minutes=idle_minutes)


def over(created_at: datetime, now: datetime, step: Step) -> bool:
    """Whether a session has come to its end, in use or not; one that waits for a second factor ends sooner."""
    return now - created_at > (HALF_LIFE if step else LIFE)


def confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Whether the password was given lately."""
    return confirmed_at is not None and now - confirmed_at <= CONFIRMED_FOR


def factor_required(policy: str, role: Role, region_code: str) -> bool:
    """Whether somebody signs in with a second factor: whoever acts for a county or more, but for experts."""
    return policy == "county" and role is not Role.EXPERT and len(region_code) <= COUNTY_DIGITS


def next_step(*, has_factor: bool, required: bool) -> Step:
    """What is asked for after the password."""
    return Step.CODE if has_factor else Step.SET_UP if required else Step.NOTHING


def step_at(now: datetime) -> int:
    """The number of the time step of a second factor."""
    return int(now.timestamp()) // STEP_S


def steps_around(now: datetime) -> tuple[int, int, int]:
    """The steps whose codes are taken: clocks of phones go wrong by half a minute."""
    step = step_at(now)
    return step, step - 1, step + 1


def account_name_good(name: str) -> bool:
    """Whether somebody can be invited under an account name."""
    return _ACCOUNT.fullmatch(name) is not None


def may_grant(who: Person, role: Role, region_code: str) -> bool:
    """Whether somebody may give a role in a region, and decide about those who have it."""
    return who.may(Right.MANAGE_PEOPLE) and who.reaches(region_code) and all(who.may(right) for right in RIGHTS[role])


def may_stand_in(giver_region: str, taker: Role, taker_region: str) -> bool:
    """Whether somebody may act in the place of a person of a region: they reach it themselves; auditors never."""
    return taker is not Role.AUDITOR and giver_region.startswith(taker_region)


def days_away_good(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether somebody may be stood in for from one instant to another."""
    return now < ends_at and timedelta(0) < ends_at - starts_at <= timedelta(days=MOST_DAYS_AWAY)


_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("QQBrowser", "QQ"),
    ("360SE", "360"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def agent_in_short(agent: str) -> str:
    """A browser's name for itself in two words, such as `Edge Windows`; empty for one that says nothing known."""
    named = (next((name for mark, name in known if mark in agent), "") for known in (_BROWSERS, _SYSTEMS))
    return " ".join(filter(None, named))

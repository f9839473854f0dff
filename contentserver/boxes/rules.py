"""Decisions about boxes: expiry, credentials, who may publish and read which topic, which of them need care. Pure.

How a claim code is computed: `schedules/claim.py`.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

import msgspec

from schedules.airings import LayerId
from schedules.layers import region_layer
from schedules.wire import topics
from schedules.wire.messages import ClockReport, DiskReport, FetchRules
from schedules.wire.topics import BoxId

OFFER_LIFETIME = timedelta(hours=24)
WRONG_CODES_ALLOWED = 8
WRONG_CODES_WINDOW = timedelta(minutes=10)
LACKING = "lacking"
"""In place of an account's fingerprint: a broker has it otherwise than it should, or was not reached."""
ROTATION_WAITS = timedelta(hours=1)
"""So long the broker keeps a box's password after a new one was made, unless the box uses the new one before."""
ENDED_GRACE = timedelta(seconds=5)
"""So long a box whose enrolment was ended keeps its account, to be told why."""
REQUEST_AGE = timedelta(minutes=10)
NUMBERS_AHEAD = 32
"""A server that was restored from a backup has counted fewer credentials than the box was given."""
SILENT_DAY, SILENT_WEEK = timedelta(days=1), timedelta(days=7)
CLOCK_UNSURE_MS = 1000
"""Beyond that a box itself says that its clock is unsure."""
DISK_LOW_SHARE = 10
"""A disk is low when less than one part in so many is left for packages."""


def expired(expires_at: datetime, now: datetime) -> bool:
    """Whether an offer no longer holds."""
    return now >= expires_at


def broker_username(box: BoxId) -> str:
    """The box's name at the broker; also its client id, so that a stolen name cannot connect beside it."""
    return f"box-{box}"


def credential(secret: str, use: str, box: BoxId, credential_no: int, public_key: str = "") -> str:
    """A box's secret for one use (`broker`, `http`), derived by HMAC-SHA256 and therefore stored nowhere.

    The server can give it to a wiped broker again, and to a box whose first answer was lost. With the box's key in it,
    a number that a restored server gives to another box opens nothing for the one that had it before.
    """
    return hmac.new(secret.encode(), f"{use}:{box}:{credential_no}:{public_key}".encode(), hashlib.sha256).hexdigest()


def known_tokens(secret: str, box: BoxId, credential_no: int, public_key: str) -> Iterator[str]:
    """Every HTTP token that this box may ever have been given, the newest first."""
    for number in range(credential_no + NUMBERS_AHEAD, 0, -1):
        yield credential(secret, "http", box, number, public_key)


def waits_no_longer(rotated_at: datetime, now: datetime) -> bool:
    """Whether the broker takes the new password although the box has not used it."""
    return now >= rotated_at + ROTATION_WAITS


def timely(at: datetime, now: datetime) -> bool:
    """Whether a request was made about now, so that an old one is of no use to whoever kept it."""
    return at.tzinfo is not None and abs(now - at) <= REQUEST_AGE


def normal_serial(serial: str) -> str:
    """A serial number as two people write it alike."""
    return "".join(filter(str.isprintable, serial)).strip().upper()


def layers_of(region_codes: tuple[str, ...]) -> tuple[LayerId, ...]:
    """The layers a box follows: its region's and every one above, highest first."""
    return tuple(region_layer(code) for code in region_codes)


@dataclass(frozen=True, slots=True)
class BrokerAccount:
    """A box at the broker: name (also its only client id), password, the literal topics it may write and read."""

    username: str
    password: str
    publish: tuple[str, ...]
    read: tuple[str, ...]


def account_fingerprint(account: BrokerAccount) -> str:
    """Equal for equal accounts: name, password, topics."""
    return hashlib.sha256(repr(account).encode()).hexdigest()


def broker_account(
    secret: str, box: BoxId, credential_no: int, layers: tuple[LayerId, ...], public_key: str = ""
) -> BrokerAccount:
    """The account a box needs to follow some layers."""
    return BrokerAccount(
        username=broker_username(box),
        password=credential(secret, "broker", box, credential_no, public_key),
        publish=(
            topics.reported(box),
            topics.proofs(box),
            topics.online(box),
            topics.events(box),
            topics.replies(box),
            topics.clock(box),
        ),
        read=(
            topics.desired(box),
            topics.acks(box),
            topics.commands(box),
            topics.time(box),
            *(name(layer) for layer in layers for name in (topics.layer, topics.alerts)),
        ),
    )


class Care(StrEnum):
    """What may be said of a box in the list; several at once. `EXPECTED` is one that was announced and has not come."""

    ONLINE = "online"
    SILENT_DAY = "silent_day"
    SILENT_WEEK = "silent_week"
    WAITING = "waiting"
    DISK_LOW = "disk_low"
    CLOCK_UNSURE = "clock_unsure"
    PROGRAM_OLD = "program_old"
    GIVEN_UP = "given_up"
    EXPECTED = "expected"
    ENDED = "ended"


class Glance(msgspec.Struct, frozen=True):
    """What a list of thousands reads of a box's `Reported`; the rest of it is passed over."""

    clock: ClockReport | None = None
    disk: DiskReport | None = None
    journal_waiting: int = 0
    release: str = ""
    release_given_up: str = ""


def care_of(
    *,
    ended: bool,
    online: bool,
    heard_at: datetime,
    glance: Glance | None,
    wanted_release: str,
    now: datetime,
) -> frozenset[Care]:
    """All that is to be said of one box.

    Args:
        heard_at: when it was heard last; for a box that has not called yet, when it was let in.
        wanted_release: by `release_name`; empty where none is wanted of it.
    """
    if ended:
        return frozenset({Care.ENDED})
    silent = timedelta() if online else now - heard_at
    report = glance or Glance()
    low = report.disk is not None and report.disk.free_bytes * DISK_LOW_SHARE < report.disk.budget_bytes
    unsure = glance is not None and (report.clock is None or report.clock.uncertainty_ms > CLOCK_UNSURE_MS)
    given_up = bool(report.release_given_up) and report.release_given_up == wanted_release
    old = glance is not None and wanted_release not in {"", report.release} and not given_up
    holds = {
        Care.ONLINE: online,
        Care.SILENT_DAY: silent >= SILENT_DAY,
        Care.SILENT_WEEK: silent >= SILENT_WEEK,
        Care.WAITING: report.journal_waiting > 0,
        Care.DISK_LOW: low,
        Care.CLOCK_UNSURE: unsure,
        Care.PROGRAM_OLD: old,
        Care.GIVEN_UP: given_up,
    }
    return frozenset(care for care, true in holds.items() if true)


def release_name(version: str, sha256: str) -> str:
    """How a box names a release in its report: version and the first digits of the hash."""
    return f"{version}-{sha256[:12]}"


def fetching_is_sound(fetching: FetchRules) -> bool:
    """Whether a box can keep these rules: two different times of the day or none, and no negative budget."""
    texts = (fetching.quiet_from, fetching.quiet_until)
    if texts == ("", ""):
        return fetching.daily_bytes >= 0
    try:
        begins, ends = (time.fromisoformat(text) for text in texts)
    except ValueError:
        return False
    return begins != ends and all(len(text) == len("HH:MM") for text in texts) and fetching.daily_bytes >= 0

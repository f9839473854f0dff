"""What a box says of itself; what it observed: `events.py`. The law of evolution, to be read first: `__init__.py`."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import LayerId, PackageName
from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class LayerProof(Message, frozen=True, kw_only=True):
    """A box's word about one layer: the newest revision durable on its disk, and the one its timetable is made of."""

    revision: int
    stored_at: datetime
    applied: bool = False


class Proof(Message, frozen=True, kw_only=True):
    """Said the moment a layer is stored, and again when the timetable is made of it; `Reported` says it all once more.

    Attributes:
        revision: the newest one durable on the box's disk.
        applied: the one its timetable is made of; 0 for none.
    """

    box: BoxId
    layer: LayerId
    revision: int
    stored_at: datetime
    applied: int = 0


class PackageState(StrEnum):
    """How far a package has come on a box."""

    WAITING = "waiting"
    FETCHING = "fetching"
    STORED = "stored"
    REFUSED = "refused"
    """Unsigned or altered: it will not play."""


class PackageReport(Message, frozen=True, kw_only=True):
    """One package on a box, in bytes of what the box wants of it.

    Attributes:
        playable: some rendition is whole, one sound track included. A box that does not know the field says `stored`.
        missing_bytes: what the smallest playable rendition still lacks; None while the manifest is not here.
        rendition: name of the best rendition that is whole; empty where none is.
    """

    state: PackageState
    stored_bytes: int = 0
    wanted_bytes: int = 0
    playable: bool = False
    missing_bytes: int | None = None
    rendition: str = ""


class ClockReport(Message, frozen=True, kw_only=True):
    """The box's estimate of (server clock - own clock), and how far off the estimate may be.

    Attributes:
        drift_ppm: how much faster the server's clock runs than the box's oscillator, in parts per million; None while
            unknown.
    """

    offset_ms: int
    uncertainty_ms: int
    drift_ppm: float | None = None


class LineReport(Message, frozen=True, kw_only=True):
    """How fast the box's line is, from what it really fetched.

    Attributes:
        kbps: kilobits per second of late transfers: half of the time spent fetching was at least this fast.
        measured_at: end of the newest transfer that counted.
        bytes_today: fetched since midnight of the stations' time.
    """

    kbps: int
    measured_at: datetime
    bytes_today: int = 0


class DiskReport(Message, frozen=True, kw_only=True):
    """Room for packages on the box's disk.

    Attributes:
        free_bytes: what may still be stored; packages that nothing plans to show count as free, since they make room.
        budget_bytes: what packages may fill altogether.
    """

    free_bytes: int
    budget_bytes: int


class Reported(Message, frozen=True, kw_only=True):
    """What a box has and does. Retained; sent whenever it changes, at most once a second.

    While packages are fetched, the bytes, the line and the disk alone are worth a report only every few seconds.
    """

    box: BoxId
    epoch: str
    at: datetime
    desired_version: int = 0
    layers: dict[LayerId, LayerProof] = msgspec.field(default_factory=dict)
    packages: dict[PackageName, PackageReport] = msgspec.field(default_factory=dict)
    clock: ClockReport | None = None
    journal_through: int = 0
    """Highest sequence in the box's journal."""
    software: str = ""
    line: LineReport | None = None
    """None until something was fetched since the program started."""
    disk: DiskReport | None = None
    alerts: dict[LayerId, int] = msgspec.field(default_factory=dict)
    """The newest revision of each region's alerts that is durable on the box's disk."""
    credential_no: int = 1
    """The credential the box uses."""
    journal_waiting: int = 0
    """Rows of the journal that the server has not acknowledged."""
    journal_bytes: int = 0
    """What may still be written into the journal's reserve; 0 where nothing is left or nothing was reserved."""
    release: str = ""
    """The release that runs, by version and first digits of its hash; empty for the one that was installed."""
    release_given_up: str = ""
    """The wanted release, likewise, where it was tried, did not become healthy and was given up."""
    decoder: str = ""
    """By what the last picture was decoded, as libmpv names it; `no` in software, empty while none was."""
    keys_no: int = 0
    """The set of keys that is durable on the box's disk, and by which it believes."""


class ReplyState(StrEnum):
    """What became of a command. A word from a newer box reads as FAILED."""

    WAITING = "waiting"
    """Somebody at the television must agree first."""
    DONE = "done"
    DECLINED = "declined"
    """Somebody at the television said no, or nobody answered."""
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    """The box does not know this command."""
    FAILED = "failed"

    @classmethod
    def _missing_(cls, value: object) -> "ReplyState":
        return cls.FAILED


class Reply(Message, frozen=True, kw_only=True):
    """What became of a command; may come several times, the last one counts.

    Attributes:
        detail: a stable code where it failed, else a figure or nothing. Pictures and logs come over HTTP.
    """

    box: BoxId
    command: str
    state: ReplyState
    at: datetime
    detail: str = ""


class TimeQuestion(Message, frozen=True, kw_only=True):
    """A box asks for the time; the answer repeats `token`, by which the box knows when it asked."""

    box: BoxId
    token: str


class Online(Message, frozen=True, kw_only=True):
    """Whether the box is connected; the broker publishes `online=False` in its name when the link dies."""

    online: bool

"""What the server says to a box. The law of evolution, to be read first: `__init__.py`."""

from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import Airing, LayerId, LessonCard, PackageName
from schedules.layers import Layer
from schedules.wire.message import Message
from schedules.wire.topics import BoxId


class LayerMessage(Message, frozen=True, kw_only=True):
    """The whole published window of one layer. Signed, retained. A box ignores an older revision."""

    layer: LayerId
    owner: str
    depth: int
    revision: int
    published_at: datetime
    window_start: datetime
    window_end: datetime
    airings: tuple[Airing, ...]

    def as_layer(self) -> Layer:
        """The value that `schedules.merge` takes."""
        return Layer(id=self.layer, owner=self.owner, depth=self.depth, revision=self.revision, airings=self.airings)


class StationCard(Message, frozen=True, kw_only=True):
    """The station a box stands in, as its screen shows it."""

    id: str
    name: str
    place: str = ""
    region: str = ""
    """Statistical division code."""


class Desired(Message, frozen=True, kw_only=True):
    """What the server wants of one box. Signed, retained; a box ignores an older version."""

    box: BoxId
    version: int
    station: StationCard
    layers: tuple[LayerId, ...]
    """The layers to follow, at most `schedules.layers.MAX_LAYERS`."""
    roster_version: str = ""
    """Changes when the members who may sign in change; the box then fetches the roster over HTTP."""
    renditions: dict[PackageName, str] = msgspec.field(default_factory=dict)
    """Packages of which a smaller rendition than the best will do, by that rendition's name."""
    behind: dict[LayerId, int] = msgspec.field(default_factory=dict)
    """Revisions that the box has not proved although the broker has them; it fetches these over HTTP."""


class Severity(StrEnum):
    """How bad it is (CAP 1.2, `severity`). A word from a newer program reads as UNKNOWN."""

    EXTREME = "extreme"
    SEVERE = "severe"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Severity":
        return cls.UNKNOWN


class Urgency(StrEnum):
    """How soon one must act (CAP 1.2, `urgency`). A word from a newer program reads as UNKNOWN."""

    IMMEDIATE = "immediate"
    EXPECTED = "expected"
    FUTURE = "future"
    PAST = "past"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> "Urgency":
        return cls.UNKNOWN


class AlertKind(StrEnum):
    """What it is about; chooses the picture. A word from a newer program reads as OTHER."""

    HAIL = "hail"
    FLOOD = "flood"
    FIRE = "fire"
    WIND = "wind"
    COLD = "cold"
    HEAT = "heat"
    QUAKE = "quake"
    HEALTH = "health"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "AlertKind":
        return cls.OTHER


class Alert(Message, frozen=True, kw_only=True):
    """One warning, after the model of CAP 1.2 (OASIS). Which one is shown, and how large: `schedules/alerts.py`.

    Attributes:
        sent: when the server sent it; the true time is never before.
        effective, expires: it stands from the first instant up to, not including, the second.
        sender: who warns, in words.
        event: the danger's name, e.g. 冰雹.
        instructions: what to do, one step each; at most three are shown.
        references: ids of the alerts that this one replaces.
        language: of its words (BCP 47), for the voice.
    """

    id: str
    sent: datetime
    effective: datetime
    expires: datetime
    headline: str
    sender: str
    description: str = ""
    instructions: tuple[str, ...] = ()
    event: str = ""
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    kind: AlertKind = AlertKind.OTHER
    references: tuple[str, ...] = ()
    language: str = "zh"


class AlertsMessage(Message, frozen=True, kw_only=True):
    """Every alert that holds in one region. Signed, retained; a box ignores an older revision.

    An alert is cancelled, or has expired, by a newer revision without it.
    """

    layer: LayerId
    revision: int
    published_at: datetime
    alerts: tuple[Alert, ...] = ()


class Approval(Message, frozen=True, kw_only=True):
    """The server's word, given after review, that a package may air. Signed. A box plays no package without it."""

    package: PackageName
    lesson: LessonCard
    approved_at: datetime
    approved_by: str


class Ack(Message, frozen=True, kw_only=True):
    """What of a box's journal is committed to the server's database.

    Attributes:
        generation: names this life of the database; after a restore it differs, and the box sends again everything
            that it still has.
        through: every event up to and including this sequence is committed; 0 for none.
        gaps: ranges above `through` (first, last; both included) that are missing below the highest one seen.
    """

    box: BoxId
    epoch: str
    generation: str
    through: int
    gaps: tuple[tuple[int, int], ...] = ()


class RosterMember(Message, frozen=True, kw_only=True):
    """A person who may sign in at the station. No phone, no identity number."""

    id: str
    name: str
    number: str
    """Three to six digits, unique at the station."""


class Roster(Message, frozen=True, kw_only=True):
    """Who may sign in at a station; over HTTP to the station's boxes alone."""

    version: str
    members: tuple[RosterMember, ...] = ()

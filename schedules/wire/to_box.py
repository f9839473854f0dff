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
    """The station a box stands in, as its screen shows it.

    Attributes:
        region: statistical division code.
        stars: how the station was last assessed, 1 to 5; 0 where nothing is said.
        quota_minutes: so much it should show in a month; 0 where nothing is said.
    """

    id: str
    name: str
    place: str = ""
    region: str = ""
    stars: int = 0
    quota_minutes: int = 0


class FetchRules(Message, frozen=True, kw_only=True):
    """When and how much a station's line may be used for packages.

    Attributes:
        quiet_from, quiet_until: local time, `HH:MM`; between them nothing is fetched from the server. May cross
            midnight; both empty for no quiet hours.
        daily_bytes: at most so many from the server in one local day; 0 for no limit.
        neighbours: whether boxes of the same network are asked before the server.
    """

    quiet_from: str = ""
    quiet_until: str = ""
    daily_bytes: int = 0
    neighbours: bool = True


class Release(Message, frozen=True, kw_only=True):
    """A version of the television's program: one ZIP archive, trusted because `Desired` is signed.

    Attributes:
        version: of the program, e.g. `0.3.1`.
        sha256: of the archive, hex.
        needs: SHA-256 of the list of libraries it was made for, hex; a box that has others leaves it alone.
    """

    version: str
    sha256: str
    bytes: int
    needs: str


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
    fetching: FetchRules = FetchRules()
    credential_no: int = 1
    """Counts the box's credentials; a box that holds an older one asks for the new one (`CredentialRequest`)."""
    ended: str = ""
    """Why the box's enrolment was ended, in words; empty while it holds. The box then shows nothing but this."""
    release: Release | None = None
    """The program that the box should run; None leaves it what it has."""
    join: str = ""
    """Address of the page on which the station's people sign in by phone; empty where there is none."""
    keys_no: int = 0
    """Counts the sets of keys that boxes are to trust; a box that holds another one asks for it (`SigningKeys`)."""
    papers: dict[str, str] = msgspec.field(default_factory=dict)
    """Versions of what the station reads, by `papers.PaperKind`; a box that holds another one fetches it over HTTP."""


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
    """The server's word, given after review, that a package may air. Signed. A box plays no package without it.

    Attributes:
        expires_at: from then on it may air no more; None for ever.
    """

    package: PackageName
    lesson: LessonCard
    approved_at: datetime
    approved_by: str
    expires_at: datetime | None = None


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


class TimeAnswer(Message, frozen=True, kw_only=True):
    """The server's two of the four timestamps (RFC 5905, section 8), to the question of this token."""

    token: str
    received_at: datetime
    sent_at: datetime


class RosterMember(Message, frozen=True, kw_only=True):
    """A person who may sign in at the station. No phone, no identity number."""

    id: str
    name: str
    number: str
    """Three to six digits, unique at the station."""
    card: str = ""
    """What a reader types for their card, four to twenty digits; empty for none."""


class Roster(Message, frozen=True, kw_only=True):
    """Who may sign in at a station; over HTTP to the station's boxes alone."""

    version: str
    members: tuple[RosterMember, ...] = ()

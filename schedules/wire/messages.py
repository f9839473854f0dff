"""Every message between server and box. Before editing, read the law in `__init__.py`.

Instants are aware UTC (RFC 3339 on the wire), durations are integers of milliseconds with the unit in the name.
How bytes are made of these: `codec.py`; which are signed: `signing.py`.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import Airing, AiringId, LayerId, LessonCard, PackageName
from schedules.layers import Layer
from schedules.wire.topics import BoxId


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """Base of all messages: frozen, by keyword, every field written."""


# --- server to box -------------------------------------------------------------------------------------------------


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
    renditions: dict[PackageName, str] = {}
    """Packages of which a smaller rendition than the best will do, by that rendition's name."""
    behind: dict[LayerId, int] = {}
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


# --- box to server -------------------------------------------------------------------------------------------------


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
    """The box's estimate of (server clock - own clock), and how far off the estimate may be."""

    offset_ms: int
    uncertainty_ms: int


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
    layers: dict[LayerId, LayerProof] = {}
    packages: dict[PackageName, PackageReport] = {}
    clock: ClockReport | None = None
    journal_through: int = 0
    """Highest sequence in the box's journal."""
    software: str = ""
    line: LineReport | None = None
    """None until something was fetched since the program started."""
    disk: DiskReport | None = None
    alerts: dict[LayerId, int] = {}
    """The newest revision of each region's alerts that is durable on the box's disk."""


class Online(Message, frozen=True, kw_only=True):
    """Whether the box is connected; the broker publishes `online=False` in its name when the link dies."""

    online: bool


# --- events: what a box observed ------------------------------------------------------------------------------------


class SignInMethod(StrEnum):
    """How somebody signed in."""

    NUMBER = "number"
    NAME = "name"
    CARD = "card"
    PHONE = "phone"


class AiringStarted(Message, frozen=True, kw_only=True, tag_field="kind", tag="airing_started"):
    """The first frame of an airing moved. `late_ms` is how long after the planned start; below zero, before."""

    airing: AiringId
    planned_start: datetime
    duration_ms: int
    lesson: LessonCard
    package: PackageName
    late_ms: int


class PlaybackSpan(Message, frozen=True, kw_only=True, tag_field="kind", tag="playback_span"):
    """A stretch of an airing that was really on the screen, moving.

    A long showing is written as several spans, so that a power cut costs at most the last few seconds. Spans may
    overlap or come twice; the seconds shown are the length of their union in media time.
    """

    airing: AiringId
    lesson: LessonCard
    package: PackageName
    from_ms: int
    to_ms: int
    """Media time of the stretch: `from_ms` included, `to_ms` not."""
    started_at: datetime


class AiringEnded(Message, frozen=True, kw_only=True, tag_field="kind", tag="airing_ended"):
    """The airing left the screen. `complete` when it ran to its own end."""

    airing: AiringId
    complete: bool


class AiringMissed(Message, frozen=True, kw_only=True, tag_field="kind", tag="airing_missed"):
    """The airing could not be shown, and why (a stable code such as `not_stored`, `refused`, `player_failed`)."""

    airing: AiringId
    lesson: LessonCard
    reason: str


class SignedIn(Message, frozen=True, kw_only=True, tag_field="kind", tag="signed_in"):
    """A person's arrival in a session."""

    airing: AiringId
    lesson: LessonCard
    member: str
    method: SignInMethod


class SignInUndone(Message, frozen=True, kw_only=True, tag_field="kind", tag="sign_in_undone"):
    """The arrival was a mistake and was taken back."""

    airing: AiringId
    member: str


class HeadCounted(Message, frozen=True, kw_only=True, tag_field="kind", tag="head_counted"):
    """How many people the station administrator counted in the room, and the phrases chosen for the discussion."""

    airing: AiringId
    people: int
    phrases: tuple[str, ...] = ()


EventBody = AiringStarted | PlaybackSpan | AiringEnded | AiringMissed | SignedIn | SignInUndone | HeadCounted


class EventRecord(Message, frozen=True, kw_only=True):
    """One row of a journal. Its key is (box, epoch, sequence); the same key always has the same body.

    Attributes:
        sequence: from 1, without holes.
        at: when it happened by the box's best estimate of UTC.
        uncertainty_ms: how far off `at` may be.
        body: JSON of an `EventBody`, kept raw so that a kind not yet known survives.
    """

    sequence: int
    at: datetime
    uncertainty_ms: int
    body: msgspec.Raw


class EventBatch(Message, frozen=True, kw_only=True):
    """Consecutive or repeated rows of one journal."""

    box: BoxId
    epoch: str
    events: tuple[EventRecord, ...]


# --- enrolment, over HTTP -------------------------------------------------------------------------------------------


class EnrolmentRequest(Message, frozen=True, kw_only=True):
    """A box asks to be let in. `public_key` is the raw Ed25519 key, base64url without padding."""

    public_key: str
    serial: str = ""
    software: str = ""


class EnrolmentOffer(Message, frozen=True, kw_only=True):
    """What the television shows, and the secret by which the box asks whether somebody has entered the code."""

    enrolment: str
    claim_code: str
    """Eight characters without 0, O, 1, I; shown as XXXX-XXXX."""
    claim_url: str
    poll_token: str
    expires_at: datetime


class BrokerAccess(Message, frozen=True, kw_only=True):
    """Where the broker is and how this box is known there."""

    host: str
    port: int
    username: str
    password: str


class Credentials(Message, frozen=True, kw_only=True):
    """All that an enrolled box needs. `signing_keys` is a JWK Set (RFC 7517) of public keys."""

    box: BoxId
    http_token: str
    broker: BrokerAccess
    signing_keys: msgspec.Raw


class EnrolmentState(Message, frozen=True, kw_only=True):
    """Answer to a box's question: `credentials` once somebody has entered the code, before that None."""

    credentials: Credentials | None = None


class PackageAccess(Message, frozen=True, kw_only=True):
    """How to fetch a package: every file lies at `base + path + query` until `expires_at`."""

    approval: str
    """JWS of `Approval`."""
    base: str
    query: str
    expires_at: datetime


class ServerTime(Message, frozen=True, kw_only=True):
    """The server's two of the four timestamps (RFC 5905, section 8)."""

    received_at: datetime
    sent_at: datetime


class Problem(Message, frozen=True, kw_only=True):
    """Why a request was refused (RFC 9457): a stable code, and a sentence in the asker's language."""

    code: str
    title: str

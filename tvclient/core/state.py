"""Everything the television knows, as one frozen value. The UI draws it, `step` replaces it, nothing else holds state.

What changes it: `events.py`; what must be done about it: `effects.py`; where things stand on the screen: `pages/`.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from schedules.airings import Airing, AiringId, LessonCard, PackageName
from schedules.wire.messages import Alert, PackageReport, Roster, RosterMember, StationCard
from tvclient.core.airtime import Airtime
from tvclient.core.asked import NO_QUIZ, Quiz
from tvclient.core.consulting import NOTHING_ASKED, Asking
from tvclient.core.gaps import Gap
from tvclient.core.geometry import Direction, FocusId
from tvclient.core.papers import NO_PAPERS, Papers
from tvclient.core.reading import NOTHING_READ, Reading
from tvclient.core.roll import EVERYBODY
from tvclient.core.settled import FULL_VOLUME, UNKNOWN_BOX, BoxCard, Learning, LineCheck, Volume
from tvclient.core.shelves import CourseView, Shelf
from tvclient.core.tracks import NO_TRACKS, Tracks


class Screen(StrEnum):
    """What fills the television. HOME is derived: the lesson on the air, else the countdown, else today."""

    ENROLMENT = "enrolment"
    ENDED = "ended"
    """The server has ended the enrolment: why, and how to go on."""
    COUNTDOWN = "countdown"
    BROADCAST = "broadcast"
    TODAY = "today"
    NAMES = "names"
    """Sign-in by name."""
    SIGN_IN = "sign_in"
    """Sign-in by number."""
    WEEK = "week"
    """What is shown on which day."""
    STATION = "station"
    """The station itself: its stars, its hours, what is ready."""
    NOTICES = "notices"
    NOTICE = "notice"
    DOCUMENTS = "documents"
    DOCUMENT = "document"
    ASK = "ask"
    """What somebody wants to ask about; behind it the sentences, and what was asked before."""
    SENTENCES = "sentences"
    ANSWERS = "answers"
    ANSWER = "answer"
    QUIZ = "quiz"
    """A lesson has ended and asks: its questions, before the room is counted."""
    AFTER = "after"
    """A lesson has ended: how many were there, what was said, what comes next."""
    LIBRARY = "library"
    COURSE = "course"
    """A course and the details of its lessons."""
    MARKET = "market"
    """Prices, and what villages offer and look for."""
    OFFER = "offer"
    """One entry of the bulletin, in large letters."""
    ALERT = "alert"
    """A warning, above everything else."""
    SETTINGS = "settings"
    """Language, size, voice, volume, a remote, the line, and what this box is."""
    LEARNING = "learning"
    """An unknown remote is being learnt, key by key."""


class Language(StrEnum):
    """Languages of the screen."""

    ZH = "zh_CN"
    EN = "en"


class EnrolmentPhase(StrEnum):
    """How far the box is with being let in."""

    REACHING = "reaching"
    """No server yet: the line or the address is at fault."""
    OFFERED = "offered"
    """The claim code is on the screen."""
    ENROLLED = "enrolled"
    AGAIN = "again"
    """Enrolled, but the server has lost the box: stored lessons go on, and between them the claim code is shown."""
    ENDED = "ended"
    """The server has ended the enrolment."""


class Enrolment(msgspec.Struct, frozen=True):
    """Enrolment as the screen shows it; code and address only while OFFERED or AGAIN, the reason while ENDED."""

    phase: EnrolmentPhase = EnrolmentPhase.REACHING
    claim_code: str = ""
    claim_url: str = ""
    reason: str = ""

    @property
    def plays(self) -> bool:
        """Whether lessons and alerts are shown."""
        return self.phase in (EnrolmentPhase.ENROLLED, EnrolmentPhase.AGAIN)


class PlayPhase(StrEnum):
    """The life of one airing in the player."""

    CUEING = "cueing"
    """The player opens the package."""
    CUED = "cued"
    """Paused on the first frame, waiting for the start."""
    PLAYING = "playing"
    ENDED = "ended"
    FAILED = "failed"


class Playback(msgspec.Struct, frozen=True):
    """What the player does, by its own word.

    Attributes:
        position_ms: media time of the last report.
        span_from_ms: media time from which the stretch not yet recorded as evidence begins; None while nothing moves.
        span_started_at: UTC at which that stretch began.
        cued_from_ms: media time of the frame on which the player waits before it plays.
        since: UTC at which `phase` was entered.
        moved_at: UTC of the last report of a position.
        speed: factor of normal speed last asked for.
        sought_at: UTC of the last seek; corrections wait until it has settled.
        failure: the last failure's stable code, empty for none.
        failures: how often this airing failed.
        gaps: damaged pieces that are left out.
    """

    airing: Airing
    phase: PlayPhase
    position_ms: int = 0
    span_from_ms: int | None = None
    span_started_at: datetime | None = None
    cued_from_ms: int = 0
    since: datetime | None = None
    moved_at: datetime | None = None
    speed: float = 1.0
    sought_at: datetime | None = None
    failure: str = ""
    failures: int = 0
    gaps: tuple[Gap, ...] = ()


class StickPhase(StrEnum):
    """What the box does with a USB stick. From DONE on it may be pulled out."""

    READING = "reading"
    COPYING = "copying"
    WRITING = "writing"
    """The box's journal goes onto the stick."""
    DONE = "done"
    FULL = "full"
    """The box's own disk has no room for the rest."""
    DAMAGED = "damaged"
    """Something on it is damaged, or was never approved, and was left out."""
    UNWRITABLE = "unwritable"
    """Lessons were taken, but nothing could be written onto it: it is locked or full."""
    PULLED = "pulled"
    """It was pulled out too early."""


class Stick(msgspec.Struct, frozen=True):
    """A USB stick as the screen speaks of it; `done` of `total` lessons are whole."""

    phase: StickPhase
    done: int = 0
    total: int = 0


class NumberVerdict(StrEnum):
    """What the sign-in screen says about the digits typed so far."""

    TYPING = "typing"
    FOUND = "found"
    NOBODY = "nobody"
    ALREADY = "already"
    """This person has signed in; OK takes it back."""


class NumberEntry(msgspec.Struct, frozen=True):
    """Sign-in by number: at most six digits; the member is looked up from the third on."""

    digits: str = ""
    verdict: NumberVerdict = NumberVerdict.TYPING
    member: RosterMember | None = None
    done: RosterMember | None = None
    """Whom the last OK signed in; shown with a tick until the next digit."""
    undone: bool = False
    """The last OK took a sign-in back."""


class Help(msgspec.Struct, frozen=True):
    """Somebody of the county who wants to help from afar.

    Attributes:
        id: the command that offered it.
        helper: who, as the screen says it.
        minutes: how long at most.
        since: when it was asked.
        shown_since: when the question last came to the screen; None while it waits for another screen.
        ends_at: when it is over at the latest; None until somebody has agreed.
        heard_at: when something last reached the server.
        back_at: when Back was last pressed by hand, with no other key since.
    """

    id: str
    helper: str
    minutes: int
    since: datetime
    shown_since: datetime | None = None
    ends_at: datetime | None = None
    heard_at: datetime | None = None
    back_at: datetime | None = None

    @property
    def agreed(self) -> bool:
        """Whether somebody at the television has said yes."""
        return self.ends_at is not None


class NameList(msgspec.Struct, frozen=True):
    """Which names the screen shows: a surname (`core/roll.py`) and a page of them, from 0."""

    surname: str = EVERYBODY
    page: int = 0


class HeadCount(msgspec.Struct, frozen=True):
    """What is being noted of the lesson that has ended; a fact only when somebody says so.

    Attributes:
        airing: the lesson's airing.
        people: everybody in the room, signed in or not.
        phrases: codes of what was said (`schedules/phrases.py`).
        noted_at: when it was written down; None before.
    """

    airing: AiringId
    people: int
    phrases: frozenset[str] = frozenset()
    noted_at: datetime | None = None


class Preferences(msgspec.Struct, frozen=True):
    """What people choose at the television and find again after a restart.

    Attributes:
        simple: big type and few things on the screen.
        labels: the words of what has the focus are read aloud.
    """

    language: Language = Language.ZH
    simple: bool = True
    labels: bool = False


class StoredLesson(msgspec.Struct, frozen=True):
    """A lesson whose package is whole and approved on this box; from `expires_at` on it is not shown (`expiry.py`)."""

    package: PackageName
    lesson: LessonCard
    duration_ms: int
    approved_by: str = ""
    approved_at: datetime | None = None
    expires_at: datetime | None = None


class Chosen(msgspec.Struct, frozen=True):
    """A lesson that the village has chosen for itself (`core/watching.py`).

    Attributes:
        airing: as it plays; its start moves when somebody skips or pauses.
        planned: the missed airing that it makes up for; None where it is watched for its own sake.
        whole_ms: length of the lesson.
        paused_at: since when the picture stands; None while it moves.
    """

    airing: Airing
    planned: Airing | None
    whole_ms: int
    paused_at: datetime | None = None


EMPTY_ROSTER = Roster(version="")


class State(msgspec.Struct, frozen=True):
    """The whole state. Mappings are never changed in place.

    Attributes:
        now: the server's time in UTC by the box's best estimate, as of the last event.
        over_home: screens opened over home, the topmost last; empty means home.
        timetable: the planned airings that play, in order of start, without overlap.
        made_up: the last missed airing that was made up for, as it was shown.
        chosen: a lesson of the village's own choice, which plays beside them.
        displaced: airings of the followed layers that others keep from the screen.
        lessons: what is stored, in the order of the library.
        places: where somebody stopped watching a lesson, in milliseconds; below 0 once it was watched to its end.
        signed_in: member ids per airing, as the box's own journal knows them.
        focus: the focused thing per screen; a screen that is not in it focuses its first.
        remembered: the last focused thing per (screen, region).
        blocked: the direction of the last move that led nowhere, with a number that changes each time.
        revealed_until: controls over the lesson are visible until then.
        clock_unsure: the uncertainty of `now` exceeds a second.
        last_key_at: when somebody last pressed a key.
        attending: the airing that was on the air at the last step; closing it is one fact, written once.
        started, closed: airings whose beginning, and whose end or failure, the journal holds.
        head_count: what is being noted of the lesson that has ended; None until somebody changes something.
        dismissed: the airing whose end needs no screen any more.
        sign_in_for: the airing for which the sign-in screen was opened.
        alerts: all that the box has stored, whether they stand now or not.
        answered: ids of alerts that somebody has read and answered with OK.
        alert_shown, alert_since, alert_said: the alert on the screen after the last step, since when, and how often
            it was said aloud.
        speaking: the voice reads at this moment.
        preempted: the airing that an alert has kept from the screen.
        restart_wanted: the program should begin anew as soon as nobody would notice.
        entered: the station that the journal's newest rows belong to.
        held_back: facts that the journal could not take yet.
        stick: a USB stick that is in the box, or was a moment ago.
        help: help from afar that is asked for, or lasts.
        pictured_at: when a picture of the screen was last asked for from afar.
        join: address of the page on which the station's people sign in by phone; empty where there is none.
        burst: digits that came one upon the other, too fast for a hand: what a card reader has typed so far.
        airtime: what this television has shown of each airing since it stands in its station.
        missing_page: which page the station's screen shows of the lessons that are not stored yet, from 0.
        labels: the words of what has the focus are read aloud.
        linked_at: when the line to the broker last came or went; None before the first time.
        line_check: what somebody wanted to know of the line.
        box_card: what this box is, as far as it was asked.
        learning: the remote that is being learnt, or was last.
        scarred: packages that were whole and have damaged pieces now; what is left of them is shown.
        damage_told: damaged pieces that the journal holds (`mending.py`).
        papers: what the station reads beside its timetable.
        reading: which notice or document is open, and which were.
        quiz: where the room stands with the questions of a lesson.
        asking: what the room asks the experts, and which answer is open.
    """

    now: datetime
    enrolment: Enrolment = Enrolment()
    language: Language = Language.ZH
    simple: bool = True
    online: bool = False
    clock_unsure: bool = False
    station: StationCard | None = None
    timetable: tuple[Airing, ...] = ()
    displaced: tuple[Airing, ...] = ()
    chosen: Chosen | None = None
    made_up: Airing | None = None
    shelf: Shelf = msgspec.field(default_factory=Shelf)
    course: CourseView = msgspec.field(default_factory=CourseView)
    lessons: tuple[StoredLesson, ...] = ()
    places: Mapping[PackageName, int] = msgspec.field(default_factory=dict)
    packages: Mapping[PackageName, PackageReport] = msgspec.field(default_factory=dict)
    roster: Roster = EMPTY_ROSTER
    signed_in: Mapping[AiringId, frozenset[str]] = msgspec.field(default_factory=dict)
    playback: Playback | None = None
    tracks: Tracks = NO_TRACKS
    over_home: tuple[Screen, ...] = ()
    number: NumberEntry = NumberEntry()
    names: NameList = NameList()
    head_count: HeadCount | None = None
    dismissed: AiringId | None = None
    focus: Mapping[Screen, FocusId] = msgspec.field(default_factory=dict)
    remembered: Mapping[tuple[Screen, str], FocusId] = msgspec.field(default_factory=dict)
    blocked: tuple[Direction, int] | None = None
    revealed_until: datetime | None = None
    last_key_at: datetime | None = None
    attending: Airing | None = None
    started: frozenset[AiringId] = frozenset()
    closed: frozenset[AiringId] = frozenset()
    sign_in_for: AiringId | None = None
    alerts: tuple[Alert, ...] = ()
    answered: frozenset[str] = frozenset()
    alert_shown: str | None = None
    alert_since: datetime | None = None
    alert_said: int = 0
    speaking: bool = False
    preempted: AiringId | None = None
    restart_wanted: bool = False
    entered: str = ""
    held_back: int = 0
    stick: Stick | None = None
    help: Help | None = None
    pictured_at: datetime | None = None
    join: str = ""
    burst: str = ""
    airtime: Airtime = msgspec.field(default_factory=dict)
    missing_page: int = 0
    labels: bool = False
    volume: Volume = FULL_VOLUME
    linked_at: datetime | None = None
    line_check: LineCheck | None = None
    box_card: BoxCard = UNKNOWN_BOX
    learning: Learning | None = None
    scarred: frozenset[PackageName] = frozenset()
    damage_told: frozenset[str] = frozenset()
    papers: Papers = NO_PAPERS
    reading: Reading = NOTHING_READ
    quiz: Quiz = NO_QUIZ
    asking: Asking = NOTHING_ASKED

"""What the API answers, as values: figures, sessions, xAPI statements. People stand there under pseudonyms.

`openapi.py` describes them; a field is added, never renamed.
"""

import hashlib
import hmac
from datetime import UTC, date, datetime
from typing import Annotated, Final
from uuid import UUID, uuid5

import msgspec

from contentserver.attendance import SessionRow
from contentserver.figures import Figures
from contentserver.kernel.pagination import Page
from contentserver.reports.overview import Measured, Overview

NAMESPACE: Final = UUID("3c1a9d04-6d6f-5c0e-9f2f-6a3f1d1b7a55")
"""Of ids of statements: the same fact has the same id however often it is fetched."""
Count = Annotated[int, msgspec.Meta(ge=0)]


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over a region or a course and a period. Shares are yours to compute: both parts stand here.

    Attributes:
        stations: stations there are now.
        stations_showing: those that showed at least one lesson.
        sessions_planned: airings that the timetable asked for on days that are over.
        sessions_held: those of them of which something was shown.
        sessions_reported: airings that stations reported, planned or not, shown or not.
        people: people who came, each counted once.
        expected: attendances expected by the rolls.
        came: attendances.
        guests: people counted in the room who did not sign in.
        credit_ms: lesson time that counts, of all people together, in milliseconds.
        not_shown: planned and not held, by reason.
    """

    stations: Count
    stations_showing: Count
    sessions_planned: Count
    sessions_held: Count
    sessions_reported: Count
    people: Count
    expected: Count
    came: Count
    guests: Count
    credit_ms: Count
    not_shown: dict[str, Count]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One region below the one asked for; its code leads further down."""

    region: str
    name: str
    figures: Numbers


class CoursePart(msgspec.Struct, frozen=True, kw_only=True):
    """One course, known by its title."""

    course: str
    figures: Numbers


class FiguresAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"first": "from", "last": "to"}):
    """Figures of a region in a period of local days, both included."""

    region: str
    name: str
    first: date
    last: date
    course: str
    as_of: datetime
    figures: Numbers
    regions: list[Part]
    courses: list[CoursePart]


class SessionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One airing at one station.

    Attributes:
        late_ms: first picture after the planned second; null where there was none.
        missed_reason: why the box did not show it; empty where it did or did not say.
        head_count: people counted in the room; null where nobody counted.
    """

    airing: str
    station: str
    region: str
    lesson: str
    course: str
    planned_start: datetime
    planned_ms: Count
    shown_ms: Count
    late_ms: int | None
    complete: bool
    missed_reason: str
    expected: Count
    came: Count
    head_count: int | None
    credit_ms: Count


class SessionsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One page of sessions, the newest first."""

    page: Annotated[int, msgspec.Meta(ge=1)]
    pages: Annotated[int, msgspec.Meta(ge=1)]
    total: Count
    sessions: list[SessionAnswer]


def numbers(one: Measured) -> Numbers:
    """The figures of one thing."""
    figures: Figures = one.now
    sums = figures.sums
    return Numbers(
        stations=one.stations,
        stations_showing=one.showing,
        sessions_planned=sums.planned,
        sessions_held=sums.kept,
        sessions_reported=sums.sessions,
        people=len(figures.people),
        expected=sums.expected,
        came=sums.present,
        guests=sums.guests,
        credit_ms=sums.credit_ms,
        not_shown=dict(figures.reasons),
    )


def figures_answer(report: Overview, now: datetime) -> FiguresAnswer:
    """An overview as an answer."""
    return FiguresAnswer(
        region=report.region.code,
        name=report.region.name,
        first=report.asked.period.first,
        last=report.asked.period.last,
        course=report.asked.course,
        as_of=now,
        figures=numbers(report.whole),
        regions=[Part(region=one.code, name=one.name, figures=numbers(one)) for one in report.rows],
        courses=[CoursePart(course=one.name, figures=numbers(one)) for one in report.courses],
    )


def sessions_answer(page: Page[SessionRow]) -> SessionsAnswer:
    """A page of sessions as an answer."""
    return SessionsAnswer(
        page=page.number, pages=page.pages, total=page.total, sessions=[_session(row) for row in page.rows]
    )


def _session(row: SessionRow) -> SessionAnswer:
    return SessionAnswer(
        airing=row.airing_id,
        station=str(row.station_id),
        region=row.region_code,
        lesson=row.lesson_title,
        course=row.course_title,
        planned_start=row.planned_start,
        planned_ms=row.planned_ms,
        shown_ms=row.shown_ms,
        late_ms=row.late_ms,
        complete=row.complete,
        missed_reason=row.missed_reason,
        expected=row.expected,
        came=row.present,
        head_count=row.head_count,
        credit_ms=row.credit_ms,
    )


def pseudonym(secret: str, member: str) -> str:
    """A member's id as programs see it: always the same for one server, and no way back to the person."""
    return hmac.new(secret.encode(), b"xapi:" + member.encode(), hashlib.sha256).hexdigest()[:32]


def statement(session: SessionRow, member: str, at: datetime, present_ms: int, home: str) -> dict[str, object]:
    """One attended lesson as an xAPI statement (IEEE 9274.1.1).

    Args:
        member: a pseudonym.
        home: the server's public address, without a slash at the end.
    """
    key = f"{session.airing_id}/{session.station_id}/{member}"
    context: dict[str, object] = {
        "platform": "Yuanjiao",
        "extensions": {
            f"{home}/xapi/airing": session.airing_id,
            f"{home}/xapi/station": str(session.station_id),
            f"{home}/xapi/region": session.region_code,
            f"{home}/xapi/course": session.course_title,
        },
    }
    return {
        "id": str(uuid5(NAMESPACE, key)),
        "version": "1.0.3",
        "actor": {"objectType": "Agent", "account": {"homePage": home, "name": member}},
        "verb": {
            "id": "http://adlnet.gov/expapi/verbs/attended",
            "display": {"en-US": "attended", "zh-CN": "参加"},
        },
        "object": {
            "objectType": "Activity",
            "id": f"{home}/lessons/{session.lesson_id}",
            "definition": {
                "type": "http://adlnet.gov/expapi/activities/lesson",
                "name": {"zh-CN": session.lesson_title},
            },
        },
        "result": {"duration": iso_duration(present_ms)},
        "context": context,
        "timestamp": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    }


def iso_duration(milliseconds: int) -> str:
    """A length by ISO 8601, in seconds with at most two decimals, as xAPI compares them."""
    hundredths = max(0, milliseconds) // 10
    seconds, rest = divmod(hundredths, 100)
    return f"PT{seconds}.{rest:02}S" if rest else f"PT{seconds}S"

"""Pages of the online school for whoever sits in the browser (`members.seated`), and what their browser tells.

Whoever is not seated learns how to be, and nothing else.
"""

from itertools import groupby
from uuid import UUID

import msgspec
from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contentserver.attendance import rule_on
from contentserver.courses import Lesson, Player, player_of
from contentserver.kernel import clock, http, scoping
from contentserver.kernel.display import length_of
from contentserver.kernel.errors import NotFound, Rejected, Unauthenticated
from contentserver.kernel.pagination import paginate
from contentserver.members import Member, masked, seated, stand_up
from contentserver.school import keeping, service, tickets
from contentserver.school.models import SchoolProgress
from contentserver.school.rules import Fault, Told
from contentserver.school.schemas import MOST_BYTES, PlayedTold
from contentserver.school.seats import answer_errors, whence
from contentserver.school.tickets import Ticket
from contentserver.school.words import FAULTS

blueprint = Blueprint("school", __name__, url_prefix="/school", template_folder="templates")
scoping.free(
    blueprint, "lesson_id", because="asked of the region of whoever sits in the browser; anything else is not found"
)
PAGES, TELLING = "1200 per minute", "60 per minute"
"""A village often goes out by one address; what browsers tell is counted for each seat."""
SIZE, GOING, WORDS_CHARS = 24, 3, 60


@blueprint.get("")
@http.limiter.limit(PAGES)
def home() -> ResponseReturnValue:
    """The lessons that are open to whoever sits here, and where they can go on."""
    session = http.db_session()
    member = seated(session)
    if member is None:
        return render_template("school/door.html")
    region, today = service.region_of(session, member), clock.local(http.now()).date()
    typed, subject = request.args.get("q", "").strip()[:WORDS_CHARS], request.args.get("subject", "")[:40]
    query = service.lessons_open(region, today, typed, subject)
    page = paginate(session, query, request.args.get("page", 1, int), SIZE)
    going = [] if typed or subject or page.number > 1 else service.going_on(session, member, region, today, GOING)
    return render_template(
        "school/home.html",
        page=page,
        courses=[list(rows) for _course, rows in groupby(page.rows, lambda one: one.course_id)],
        going=[(one, _poster(one.lesson)) for one in going],
        progress=service.progress_of(session, member, page.rows),
        percent=service.percent,
        go_on_at=service.go_on_at,
        typed=typed,
        subject=subject,
        subjects=service.subjects(session, region, today),
        name=masked(member.name),
    )


@blueprint.get("/lessons/<uuid:lesson_id>")
@http.limiter.limit(PAGES)
def lesson(lesson_id: UUID) -> ResponseReturnValue:
    """The player, where whoever sits here stands with the lesson, and the others of its course."""
    session, services = http.db_session(), current_app.extensions["services"]
    member = seated(session)
    if member is None:
        return render_template("school/door.html"), 401
    region, today = service.region_of(session, member), clock.local(http.now()).date()
    found = service.lesson_open(session, lesson_id, region, today)
    player = player_of(services.store, found, http.now())
    others = service.neighbours(session, found, region, today)
    progress = service.progress_of(session, member, others)
    return render_template(
        "school/lesson.html",
        **(player or {"lesson": found}),
        plays=player is not None,
        ticket=_ticket(member, found, player),
        others=others,
        progress=progress,
        mine=progress.get(found.id),
        stands=_stands(progress.get(found.id)),
        percent=service.percent,
        go_on_at=service.go_on_at,
        share=rule_on(session, today).share_percent,
    )


@blueprint.post("/lessons/<uuid:lesson_id>/played")
@http.limiter.limit(PAGES)
@http.limiter.limit(TELLING, key_func=whence)
def played(lesson_id: UUID) -> ResponseReturnValue:
    """What the browser played: which spans are kept, what speaks against others, and where that leaves the lesson."""
    session = http.db_session()
    member = seated(session)
    if member is None:
        raise Unauthenticated("not_seated", _("Nobody sits at this device any more. Open your own record again."))
    told = _told()
    ticket = tickets.read(told.ticket, _secret())
    if ticket is None or ticket.lesson != lesson_id:
        raise Rejected("ticket_unknown", _("This page was not given out here. Load it again."))
    spans = [Told(one.sequence, one.from_ms, one.to_ms, one.at_ms, one.clock_ms) for one in told.spans]
    taken = keeping.take_in(session, member, ticket, told.viewing, spans, http.now())
    return {
        "kept": list(taken.kept),
        "refused": [{"sequence": number, "why": _why(fault)} for number, fault in sorted(taken.refused.items())],
        "stands": _stands(_progress(session, member, lesson_id)),
        "ended": _ended(session, member, lesson_id),
    }


@blueprint.post("/leave")
@http.limiter.limit(PAGES)
def leave() -> ResponseReturnValue:
    """Nobody sits here any more."""
    response = make_response(redirect(url_for("school.home"), 303))
    stand_up(response)
    return response


def _told() -> PlayedTold:
    """What the browser says.

    Raises:
        Rejected: it is no such thing.
    """
    if (request.content_length or 0) > MOST_BYTES:
        raise Rejected("too_much", _("This is more than a browser tells at once. Nothing was kept."))
    try:
        return msgspec.json.decode(request.get_data(), type=PlayedTold)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Rejected("body_unreadable", _("What the browser told cannot be read. Load the page again.")) from None


def _ticket(member: Member, found: Lesson, player: Player | None) -> str:
    if player is None:
        return ""
    given = Ticket(member.id, found.id, found.package_name or "", player["manifest"].duration_ms, http.now())
    return tickets.signed(given, _secret())


def _progress(session: Session, member: Member, lesson_id: UUID) -> SchoolProgress | None:
    return session.get(SchoolProgress, (member.id, lesson_id))


def _stands(progress: SchoolProgress | None) -> str:
    """Where that leaves the lesson, in a sentence."""
    if progress is None:
        return ""
    seen = length_of(progress.present_ms)
    if progress.credit_ms:
        return str(_("%(seen)s of it count.", seen=length_of(progress.credit_ms)))
    return str(_("%(seen)s seen so far; it does not count yet.", seen=seen))


def _ended(session: Session, member: Member, lesson_id: UUID) -> str:
    """Why the lesson may not go on; empty where it may."""
    today = clock.local(http.now()).date()
    try:
        service.lesson_open(session, lesson_id, service.region_of(session, member), today)
    except NotFound:
        return str(_("This lesson was taken away. What you have seen of it counts as before."))
    return ""


def _why(fault: Fault) -> str:
    return str(FAULTS[fault])


def _poster(found: Lesson) -> str:
    player = player_of(current_app.extensions["services"].store, found, http.now())
    if player is None:
        return ""
    manifest, access = player["manifest"], player["access"]
    return f"{access[0]}{manifest.poster}{access[1]}" if manifest.poster else ""


answer_errors(blueprint, "school/unknown.html")


def _secret() -> str:
    return str(current_app.extensions["services"].settings.secret_key)

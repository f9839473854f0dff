"""Pages: what waits for me, and one matter with its steps and the decision."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from contentserver.accounts import Account
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.processes import listing, ports, rules, service, words
from contentserver.processes.listing import Asked, Which
from contentserver.processes.models import REASON_CHARS, Process
from contentserver.processes.rules import Decision, Verdict
from contentserver.regions import path_of
from schedules.holidays import HolidayTable

blueprint = Blueprint("processes", __name__, url_prefix="/tasks", template_folder="templates")
scoping.decided(blueprint, "process_id", by=service.process_asked)

KINDS, SOURCES, CALENDAR = "process_kinds", "task_sources", "working_days"
"""What the composition root binds: kinds of processes by code, what else waits, the table of holidays."""


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    """My tasks."""
    session, who, now, asked = http.db_session(), auth.person(), http.now(), _asked()
    today = clock.local(now).date()
    page = listing.page_of_processes(session, asked, who, today, request.args.get("page", 1, int))
    sources: tuple[ports.Source, ...] = current_app.extensions[SOURCES]
    return render_template(
        "processes/tasks.html",
        page=page,
        asked=asked,
        which=words.WHICH,
        kinds=_kinds(),
        outcomes=words.OUTCOMES,
        others=[found for source in sources if (found := source(session, who, now)) is not None],
        current=service.current,
        late=lambda step: rules.late(step.due_on, today),
        places=_places([one.region_code for one in page.rows]),
    )


@blueprint.get("/<uuid:process_id>")
@auth.require()
def show(process_id: UUID) -> ResponseReturnValue:
    return _page(service.process_asked(http.db_session(), process_id, auth.person()))


@blueprint.post("/<uuid:process_id>/decide")
@auth.require()
def decide(process_id: UUID) -> ResponseReturnValue:
    """Yes or no to the step that the page showed."""
    session, who = http.db_session(), auth.person()
    process = service.process_asked(session, process_id, who)
    form = request.form
    try:
        if form.get("decision") not in {*Decision}:
            raise Rejected("decision_missing", gettext("Choose one of the two."))
        service.decide(
            session,
            _kinds()[process.kind],
            process,
            form.get("step", -1, int),
            Decision(form["decision"]),
            form.get("reason", ""),
            who,
            http.now(),
            _calendar(),
        )
    except Refusal as error:
        session.rollback()
        return _page(service.process_asked(session, process_id, who), error), http.status_of(error)
    flash(gettext("Your decision stands."))
    return redirect(url_for("processes.show", process_id=process_id))


@blueprint.post("/<uuid:process_id>/withdraw")
@auth.require()
def withdraw(process_id: UUID) -> ResponseReturnValue:
    """Whoever began it takes it back."""
    session, who = http.db_session(), auth.person()
    service.withdraw(session, service.process_asked(session, process_id, who), who, http.now())
    flash(gettext("It is taken back."))
    return redirect(url_for("processes.show", process_id=process_id))


def waiting_count() -> int:
    """How many tasks wait for the signed-in person; nobody signed in has none."""
    who = auth.person_or_none()
    return listing.count_mine(http.db_session(), who) if who else 0


def _page(process: Process, error: Refusal | None = None) -> str:
    session, who = http.db_session(), auth.person()
    step, kind, today = service.current(process), _kinds()[process.kind], clock.local(http.now()).date()
    return render_template(
        "processes/one.html",
        process=process,
        kind=kind,
        told=kind.told(session, process),
        subject_page=kind.page(process),
        names=_names(process),
        places=_places([process.region_code, *(one.desk or one.region_code for one in process.steps)]),
        step=step,
        verdict=service.verdict_on(process, step, who) if step else Verdict.OVER,
        Verdict=Verdict,
        outcomes=words.OUTCOMES,
        decisions=words.DECISIONS,
        late=lambda one: rules.late(one.due_on, today),
        mine=process.begun_by == service.owner(who),
        error=error,
        typed=request.form,
        reason_chars=REASON_CHARS,
    )


def _asked() -> Asked:
    which = request.args.get("which", Which.MINE.value)
    kind = request.args.get("kind", "")
    return Asked(
        which=Which(which) if which in {*Which} else Which.MINE,
        kind=kind if kind in _kinds() else "",
        late=bool(request.args.get("late")),
    )


def _kinds() -> Mapping[str, ports.Kind]:
    found: Mapping[str, ports.Kind] = current_app.extensions[KINDS]
    return found


def _calendar() -> HolidayTable:
    table: HolidayTable = current_app.extensions[CALENDAR](http.db_session())
    return table


def _names(process: Process) -> dict[UUID, str]:
    ids = {process.begun_by, *(step.decided_by for step in process.steps)} - {None}
    return {one: http.db_session().get_one(Account, one).display_name for one in ids if one is not None}


def _places(codes: list[str]) -> dict[str, str]:
    """Each region with those above it from the county on."""
    session = http.db_session()
    return {code: " ".join(one.name for one in path_of(session, code)[-3:]) for code in set(codes) if code}

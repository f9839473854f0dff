"""Pages of assessments to look at: rounds, one round with its scores, one subject with the forms behind its number."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from contentserver import bylaws
from contentserver.accounts import Account
from contentserver.assessments import exports, filling, objecting, results, service, words
from contentserver.assessments.models import AssessmentForm, AssessmentRound, AssessmentSubject
from contentserver.assessments.results import Line
from contentserver.assessments.rules import Part, Score
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.errors import NotFound, Refusal
from contentserver.kernel.pagination import cut, paginate
from contentserver.kernel.sheets import CSV_TYPE, XLSX_TYPE
from contentserver.processes import under_way
from contentserver.regions import parents_named, path_of

blueprint = Blueprint("assessments", __name__, url_prefix="/assessments", template_folder="templates")
scoping.decided(blueprint, "assessment_id", by=service.round_asked)
scoping.decided(blueprint, "subject_id", by=service.subject_asked)
scoping.free(blueprint, "kind", because="a kind of file")
FILES = {
    "csv": (exports.csv_of, CSV_TYPE),
    "xlsx": (exports.xlsx_of, XLSX_TYPE),
    "pdf": (exports.pdf_of, "application/pdf"),
}
STATES = ("going", "published", "closed")
BARS = 20
"""So many bars a chart has."""
CHOICES_SHOWN = 20
"""So many more than may be recommended stand in the form at once."""


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    """The rounds that somebody may know of, and how many forms wait for them."""
    session, who, now = http.db_session(), auth.person(), http.now()
    state = request.args.get("state", "")
    page = paginate(session, service.rounds_seen(who, state), request.args.get("page", 1, type=int))
    return render_template(
        "assessments/index.html",
        page=page,
        state=state if state in STATES else "",
        names={one.id: path_of(session, one.region_code)[-1].name for one in page.rows},
        states={one.id: state_of(one) for one in page.rows},
        sizes=service.sizes_of(session, [one.id for one in page.rows]),
        scheme_of=service.scheme_of,
        waiting=count_forms(),
        govern=bylaws.may_govern(who),
        today=clock.local(now).date(),
        words=words,
    )


@blueprint.get("/<uuid:assessment_id>")
@auth.require()
def show(assessment_id: UUID) -> ResponseReturnValue:
    return page_of(service.round_asked(http.db_session(), assessment_id, auth.person()))


@blueprint.get("/<uuid:assessment_id>.<any(csv, xlsx, pdf):kind>")
@auth.require()
def results_file(assessment_id: UUID, kind: str) -> ResponseReturnValue:
    """The scores to take along: the page's numbers."""
    session = http.db_session()
    row = service.round_asked(session, assessment_id, auth.person())
    if not _scores_shown(row):
        raise NotFound("scores_unknown", _("There are no scores while forms still come in."))
    make, content_type = FILES[kind]
    region, lines = path_of(session, row.region_code)[-1].name, results.standings(session, row)
    data = make(row, region, lines, places_of(lines), http.now())
    name = quote(f"{row.title}.{kind}")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(data, content_type=content_type, headers=headers)


@blueprint.get("/subjects/<uuid:subject_id>")
@auth.require()
def subject(subject_id: UUID) -> ResponseReturnValue:
    return page_of_subject(service.subject_asked(http.db_session(), subject_id, auth.person()))


def page_of(row: AssessmentRound, error: Refusal | None = None) -> str:
    """A round's page; with what was refused of the recommendation."""
    session, who, now = http.db_session(), auth.person(), http.now()
    lines, scores = results.standings(session, row), _scores_shown(row)
    if not scores:
        lines = sorted(lines, key=lambda line: (bool(line.row.gone), line.row.region_code, line.title))
    scheme = service.scheme_of(row)
    page = cut(lines, request.args.get("page", 1, type=int))
    most = results.most_of(scheme, lines)
    may_choose = [line for line in lines if line.place is not None]
    holds = service.holds(row, who)
    typed = {UUID(one) for one in request.form.getlist("chosen") if _is_id(one)} if error else None
    return render_template(
        "assessments/round.html",
        round=row,
        scheme=scheme,
        region=path_of(session, row.region_code)[-1],
        dues=service.dues_of(row),
        page=page,
        lines=lines,
        bars=[line for line in page.rows if line.final is not None][:BARS],
        scores=scores,
        totals=_totals(scheme.parts, lines),
        places=places_of(page.rows),
        state=state_of(row),
        process=under_way(session, f"assessment {row.id}", results.PUBLICATION) if holds else None,
        holds=holds,
        most=most,
        choices=may_choose[: most + CHOICES_SHOWN],
        further=may_choose[most + CHOICES_SHOWN :],
        chosen=typed if typed is not None else {line.row.id for line in lines if line.proposed},
        objections=_objections(row) if holds else [],
        corrected=[line for line in lines if line.row.corrected is not None],
        changed=results.changed_since(lines) if row.published_at else [],
        names=_names([row.begun_by, row.recommended_by, row.published_by, row.closed_by]),
        today=clock.local(now).date(),
        errors=dict(error.fields or {"": error.sentence}) if error else {},
        typed=request.form if error else {},
        words=words,
    )


def page_of_subject(row: AssessmentSubject, error: Refusal | None = None) -> str:
    """One subject with its parts, the answers of each and, for whoever holds the round, the forms."""
    session, who = http.db_session(), auth.person()
    found = session.get_one(AssessmentRound, row.round_id)
    line = next(one for one in results.standings(session, found) if one.row.id == row.id)
    shown, holds = _scores_shown(found), service.holds(found, who)
    behind = (
        {one.part.code: _behind(row, one.part) for one in line.score.parts if one.score is not None} if shown else {}
    )
    mine = [one for one in results.objections_of(session, found) if one.subject_id == row.id]
    speaks = objecting.speaks_for(who, row)
    return render_template(
        "assessments/subject.html",
        round=found,
        scheme=service.scheme_of(found),
        subject=row,
        line=line,
        place=places_of([line]).get(row.region_code, ""),
        scores=shown,
        behind=behind,
        answers={code: results.answers_to(_part(line.score, code), forms) for code, forms in behind.items()},
        said=filling.answers_of,
        names=_names([one.account_id for forms in behind.values() for one in forms]),
        holds=holds,
        objections=[one for one in mine if holds or speaks or one.upheld],
        may_object=speaks and objecting.may_object(found, http.now()) and not any(one.by for one in mine),
        errors=dict(error.fields or {"": error.sentence}) if error else {},
        typed=request.form if error else {},
        words=words,
    )


def state_of(row: AssessmentRound) -> str:
    """How a round stands now, as a key of `words.STATES`."""
    session = http.db_session()
    agreement = under_way(session, f"assessment {row.id}", results.PUBLICATION) is not None
    collected = row.published_at is None and service.is_collected(session, row, http.now())
    return words.state_of(row, http.now(), collected=collected, agreement=agreement)


def places_of(lines: Sequence[Line]) -> dict[str, str]:
    """The regions above those in which subjects are, in words."""
    return parents_named(http.db_session(), [line.row.region_code for line in lines])


def count_forms() -> int:
    """How many forms wait for the signed-in person."""
    return filling.count_waiting(http.db_session(), auth.person(), http.now())


def _scores_shown(row: AssessmentRound) -> bool:
    """Not while forms come in: nobody is to be led by what others wrote, or to see it grow."""
    return row.published_at is not None or service.is_collected(http.db_session(), row, http.now())


def _totals(parts: Sequence[Part], lines: Sequence[Line]) -> Mapping[str, tuple[int, int]]:
    """How many forms of how many came for each part, of those who are in the round."""
    here = [one for line in lines if not line.row.gone for one in line.score.parts]
    return {
        part.code: (
            sum(one.tally.sent for one in here if one.part.code == part.code),
            sum(one.tally.asked for one in here if one.part.code == part.code),
        )
        for part in parts
    }


def _objections(row: AssessmentRound) -> list[tuple[object, str, bool]]:
    """The objections of a round: each with whose score it is about, and whether it waits."""
    session = http.db_session()
    found = results.objections_of(session, row)
    about = [session.get_one(AssessmentSubject, one.subject_id) for one in found]
    titles = service.titles(session, service.scheme_of(row), about)
    return [(one, titles[one.subject_id], results.waits(session, one)) for one in found]


def _behind(row: AssessmentSubject, part: Part) -> Sequence[AssessmentForm]:
    return results.forms_behind(http.db_session(), row, part)


def _part(score: Score, code: str) -> Part:
    return next(one.part for one in score.parts if one.part.code == code)


def _names(ids: Sequence[UUID | None]) -> dict[UUID, str]:
    query = select(Account).where(Account.id.in_({one for one in ids if one is not None}))
    return {one.id: one.display_name for one in http.db_session().scalars(query)}


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

"""Pages of documents: the list, one of them, writing, sending, newer versions, recalling, passing on, and on paper."""

from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from contentserver.documents import addressing, board, listing, numbering, receiving, rules, service, words
from contentserver.documents.listing import Wanted
from contentserver.documents.models import Document
from contentserver.documents.rules import DocumentState, DocumentWordsOf, ReplyKind
from contentserver.documents.schemas import DocumentForm
from contentserver.documents.service import ChangedMeanwhile, DocumentRefused
from contentserver.kernel import auth, clock, http, pdf, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.db import Database
from contentserver.kernel.errors import Conflict, Refusal, Rejected
from contentserver.processes import CALENDAR
from contentserver.regions import children_of, region_named
from contentserver.stations import groups_within, stations_by_group
from schedules.holidays import PUBLISHED, HolidayTable

blueprint = Blueprint("documents", __name__, url_prefix="/documents", template_folder="templates")
scoping.decided(blueprint, "document_id", by=service.document_asked)
SEARCH_MAX = 60
NEW_DAYS = 3
"""Working days that a new document proposes for reading."""


def calendar() -> HolidayTable:
    """The holidays that hold, bound by the composition root."""
    table = current_app.extensions.get(CALENDAR)
    found: HolidayTable = table(http.db_session()) if table else PUBLISHED
    return found


@blueprint.get("")
@auth.require(Right.READ_DOCUMENTS)
def index() -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    box, state = request.args.get("box", ""), request.args.get("state", "")
    wanted = Wanted(
        box=box if box in ("in", "out") else "",
        state=state if state in {*DocumentState} else "",
        open_only=request.args.get("open") == "1" and addressing.acts(who),
        year=request.args.get("year", 0, int),
        words=request.args.get("q", "").strip()[:SEARCH_MAX],
    )
    page = listing.documents_seen(session, who, wanted, request.args.get("page", 1, int))
    with _database().unit_of_work() as unit:
        receiving.note_received(unit, [row.id for row in page.rows], who, http.now())
    today = clock.local(http.now()).date()
    own, counts = board.read_of(session, page.rows, who)
    return render_template(
        "documents/index.html",
        page=page,
        wanted=wanted,
        years=listing.years(session, who),
        own=own,
        counts=counts,
        names={row.region_code: region_named(session, row.region_code).name for row in page.rows},
        words=words,
        acts=addressing.acts(who),
        today=today,
        ReplyKind=ReplyKind,
    )


@blueprint.get("/new")
@auth.require(Right.SEND_DOCUMENTS)
def new() -> ResponseReturnValue:
    service.office_of(auth.person())
    form = _form(auth.person().region_code)
    form.to_offices.data = form.to_stations.data = True
    form.read_days.data = NEW_DAYS
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.SEND_DOCUMENTS)
def save_new() -> ResponseReturnValue:
    service.office_of(auth.person())
    return _saved(_form(auth.person().region_code), None)


@blueprint.get("/<uuid:document_id>")
@auth.require(Right.READ_DOCUMENTS)
def show(document_id: UUID) -> ResponseReturnValue:
    """A document; opening it is reading it, for whoever acts for a recipient."""
    who, now = auth.person(), http.now()
    session = http.db_session()
    row = service.document_asked(session, document_id, who)
    before = min((one.read_version for one in addressing.own(session, [row.id], who)), default=0)
    if before < row.version:
        with _database().unit_of_work() as unit:
            receiving.note_read(unit, service.document_with(unit, document_id), who, now)
    return show_page(row, before=before)


@blueprint.get("/<uuid:document_id>/edit")
@auth.require(Right.SEND_DOCUMENTS)
def edit(document_id: UUID) -> ResponseReturnValue:
    row = _mine(document_id)
    if row.state == DocumentState.WITHDRAWN:
        return redirect(url_for("documents.show", document_id=document_id))
    form = _form(row.region_code)
    form.fill(service.words_of_row(row), row.saved)
    return _form_page(form, row)


@blueprint.post("/<uuid:document_id>/edit")
@auth.require(Right.SEND_DOCUMENTS)
def save(document_id: UUID) -> ResponseReturnValue:
    row = _mine(document_id)
    return _saved(_form(row.region_code), row)


@blueprint.post("/<uuid:document_id>/send")
@auth.require(Right.SEND_DOCUMENTS)
def send(document_id: UUID) -> ResponseReturnValue:
    session, row = http.db_session(), _mine(document_id)
    try:
        service.send(session, row, auth.person(), http.now(), calendar())
    except DocumentRefused as error:
        session.rollback()
        form = _form(row.region_code)
        form.fill(service.words_of_row(row), row.saved)
        form.blame(error.faults)
        return _form_page(form, row), 422
    row = service.document_with(session, document_id)
    flash(_("It is sent under the number %(number)s.", number=row.number))
    return redirect(url_for("documents.show", document_id=document_id))


@blueprint.post("/<uuid:document_id>/withdraw")
@auth.require(Right.SEND_DOCUMENTS)
def withdraw(document_id: UUID) -> ResponseReturnValue:
    row = _mine(document_id)
    try:
        service.withdraw(http.db_session(), row, request.form.get("reason", ""), auth.person(), http.now())
    except Rejected as error:
        return show_page(row, errors={"reason": error.sentence}), 422
    flash(_("It is recalled. Whoever has read it sees that, and why."))
    return redirect(url_for("documents.show", document_id=document_id))


@blueprint.post("/<uuid:document_id>/discard")
@auth.require(Right.SEND_DOCUMENTS)
def discard(document_id: UUID) -> ResponseReturnValue:
    service.discard(http.db_session(), _mine(document_id), auth.person(), http.now())
    flash(_("The draft is gone."))
    return redirect(url_for("documents.index"))


@blueprint.post("/<uuid:document_id>/forward")
@auth.require(Right.SEND_DOCUMENTS)
def forward(document_id: UUID) -> ResponseReturnValue:
    """Pass on a document of the office above, as a draft of one's own office."""
    session, who = http.db_session(), auth.person()
    row = service.document_asked(session, document_id, who)
    if row.state != DocumentState.SENT:
        raise Conflict("document_recalled", _("The document was recalled meanwhile: it is not passed on."))
    title = _("Passing on: %(title)s", title=row.title)
    asked = DocumentWordsOf(
        regions=(service.office_of(who),),
        title=title[: rules.TITLE_MAX],
        text=_("%(number)s of %(issuer)s is passed on to you.", number=row.number, issuer=_issuer(row))
        + "\n"
        + row.text[: rules.TEXT_MAX - 200],
        read_days=row.read_days,
        reply_days=row.reply_days,
        reply=ReplyKind(row.reply),
        options=rules.lines_of(row.options),
    )
    made = service.draft(session, asked, who, http.now(), forwards=row)
    flash(_("A draft of your own office was made of it. Look it through, and send it."))
    return redirect(url_for("documents.edit", document_id=made.id))


@blueprint.get("/<uuid:document_id>/print.pdf")
@auth.require(Right.READ_DOCUMENTS)
def printed(document_id: UUID) -> ResponseReturnValue:
    """The document on paper, under the red head of its office."""
    who, session = auth.person(), http.db_session()
    row = service.document_asked(session, document_id, who)
    if row.state == DocumentState.WITHDRAWN and not service.oversees(row, who):
        raise Conflict("document_recalled", _("The document was recalled: it is not printed any more."))
    asked = service.words_of_row(row)
    page = render_template(
        "documents/sheet.html",
        document=row,
        issuer=_issuer(row),
        paragraphs=row.text.split("\n"),
        files=service.files_of(row),
        told=", ".join(addressing.targets_named(session, asked)),
        day=clock.local(row.sent_at or row.written_at).date(),
    )
    name = f"document-{row.year or 'draft'}-{row.place or row.id.hex[-6:]}.pdf"
    return Response(
        pdf.pdf_of(page),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def show_page(
    row: Document,
    *,
    before: int | None = None,
    errors: dict[str, object] | None = None,
    given: list[str] | None = None,
) -> str:
    """A document; with the version that was read here before, and what is wrong with what was typed."""
    session, who, kind = http.db_session(), auth.person(), ReplyKind(row.reply)
    mine = addressing.own(session, [row.id], who)
    answers = receiving.replies_of(session, [one.id for one in mine[:1]])
    earlier = service.version_of(session, row, before) if before and before < row.version else None
    versions = [service.version_of(session, row, one) for one in range(1, row.version)]
    asked = service.words_of_row(row)
    found = addressing.addressed(session, row.region_code, asked) if row.state == DocumentState.DRAFT else None
    draft, today = row.state == DocumentState.DRAFT, clock.local(http.now()).date()
    receipts = [] if draft else board.lines(session, row, who, today)
    people = {
        row.written_by,
        row.sent_by,
        row.withdrawn_by,
        *(one.by for several in answers.values() for one in several),
    }
    return render_template(
        "documents/show.html",
        document=row,
        issuer=_issuer(row),
        kind=kind,
        words=words,
        told=addressing.targets_named(session, asked),
        files=service.files_of(row),
        mine=mine,
        answers=answers.get(mine[0].id, []) if mine else [],
        given=given or [],
        options=rules.lines_of(row.options),
        choices=rules.choices(kind, rules.lines_of(row.options)),
        may_write=service.may_write(row, who),
        hidden=row.state == DocumentState.WITHDRAWN and not service.oversees(row, who),
        may_forward=_may_forward(row),
        earlier=earlier,
        changes=rules.difference(f"{earlier.title}\n{earlier.text}", f"{row.title}\n{row.text}") if earlier else [],
        versions=[one for one in versions if one],
        forwards=_forwarded(row),
        sees_board=len(receipts) > len(mine),
        counts=None if draft else board.counted(receipts),
        reaches=found,
        unreachable=addressing.unreachable(session, found) if found else [],
        next_number=_next_number(row) if draft else "",
        people=board.names_of(session, {one for one in people if one}),
        today=today,
        errors=errors or {},
        limits={"files": 15, "answer": rules.ANSWER_MAX},
    )


def _may_forward(row: Document) -> bool:
    who = auth.person()
    office = who.may(Right.SEND_DOCUMENTS) and 0 < len(who.region_code) <= rules.OFFICE_DIGITS
    return (
        office
        and row.state == DocumentState.SENT
        and row.region_code != who.region_code
        and not who.reaches(row.region_code)
    )


def _forwarded(row: Document) -> Document | None:
    """The document that this one passes on, where the person may know of it."""
    if row.forwards is None:
        return None
    session = http.db_session()
    found = session.get(Document, row.forwards)
    return found if found is not None and addressing.knows(session, found, auth.person()) else None


def _next_number(row: Document) -> str:
    year = clock.local(http.now()).year
    scheme = numbering.scheme_of(http.db_session(), row.region_code, year)
    return rules.number_of(scheme.word, year, scheme.last + 1)


def _saved(form: DocumentForm, row: Document | None) -> ResponseReturnValue:
    """Save the form; nobody receives a draft before it is sent."""
    session, who, now = http.db_session(), auth.person(), http.now()
    if not form.validate():
        return _form_page(form, row), 422
    try:
        if row is None:
            row = service.draft(session, form.asked(), who, now)
        else:
            service.change(session, row, form.asked(), form.saved.data or 0, who, now, calendar())
    except ChangedMeanwhile as error:
        form.stand_on(error.row.saved)
        return _form_page(form, row, theirs=error.row, refused=error), 409
    except DocumentRefused as error:
        session.rollback()
        form.blame(error.faults)
        return _form_page(form, row), 422
    sent = row.state == DocumentState.SENT
    flash(_("The newer version is sent: everybody is asked to read it.") if sent else _("The draft is saved."))
    return redirect(url_for("documents.show", document_id=row.id))


def _form(region_code: str) -> DocumentForm:
    """The form with the regions below an office."""
    session, form = http.db_session(), DocumentForm()
    form.regions.choices = [
        SelectChoice(region_code, _("Everything below %(region)s", region=region_named(session, region_code).name)),
        *(SelectChoice(one.code, one.name) for one in children_of(session, region_code)),
    ]
    form.reply.choices = [SelectChoice(kind.value, name) for kind, name in words.REPLIES.items()]
    return form


def _form_page(
    form: DocumentForm, row: Document | None, *, theirs: Document | None = None, refused: Refusal | None = None
) -> str:
    session, who = http.db_session(), auth.person()
    offered = groups_within(session, who.region_code)
    known = {choice.value: choice.label for choice in form.regions.choices}
    return render_template(
        "documents/form.html",
        form=form,
        document=row,
        sent=row is not None and row.state == DocumentState.SENT,
        regions=known,
        offered=offered,
        sizes={one: len(found) for one, found in stations_by_group(session, [one.id for one in offered]).items()},
        told=addressing.targets_named(session, service.words_of_row(row)) if row else [],
        theirs=theirs,
        refused=refused,
        limits={"title": rules.TITLE_MAX, "text": rules.TEXT_MAX, "days": rules.MOST_DAYS},
        ngettext=ngettext,
    )


def _mine(document_id: UUID) -> Document:
    """The document of an address, where the person may change it."""
    row = service.document_with(http.db_session(), document_id)
    auth.require_scope(row.region_code)
    return row


def _issuer(row: Document) -> str:
    return region_named(http.db_session(), row.region_code).name


def _database() -> Database:
    found: Database = current_app.extensions["database"]
    return found

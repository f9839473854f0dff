"""Pages beside a document: its answer, its attachments, the board of its receipts, and how an office numbers."""

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from contentserver.documents import addressing, attaching, board, numbering, receiving, rules, service, sniffing, words
from contentserver.documents.board import Which
from contentserver.documents.keeping import FILE_BYTES, Cabinet
from contentserver.documents.models import Document, DocumentFile, DocumentRecipient, DocumentReply
from contentserver.documents.rules import DocumentState, ReplyKind
from contentserver.documents.views import show_page
from contentserver.kernel import auth, clock, http, scoping, sheets
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Conflict, NotFound, Refusal, Rejected
from contentserver.kernel.pagination import cut
from contentserver.regions import parents_named, region_named
from schedules.wire.messages import Problem

blueprint = Blueprint("document_desk", __name__, url_prefix="/documents", template_folder="templates")
CABINET = "document_cabinet"


def file_asked(session: Session, document_id: UUID, attachment_id: UUID, who: Person) -> DocumentFile:
    """An attachment of a document that the person may read.

    Raises:
        NotFound: there is none, or it does not concern them, or the document was recalled.
    """
    row = service.document_asked(session, document_id, who)
    found = session.get(DocumentFile, attachment_id)
    gone = row.state == DocumentState.WITHDRAWN and not service.oversees(row, who)
    if found is None or found.document_id != row.id or gone:
        raise NotFound("file_unknown", _("There is no such attachment."))
    return found


def answer_asked(session: Session, document_id: UUID, reply_id: UUID, who: Person) -> DocumentReply:
    """An answer with a file, of a recipient in the person's region.

    Raises:
        NotFound: there is none, or it does not concern them.
    """
    row = service.document_asked(session, document_id, who)
    given = session.get(DocumentReply, reply_id)
    one = session.get(DocumentRecipient, given.recipient_id) if given is not None else None
    if given is None or one is None or one.document_id != row.id or not addressing.lies_below(session, one, who):
        raise NotFound("answer_unknown", _("There is no such answer."))
    return given


scoping.decided(blueprint, "document_id", by=service.document_asked)
scoping.decided(blueprint, "document_id", "attachment_id", by=file_asked, at=("file", "detach"))
scoping.decided(blueprint, "document_id", "reply_id", by=answer_asked, at=("answer_file",))
scoping.free(blueprint, "form", because="a kind of file", at=("receipts_file",))


@blueprint.post("/<uuid:document_id>/files")
@auth.require(Right.SEND_DOCUMENTS)
def attach(document_id: UUID) -> ResponseReturnValue:
    row = _mine(document_id)
    try:
        kept = cabinet().keep([_content(one) for one in request.files.getlist("files") if one.filename])
        attaching.attach(http.db_session(), row, kept, auth.person(), http.now())
    except Rejected as error:
        return show_page(row, errors={"files": error.sentence}), 422
    return redirect(url_for("documents.show", document_id=document_id, _anchor="files"))


@blueprint.post("/<uuid:document_id>/files/<uuid:attachment_id>/remove")
@auth.require(Right.SEND_DOCUMENTS)
def detach(document_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    attaching.detach(http.db_session(), _mine(document_id), attachment_id, auth.person(), http.now())
    return redirect(url_for("documents.show", document_id=document_id, _anchor="files"))


@blueprint.get("/<uuid:document_id>/files/<uuid:attachment_id>")
@auth.require(Right.READ_DOCUMENTS)
def file(document_id: UUID, attachment_id: UUID) -> ResponseReturnValue:
    """An attachment, to be saved; never opened inside this site."""
    found = file_asked(http.db_session(), document_id, attachment_id, auth.person())
    return _given(found.digest, found.name, found.kind)


@blueprint.get("/<uuid:document_id>/answers/<uuid:reply_id>")
@auth.require(Right.READ_DOCUMENTS)
def answer_file(document_id: UUID, reply_id: UUID) -> ResponseReturnValue:
    """The file of an answer, for those who oversee whoever gave it, and for these."""
    given = answer_asked(http.db_session(), document_id, reply_id, auth.person())
    if not given.file_digest:
        raise NotFound("file_unknown", _("There is no such attachment."))
    return _given(given.file_digest, given.file_name, given.file_kind)


@blueprint.post("/<uuid:document_id>/reply")
@auth.require(Right.READ_DOCUMENTS)
def reply(document_id: UUID) -> ResponseReturnValue:
    session, who = http.db_session(), auth.person()
    row = service.document_asked(session, document_id, who)
    kind = ReplyKind(row.reply)
    given = request.form.getlist("answer")
    try:
        kept = None
        if kind is ReplyKind.FILE and row.state == DocumentState.SENT:
            chosen = request.files.get("file")
            kept = cabinet().keep([_content(chosen)])[0] if chosen is not None and chosen.filename else None
        receiving.reply(session, row, given, kept, who, http.now())
    except Rejected as error:
        session.rollback()
        return show_page(row, errors={"answer": error.sentence}, given=given), 422
    flash(_("Your answer is on its way up. You may answer again: the newest answer stands."))
    return redirect(url_for("documents.show", document_id=document_id, _anchor="answer"))


@blueprint.get("/<uuid:document_id>/board")
@auth.require(Right.READ_DOCUMENTS)
def receipts(document_id: UUID) -> ResponseReturnValue:
    """Who has received, read and answered, counted by the parts of the tree."""
    session, who = http.db_session(), auth.person()
    row = _sent(document_id)
    asked, under = request.args.get("which", ""), request.args.get("under", "")[:12]
    which = Which(asked) if asked in {*Which} else Which.ALL
    found = board.lines(session, row, who, clock.local(http.now()).date())
    root = max((under, row.region_code, who.region_code), key=len)
    inside = board.chosen(found, Which.ALL, under)
    shown = cut(board.chosen(found, which, under), request.args.get("page", 1, int))
    answers = receiving.replies_of(session, [one.id for one in shown.rows])
    people = {one.read_by for one in shown.rows} | {one.by for several in answers.values() for one in several}
    return render_template(
        "documents/board.html",
        document=row,
        kind=ReplyKind(row.reply),
        options=rules.lines_of(row.options),
        words=words,
        which=which,
        under=region_named(session, under) if under else None,
        counts=board.counted(inside),
        parts=board.parts(session, inside, root),
        shown=shown,
        answers=answers,
        people=board.names_of(session, {one for one in people if one}),
        places=parents_named(session, [one.place for one in shown.rows]),
        oversees=service.oversees(row, who),
    )


@blueprint.get("/<uuid:document_id>/board.<any(csv, xlsx):form>")
@auth.require(Right.SEND_DOCUMENTS)
def receipts_file(document_id: UUID, form: str) -> ResponseReturnValue:
    """The board to take along, chosen as on the page."""
    session, who = http.db_session(), auth.person()
    row = _sent(document_id)
    asked, under = request.args.get("which", ""), request.args.get("under", "")[:12]
    which = Which(asked) if asked in {*Which} else Which.ALL
    found = board.chosen(board.lines(session, row, who, clock.local(http.now()).date()), which, under)
    tops, made = [f"{row.number} {row.title}"], board.table(session, row, found)
    body = sheets.as_csv(tops, made) if form == "csv" else sheets.as_xlsx(tops, made)
    return Response(
        body,
        content_type=sheets.CSV_TYPE if form == "csv" else sheets.XLSX_TYPE,
        headers={"Content-Disposition": f'attachment; filename="receipts-{row.year}-{row.place}.{form}"'},
    )


@blueprint.get("/numbering")
@auth.require(Right.SEND_DOCUMENTS)
def numbers() -> ResponseReturnValue:
    return _numbers_page({})


@blueprint.post("/numbering")
@auth.require(Right.SEND_DOCUMENTS)
def set_numbers() -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    office = service.office_of(who)
    given = request.form.get("given", "").strip()
    try:
        count = int(given) if given.isascii() and given.isdecimal() else (None if not given else -1)
        numbering.set_scheme(session, office, clock.local(now).year, request.form.get("word", ""), count, who, now)
    except Refusal as error:
        session.rollback()
        return _numbers_page(dict(error.fields)), http.status_of(error)
    flash(_("From now on your office numbers like this."))
    return redirect(url_for("document_desk.numbers"))


@blueprint.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """More came than may come at once; it is told before anybody knows who sent it, and nothing of it was kept."""
    sentence = _("This is too large: a file may have at most 15 MB, and all that is sent at once 16 MB.")
    if http.wants_json():
        return http.json_response(Problem(code="file_large", title=sentence), 413)
    return render_template("problem.html", sentence=sentence, code="file_large"), 413


def cabinet() -> Cabinet:
    """Where attachments lie, bound by the composition root."""
    found: Cabinet = current_app.extensions[CABINET]
    return found


def _content(given: FileStorage) -> tuple[str, bytes]:
    return given.filename or "", given.stream.read(FILE_BYTES + 1)


def _given(digest: str, name: str, kind: str) -> Response:
    found = cabinet().file_of(digest)
    if not found.exists():
        raise NotFound("file_unknown", _("There is no such attachment."))
    answer = send_file(found, mimetype=sniffing.TYPES.get(kind, "application/octet-stream"))
    answer.headers["Content-Disposition"] = f"attachment; filename=\"file.{kind}\"; filename*=UTF-8''{quote(name)}"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _numbers_page(errors: dict[str, object]) -> str:
    session, who, year = http.db_session(), auth.person(), clock.local(http.now()).year
    office = service.office_of(who)
    scheme = numbering.scheme_of(session, office, year)
    return render_template(
        "documents/numbering.html",
        scheme=scheme,
        office=region_named(session, office),
        next_number=rules.number_of(scheme.word, year, scheme.last + 1),
        typed=request.form,
        errors=errors,
    )


def _mine(document_id: UUID) -> Document:
    row = service.document_with(http.db_session(), document_id)
    auth.require_scope(row.region_code)
    return row


def _sent(document_id: UUID) -> Document:
    row = service.document_asked(http.db_session(), document_id, auth.person())
    if row.state == DocumentState.DRAFT:
        raise Conflict("not_sent", _("Nobody has received this document yet."))
    return row

"""Pages of notices: the list, one of them with its readers, writing and changing, and the sheet for the board."""

from collections.abc import Sequence
from uuid import UUID

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from wtforms import SelectChoice

from contentserver.accounts import Account
from contentserver.kernel import auth, http, pdf, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Forbidden, NotFound, Refusal, Rejected
from contentserver.notices import reaching, reading, rules, service
from contentserver.notices.models import NoticeRow
from contentserver.notices.reaching import Targets
from contentserver.notices.rules import NoticeState, NoticeWords, Standing
from contentserver.notices.schemas import STANDINGS, NoticeForm
from contentserver.notices.service import ChangedMeanwhile, NoticeRefused, Wanted
from contentserver.regions import depth_of, parents_named, region_names, regions_in
from contentserver.stations import stations_by_group
from schedules.alerts import length_of

blueprint = Blueprint("notices", __name__, url_prefix="/notices", template_folder="templates")
scoping.decided(blueprint, "notice_id", by=service.notice_asked)
SEARCH_MAX = 60
MOST_NAMED = 3
"""Regions and groups of one line of the list."""
SETTINGS = (("huge", 70), ("large", 180), ("middle", 520))
"""In how large letters the printed sheet is set, up to how many characters; beyond that in small ones."""


@blueprint.get("")
@auth.require()
def index() -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    named = request.args.get("state", "")
    wanted = Wanted(
        standing=Standing(named) if named in {*Standing} else None,
        region_code=request.args.get("region", "")[:12],
        words=request.args.get("q", "").strip()[:SEARCH_MAX],
    )
    page = service.notices_seen(session, who, wanted, request.args.get("page", 1, int), now)
    codes = service.regions_with_notices(session, who)
    return render_template(
        "notices/index.html",
        page=page,
        wanted=wanted,
        standings=STANDINGS if who.may(Right.NOTIFY) else {one: STANDINGS[one] for one in _OPEN},
        standing_of={row.id: service.standing_of(row, now) for row in page.rows},
        regions=region_names(http.db_session(), codes),
        told=_told(page.rows, MOST_NAMED),
        counts=reading.counts(session, page.rows, who) if who.may(Right.NOTIFY) else {},
    )


_OPEN = (Standing.SHOWN, Standing.COMING, Standing.OVER)


@blueprint.get("/new")
@auth.require(Right.NOTIFY)
def new() -> ResponseReturnValue:
    form = _form()
    form.issuer.data = service.usual_issuer(http.db_session(), auth.person())
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.NOTIFY)
def save_new() -> ResponseReturnValue:
    return _saved(_form(), None)


@blueprint.get("/<uuid:notice_id>")
@auth.require()
def show(notice_id: UUID) -> ResponseReturnValue:
    return _show_page(_notice(notice_id))


@blueprint.get("/<uuid:notice_id>/edit")
@auth.require(Right.NOTIFY)
def edit(notice_id: UUID) -> ResponseReturnValue:
    row = _mine(notice_id)
    if row.state == NoticeState.WITHDRAWN:
        return redirect(url_for("notices.show", notice_id=notice_id))
    form = _form()
    form.fill(service.words_of(row), row.saved)
    return _form_page(form, row)


@blueprint.post("/<uuid:notice_id>/edit")
@auth.require(Right.NOTIFY)
def save(notice_id: UUID) -> ResponseReturnValue:
    return _saved(_form(), _mine(notice_id))


@blueprint.post("/<uuid:notice_id>/publish")
@auth.require(Right.NOTIFY)
def publish(notice_id: UUID) -> ResponseReturnValue:
    row = _mine(notice_id)
    try:
        service.publish(http.db_session(), row, auth.person(), http.now())
    except NoticeRefused as error:
        form = _form()
        form.fill(service.words_of(row), row.saved)
        form.blame(error.faults)
        return _form_page(form, row), 422
    flash(_("The notice is on its way to the televisions. It is there within minutes where there is a line."))
    return redirect(url_for("notices.show", notice_id=notice_id))


@blueprint.post("/<uuid:notice_id>/withdraw")
@auth.require(Right.NOTIFY)
def withdraw(notice_id: UUID) -> ResponseReturnValue:
    row = _mine(notice_id)
    try:
        service.withdraw(http.db_session(), row, request.form.get("reason", ""), auth.person(), http.now())
    except Rejected as error:
        return _show_page(row, wrong=str(error.sentence)), 422
    flash(_("The notice is withdrawn. It leaves the televisions within minutes."))
    return redirect(url_for("notices.show", notice_id=notice_id))


@blueprint.post("/<uuid:notice_id>/discard")
@auth.require(Right.NOTIFY)
def discard(notice_id: UUID) -> ResponseReturnValue:
    service.discard(http.db_session(), _mine(notice_id), auth.person(), http.now())
    flash(_("The draft is gone."))
    return redirect(url_for("notices.index"))


@blueprint.get("/<uuid:notice_id>/print.pdf")
@auth.require()
def printed(notice_id: UUID) -> ResponseReturnValue:
    """The notice on paper, for the village's board."""
    row = _notice(notice_id)
    length = length_of(row.text)
    page = render_template(
        "notices/sheet.html",
        notice=row,
        draft=row.published_at is None,
        withdrawn=row.state == NoticeState.WITHDRAWN,
        paragraphs=row.text.split("\n"),
        told=_told([row])[row.id],
        setting=next((name for name, most in SETTINGS if length <= most), "small"),
        begins=row.valid_from or row.published_at,
        language="zh" if any("\u3400" <= char <= "\u9fff" for char in row.text) else "en",
    )
    name = f"notice-{row.published_at or row.written_at:%Y%m%d}-{row.id.hex[-6:]}.pdf"
    return Response(
        pdf.pdf_of(page),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )


def _show_page(row: NoticeRow, *, wrong: str = "") -> str:
    """A notice; with what is wrong with the reason for withdrawing it."""
    who, session = auth.person(), http.db_session()
    read = {"yes": True, "no": False}.get(request.args.get("read", ""))
    sees = who.may(Right.NOTIFY) and row.published_at is not None
    found = reading.readers(session, row, who) if sees else []
    shown = reading.page_of_readers(found, read=read, number=request.args.get("page", 1, int))
    return render_template(
        "notices/show.html",
        notice=row,
        standing=service.standing_of(row, http.now()),
        standings=STANDINGS,
        told=_told([row])[row.id],
        reaches=len(reaching.reached_by(session, [row], who.region_code)[row.id]) if who.may(Right.NOTIFY) else None,
        people=_people(row),
        may_write=service.may_write(row, who),
        sees_readers=sees,
        readers=shown,
        places=parents_named(session, [one.station.region_code for one in shown.rows]),
        have_read=sum(one.read_at is not None for one in found),
        of_all=len(found),
        read=read,
        wrong=wrong,
    )


def _saved(form: NoticeForm, row: NoticeRow | None) -> ResponseReturnValue:
    """Save the form; with `publish` also send it to the televisions."""
    session, who, now = http.db_session(), auth.person(), http.now()
    if "add" in request.form or "count" in request.form:
        form.stand_for(rules.outermost(form.words().regions))
        return _form_page(form, row)
    if not form.validate():
        return _form_page(form, row), 422
    try:
        if row is None:
            row = service.draft(session, form.words(), who, now)
        else:
            service.change(session, row, form.words(), form.saved.data or 0, who, now)
        if "publish" in request.form and row.state == NoticeState.DRAFT:
            service.publish(session, row, who, now)
    except ChangedMeanwhile as error:
        form.stand_on(error.row.saved)
        return _form_page(form, row, theirs=service.words_of(error.row), refused=error), 409
    except NoticeRefused as error:
        form.blame(error.faults)
        return _form_page(form, row), 422
    except (Forbidden, NotFound) as error:
        form.region_code.errors = [str(error.sentence)]
        return _form_page(form, row), http.status_of(error)
    published = row.state == NoticeState.PUBLISHED
    flash(
        _("The notice is on its way to the televisions. It is there within minutes where there is a line.")
        if published
        else _("The draft is saved.")
    )
    return redirect(url_for("notices.show", notice_id=row.id))


def _form_page(
    form: NoticeForm, row: NoticeRow | None, *, theirs: NoticeWords | None = None, refused: Refusal | None = None
) -> str:
    mine, session, who = form.words(), http.db_session(), auth.person()
    published = row is not None and row.state == NoticeState.PUBLISHED
    names = {choice.value: choice.label.strip("\u2003") for choice in form.region_code.choices if choice.value}
    if not published:
        form.stand_for(code for code in rules.outermost(mine.regions) if code in names)
    offered = service.groups_offered(session, who)
    groups = tuple(one.id for one in offered if one.id in mine.groups)
    targets = reaching.targets_of(row) if row and published else Targets(tuple(form.regions.data or ()), groups)
    differing = [
        (str(form[name].label.text), str(getattr(theirs, name)))
        for name in ("title", "text", "issuer")
        if theirs is not None and getattr(theirs, name) != getattr(mine, name)
    ]
    return render_template(
        "notices/form.html",
        form=form,
        notice=row,
        published=published,
        told=_told([row])[row.id] if row and published else "",
        names=names,
        offered=offered,
        sizes={one: len(found) for one, found in stations_by_group(session, [one.id for one in offered]).items()},
        places=region_names(session, (one.region_code for one in offered)),
        chosen=groups,
        reaches=len(reaching.reached(session, [targets])[0]) if targets.regions or targets.groups else None,
        differing=differing,
        refused=refused,
        limits={"title": rules.TITLE_MAX, "text": rules.TEXT_MAX},
    )


def _form() -> NoticeForm:
    """The form with every region of the person's own, indented by level."""
    form = NoticeForm()
    found = regions_in(http.db_session(), auth.person().region_code)
    top = min((depth_of(region.code) for region in found), default=0)
    form.region_code.choices = [
        SelectChoice("", _("Choose a region")),
        *(SelectChoice(one.code, "\u2003" * (depth_of(one.code) - top) + one.name) for one in found),
    ]
    return form


def _notice(notice_id: UUID) -> NoticeRow:
    """The notice of an address."""
    return service.notice_with(http.db_session(), notice_id)


def _mine(notice_id: UUID) -> NoticeRow:
    """The notice of an address, where the person may change it."""
    row = _notice(notice_id)
    auth.require_scope(row.region_code)
    return row


def _told(rows: Sequence[NoticeRow], most: int = rules.MOST_TARGETS) -> dict[UUID, str]:
    """For each notice to whom it goes, in words."""
    found = reaching.names_of(http.db_session(), [reaching.targets_of(row) for row in rows])
    return {row.id: _listed(names, most) for row, names in zip(rows, found, strict=True)}


def _listed(names: list[str], most: int) -> str:
    shown = str(_(", ")).join(names[:most])
    more = len(names) - most
    return (
        ngettext("%(names)s and %(num)s more", "%(names)s and %(num)s more", more, names=shown) if more > 0 else shown
    )


def _people(row: NoticeRow) -> dict[UUID, str]:
    ids = {row.written_by, row.published_by, row.withdrawn_by} - {None}
    query = select(Account.id, Account.display_name).where(Account.id.in_(ids))
    return dict(http.db_session().execute(query).all())

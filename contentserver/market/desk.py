"""Pages of the bulletin: what villages offer and look for, put in by their own people, looked at by others."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from wtforms import SelectChoice

from contentserver.accounts import Account
from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Conflict, Refusal
from contentserver.market import bulletin, words
from contentserver.market.bulletin import OfferRefused, Sought
from contentserver.market.models import Offer
from contentserver.market.rules import OfferState, may_change, may_withdraw
from contentserver.market.schemas import OfferForm
from contentserver.regions import parents_named
from contentserver.stations import Station, station_named

blueprint = Blueprint("bulletin", __name__, url_prefix="/market/bulletin", template_folder="templates")
scoping.decided(blueprint, "offer_id", by=bulletin.offer_asked)
USUAL = timedelta(days=30)
TEXT_CHARS = 40
WRITERS = (Right.OFFER, Right.KEEP_MARKET)


@blueprint.get("")
@auth.require_one_of(*WRITERS)
def index() -> ResponseReturnValue:
    """The offers of one's region; who keeps the market sees those first that wait."""
    session, who, now = http.db_session(), auth.person(), http.now()
    asked = request.args.get("state", "")
    state = OfferState(asked) if asked in {*OfferState} else None
    sought = Sought(state, request.args.get("q", "").strip()[:TEXT_CHARS])
    page = bulletin.offers_page(session, who.region_code, sought, now, request.args.get("page", 1, int))
    return render_template(
        "market/bulletin.html",
        page=page,
        sought=sought,
        stations=_stations(page.rows),
        state_of=bulletin.state_of,
        now=now,
        **_shared(),
    )


@blueprint.get("/new")
@auth.require(Right.OFFER)
def new() -> ResponseReturnValue:
    """An empty form."""
    form = _with_stations(OfferForm(formdata=None))
    form.until.data = (clock.local(http.now()) + USUAL).date()
    return _form_page(form, None)


@blueprint.post("/new")
@auth.require(Right.OFFER)
def posted() -> ResponseReturnValue:
    """Put an offer in."""
    return _saved(_with_stations(OfferForm()), None)


@blueprint.get("/<uuid:offer_id>")
@auth.require_one_of(*WRITERS)
def show(offer_id: UUID) -> ResponseReturnValue:
    """One offer as the television shows it, and what may be done about it."""
    return _offer_page(bulletin.offer_asked(http.db_session(), offer_id, auth.person()))


@blueprint.get("/<uuid:offer_id>/edit")
@auth.require(Right.OFFER)
def edit(offer_id: UUID) -> ResponseReturnValue:
    """Its words, to be changed."""
    row = bulletin.offer_asked(http.db_session(), offer_id, auth.person())
    if not may_change(bulletin.state_of(row, http.now())):
        return redirect(url_for("bulletin.show", offer_id=offer_id))
    form = _with_stations(OfferForm(formdata=None, obj=row))
    form.station.data, form.until.data = str(row.station_id), _last_day(row)
    return _form_page(form, row)


@blueprint.post("/<uuid:offer_id>/edit")
@auth.require(Right.OFFER)
def changed(offer_id: UUID) -> ResponseReturnValue:
    """Change its words; it waits again."""
    return _saved(_with_stations(OfferForm()), bulletin.offer_locked(http.db_session(), offer_id))


@blueprint.post("/<uuid:offer_id>/approve")
@auth.require(Right.KEEP_MARKET)
def approve(offer_id: UUID) -> ResponseReturnValue:
    """Show it on the televisions of its county."""
    session = http.db_session()
    row, version = bulletin.offer_locked(session, offer_id), request.form.get("version", 0, int)
    bulletin.approve(session, row, version, auth.person(), http.now())
    flash(_("The televisions of its county show it within a minute."))
    return redirect(url_for("bulletin.index", state=OfferState.WAITING.value))


@blueprint.post("/<uuid:offer_id>/refuse")
@auth.require(Right.KEEP_MARKET)
def refuse(offer_id: UUID) -> ResponseReturnValue:
    """Keep it from the televisions, with a reason."""
    session = http.db_session()
    row, reason = bulletin.offer_locked(session, offer_id), " ".join(request.form.get("reason", "").split())
    version = request.form.get("version", 0, int)
    try:
        bulletin.refuse(session, row, version, reason, auth.person(), http.now())
    except Refusal as error:
        if http.wants_json() or "reason" not in error.fields:
            raise
        return _offer_page(row, str(error.sentence), reason), http.status_of(error)
    flash(_("It is refused. Whoever put it in reads why."))
    return redirect(url_for("bulletin.index", state=OfferState.WAITING.value))


@blueprint.post("/<uuid:offer_id>/withdraw")
@auth.require_one_of(*WRITERS)
def withdraw(offer_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    session = http.db_session()
    bulletin.withdraw(session, bulletin.offer_locked(session, offer_id), auth.person(), http.now())
    flash(_("It is taken back."))
    return redirect(url_for("bulletin.show", offer_id=offer_id))


def _saved(form: OfferForm, row: Offer | None) -> ResponseReturnValue:
    session, who, now = http.db_session(), auth.person(), http.now()
    if not http.require_valid(form):
        return _form_page(form, row), 422
    try:
        if row is None:
            row = bulletin.post(session, UUID(form.station.data), form.words(), who, now)
        else:
            bulletin.change(session, row, form.words(), form.version.data or 0, who, now)
    except OfferRefused as error:
        if http.wants_json():
            raise
        for name, sentence in error.fields.items():
            form[name].errors = [str(sentence)]
        return _form_page(form, row), 422
    except Conflict as error:
        if http.wants_json() or row is None:
            raise
        session.refresh(row)
        form.title.errors = [str(error.sentence)]
        form.version.data, form.version.raw_data = row.version, None
        return _form_page(form, row), http.status_of(error)
    flash(_("It waits for somebody of the county to look at it."))
    return redirect(url_for("bulletin.show", offer_id=row.id))


def _with_stations(form: OfferForm) -> OfferForm:
    session, who = http.db_session(), auth.person()
    stations = bulletin.stations_for(session, who)
    above = parents_named(session, [one.region_code for one in stations])
    form.station.choices = [
        SelectChoice(str(one.id), f"{above[one.region_code]} {one.name}".strip()) for one in stations
    ]
    return form


def _form_page(form: OfferForm, row: Offer | None) -> str:
    return render_template("market/offer_form.html", form=form, row=row, **_shared())


def _offer_page(row: Offer, wrong: str = "", reason: str = "") -> str:
    session, who, state = http.db_session(), auth.person(), bulletin.state_of(row, http.now())
    station = station_named(session, row.station_id)
    ids = {one for one in (row.posted_by, row.decided_by) if one}
    people = dict(session.execute(select(Account.id, Account.display_name).where(Account.id.in_(ids))).all())
    return render_template(
        "market/offer.html",
        row=row,
        state=state,
        station=station,
        above=parents_named(session, [station.region_code])[station.region_code],
        last_day=_last_day(row),
        people=people,
        may_decide=who.may(Right.KEEP_MARKET) and state is OfferState.WAITING,
        may_change=who.may(Right.OFFER) and may_change(state),
        may_withdraw=may_withdraw(state),
        wrong=wrong,
        reason=reason,
        **_shared(),
    )


def _last_day(row: Offer) -> date:
    """The last day on which it stands."""
    return clock.local(row.until - timedelta(seconds=1)).date()


def _stations(rows: Sequence[Offer]) -> dict[UUID, str]:
    ids = {row.station_id for row in rows}
    query = select(Station.id, Station.name).where(Station.id.in_(ids))
    return dict(http.db_session().execute(query).all())


def _shared() -> dict[str, object]:
    """What every page of the bulletin needs."""
    who, session = auth.person(), http.db_session()
    keeps = who.may(Right.KEEP_MARKET)
    return {
        "kinds": words.KINDS,
        "states": words.STATES,
        "signs": words.STATE_SIGNS,
        "may_write": who.may(Right.OFFER),
        "keeps_market": keeps,
        "offers_waiting": bulletin.waiting_count(session, who.region_code, http.now()) if keeps else 0,
    }

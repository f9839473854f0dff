"""Pages of prices: the newest ones with their lines, doubtful ones, a day's form, a sheet of many."""

from datetime import date
from uuid import UUID

import msgspec
from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from contentserver.kernel import auth, clock, http, scoping
from contentserver.kernel.auth import Right
from contentserver.kernel.errors import Refusal, Rejected
from contentserver.kernel.sheets import XLSX_TYPE
from contentserver.market import bulletin, catalogue, drawing, importing, proposing, rules, service, words
from contentserver.market.models import Commodity, MarketPlace, Price
from contentserver.market.rules import PriceFault, Source
from contentserver.market.service import Asked, Entry, Kept

blueprint = Blueprint("market", __name__, url_prefix="/market", template_folder="templates")
scoping.decided(blueprint, "commodity_id", by=catalogue.commodity_asked)
scoping.decided(blueprint, "place_id", by=catalogue.place_asked)
scoping.lies(blueprint, "price_id", where=service.where_price)
ROWS_SHOWN = 50
SMALL, LARGE = (120, 28), (300, 100)
"""Size of a line in its chart, in a row and on a page of its own."""
READERS = (Right.KEEP_MARKET, Right.OFFER, Right.SCHEDULE)


class Row(msgspec.Struct, frozen=True, array_like=True):
    """One price as the preview of a sheet carries it; nothing about it is believed when it comes back."""

    commodity_id: UUID
    place_id: UUID
    day: date
    cents: int


@blueprint.get("")
@auth.require_one_of(*READERS)
def index() -> ResponseReturnValue:
    """The newest price of each commodity on each market, or those of a day; what is doubted; what it suggests."""
    session, who, today = http.db_session(), auth.person(), clock.local(http.now()).date()
    asked = Asked(
        request.args.get("commodity", type=UUID), request.args.get("market", type=UUID), _day(request.args.get("day"))
    )
    page = service.listed(session, who.region_code, asked, request.args.get("page", 1, int))
    keeps = who.may(Right.KEEP_MARKET)
    return render_template(
        "market/index.html",
        page=page,
        lines={one.price.id: drawing.line(one.days, *SMALL) for one in page.rows},
        asked=asked,
        goods=catalogue.commodities_seen(session, who.region_code),
        places=catalogue.places_seen(session, who.region_code),
        doubtful=service.doubtful(session, who.region_code, request.args.get("doubtful", 1, int)) if keeps else None,
        proposals=proposing.proposals(session, who.region_code, today) if who.may(Right.SCHEDULE) else (),
        today=today,
        **_shared(),
    )


@blueprint.get("/prices/<uuid:commodity_id>/<uuid:place_id>")
@auth.require_one_of(*READERS)
def history(commodity_id: UUID, place_id: UUID) -> ResponseReturnValue:
    """All prices of a commodity on a market, and the line of the last thirty days."""
    session, who = http.db_session(), auth.person()
    commodity = catalogue.commodity_asked(session, commodity_id, who)
    place = catalogue.place_asked(session, place_id, who)
    keeps = who.may(Right.KEEP_MARKET) and who.reaches(place.region_code)
    page = service.history(session, commodity, place, request.args.get("page", 1, int), with_doubtful=keeps)
    newest = service.listed(session, who.region_code, Asked(commodity.id, place.id), 1).rows
    return render_template(
        "market/history.html",
        commodity=commodity,
        place=place,
        page=page,
        newest=newest[0] if newest else None,
        line=drawing.line(newest[0].days, *LARGE) if newest else None,
        sources=words.SOURCES,
        keeps=keeps,
        **_shared(),
    )


@blueprint.post("/prices/<uuid:price_id>/confirm")
@auth.require(Right.KEEP_MARKET)
def confirm(price_id: UUID) -> ResponseReturnValue:
    """A doubtful price is as it stands."""
    session = http.db_session()
    service.confirm(session, _locked(price_id), request.form.get("cents", 0, int), auth.person(), http.now())
    flash(_("The price is confirmed. The televisions show it from now on."))
    return redirect(url_for("market.index"))


@blueprint.post("/prices/<uuid:price_id>/remove")
@auth.require(Right.KEEP_MARKET)
def remove(price_id: UUID) -> ResponseReturnValue:
    """A price was a mistake."""
    session = http.db_session()
    service.remove(session, _locked(price_id), request.form.get("cents", 0, int), auth.person(), http.now())
    flash(_("The price is gone. What it was stands in the audit trail."))
    return redirect(url_for("market.index"))


@blueprint.get("/enter")
@auth.require(Right.KEEP_MARKET)
def enter() -> ResponseReturnValue:
    """A market's day: a field for each commodity."""
    places = _kept_places()
    wanted = request.args.get("market", type=UUID)
    place = next((one for one in places if one.id == wanted), places[0] if places else None)
    return _entry_page(place, _day(request.args.get("day")) or clock.local(http.now()).date())


@blueprint.post("/enter")
@auth.require(Right.KEEP_MARKET)
def entered() -> ResponseReturnValue:
    """Keep what was typed for a market's day; one wrong price, and none is kept."""
    session, who, now = http.db_session(), auth.person(), http.now()
    place = catalogue.place_kept(session, _id(request.form.get("market", "")), who)
    day, faults, entries = _day(request.form.get("day")), dict[str, str](), list[Entry]()
    if day is None:
        faults["day"] = _("Write the day like this: 2026-11-23.")
    elif fault := rules.fault_of_day(day, clock.local(now).date()):
        faults["day"] = str(service.PRICE_SENTENCES[fault])
    typed = {one.id: request.form.get(f"price-{one.id}", "").strip() for one in _goods_of(place)}
    for commodity_id, text in typed.items():
        cents = rules.cents_of(text) if text else None
        if isinstance(cents, PriceFault):
            faults[f"price-{commodity_id}"] = str(service.PRICE_SENTENCES[cents])
        elif cents is not None and day is not None:
            entries.append(Entry(commodity_id, place.id, day, cents))
    if not faults and not entries:
        faults["prices"] = _("Write at least one price.")
    if faults or day is None:
        shown = day or clock.local(now).date()
        return _entry_page(place, shown, typed, faults, request.form.get("day", "")), 422
    _say_kept(service.keep(session, entries, Source.FORM, who, now))
    return redirect(url_for("market.index", market=place.id))


@blueprint.get("/import")
@auth.require(Right.KEEP_MARKET)
def import_page() -> ResponseReturnValue:
    """Choose a sheet."""
    return render_template("market/import.html", wrong="", **_shared())


@blueprint.get("/import/template.xlsx")
@auth.require(Right.KEEP_MARKET)
def import_template() -> ResponseReturnValue:
    """A sheet to fill in."""
    made = importing.template(http.db_session(), auth.person(), clock.local(http.now()).date())
    return Response(made, content_type=XLSX_TYPE, headers={"Content-Disposition": "attachment; filename=prices.xlsx"})


@blueprint.post("/import/read")
@auth.require(Right.KEEP_MARKET)
def import_read() -> ResponseReturnValue:
    """What a sheet holds, row by row; nothing is kept yet."""
    file = request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Rejected("no_file", _("Choose a file."))
        lines = importing.read(http.db_session(), file.read(), auth.person(), http.now())
    except Refusal as error:
        if http.wants_json():
            raise
        return render_template("market/import.html", wrong=str(error.sentence), **_shared()), http.status_of(error)
    good = [line for line in lines if line.entry is not None]
    rows = [Row(one.commodity_id, one.place_id, one.day, one.cents) for line in good if (one := line.entry)]
    return render_template(
        "market/import_read.html",
        name=file.filename[:80],
        good=good,
        faults=[line for line in lines if line.entry is None],
        rows=msgspec.json.encode(rows).decode(),
        rows_shown=ROWS_SHOWN,
        **_shared(),
    )


@blueprint.post("/import")
@auth.require(Right.KEEP_MARKET)
def import_kept() -> ResponseReturnValue:
    """Keep all of them."""
    try:
        rows = msgspec.json.decode(request.form.get("rows", ""), type=list[Row])
    except msgspec.MsgspecError as error:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat.")) from error
    if not 0 < len(rows) <= importing.MAX_ROWS:
        raise Rejected("rows_unreadable", _("This form has expired. Load the page again and repeat."))
    entries = [Entry(one.commodity_id, one.place_id, one.day, one.cents) for one in rows]
    _say_kept(service.keep(http.db_session(), entries, Source.SHEET, auth.person(), http.now()))
    return redirect(url_for("market.index"))


def _entry_page(
    place: MarketPlace | None,
    day: date,
    typed: dict[UUID, str] | None = None,
    faults: dict[str, str] | None = None,
    day_typed: str = "",
) -> str:
    session = http.db_session()
    there = service.prices_on(session, place.id, day) if place else {}
    values = {one: f"{row.cents / 100:.2f}" for one, row in there.items()} if typed is None else typed
    return render_template(
        "market/enter.html",
        place=place,
        places=_kept_places(),
        day=day,
        day_typed=day_typed or day.isoformat(),
        goods=_goods_of(place) if place else (),
        last=service.last_prices(session, place.id, day) if place else {},
        there=there,
        values=values,
        faults=faults or {},
        today=clock.local(http.now()).date(),
        **_shared(),
    )


def _kept_places() -> list[MarketPlace]:
    who = auth.person()
    seen = catalogue.places_seen(http.db_session(), who.region_code)
    return [one for one in seen if who.reaches(one.region_code)]


def _goods_of(place: MarketPlace) -> list[Commodity]:
    seen = catalogue.commodities_seen(http.db_session(), auth.person().region_code)
    return [one for one in seen if catalogue.fits(one, place)]


def _say_kept(kept: Kept) -> None:
    count = kept.new + kept.corrected
    flash(ngettext("%(num)s price is kept", "%(num)s prices are kept", count))
    if kept.doubted:
        sentence = ngettext(
            "%(num)s of them is unusual and waits below to be confirmed",
            "%(num)s of them are unusual and wait below to be confirmed",
            kept.doubted,
        )
        flash(sentence)


def _locked(price_id: UUID) -> Price:
    return http.db_session().get_one(Price, price_id, populate_existing=True, with_for_update=True)


def _day(text: str | None) -> date | None:
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if clock.EARLIEST <= found <= clock.LATEST else None


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Rejected("place_unknown", _("There is no such market.")) from error


def _shared() -> dict[str, object]:
    """What every page of prices needs."""
    who, session = auth.person(), http.db_session()
    return {
        "yuan": words.yuan,
        "trends": words.TRENDS,
        "arrows": words.ARROWS,
        "doubts": words.DOUBTS,
        "keeps_market": who.may(Right.KEEP_MARKET),
        "offers_waiting": bulletin.waiting_count(session, who.region_code, http.now())
        if who.may(Right.KEEP_MARKET)
        else 0,
    }

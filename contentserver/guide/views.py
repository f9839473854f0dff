"""Public pages and feeds of the programme: no signing in, nothing about any person.

Feeds have stable addresses and ids, an ETag and a short life in caches. What is on comes from `service.py`.
"""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, gettext

from contentserver.guide import poster, rules, service
from contentserver.kernel import clock, http, scoping
from contentserver.kernel.errors import NotFound
from contentserver.regions import path_of, region_named
from contentserver.stations import Station
from schedules.airings import Airing
from schedules.exchange.icalendar import write_airings
from schedules.exchange.xmltv import Channel, write_xmltv

blueprint = Blueprint("guide", __name__, url_prefix="/programme", template_folder="templates")
scoping.free(blueprint, "station_id", "code", because="what is on is for everybody, whoever asks")
PAGES, FEEDS, POSTERS = "240 per minute", "60 per minute", "20 per minute"
KEPT_S = 600
"""How long a feed may be kept by whoever fetched it."""
PAST = timedelta(days=7)


@blueprint.get("")
@http.limiter.limit(PAGES)
def find() -> ResponseReturnValue:
    """Find a station by name, or on the way down through the regions."""
    session, typed, code = http.db_session(), request.args.get("q", "").strip()[:60], request.args.get("region", "")
    region = region_named(session, code) if code else None
    return render_template(
        "guide/find.html",
        typed=typed,
        found=service.stations_found(session, typed),
        most=service.FOUND_AT_MOST,
        region=region,
        path=path_of(session, code) if region else [],
        below=service.regions_below(session, code),
        stations=service.stations_at(session, code) if region else [],
    )


@blueprint.get("/<station_id>")
@http.limiter.limit(PAGES)
def week(station_id: str) -> ResponseReturnValue:
    """What the village sees this week."""
    station = _station(station_id)
    return render_template(
        "guide/week.html", **_week(station), path=path_of(http.db_session(), station.region_code)[2:]
    )


@blueprint.get("/<station_id>/poster.pdf")
@http.limiter.limit(POSTERS)
def door(station_id: str) -> ResponseReturnValue:
    """The week for the door: A3, with the square that leads to the page."""
    station = _station(station_id)
    shown = _week(station)
    address = f"{_settings().public_url}{url_for('guide.week', station_id=station.id)}"
    page = render_template(
        "guide/poster.html",
        **shown,
        path=path_of(http.db_session(), station.region_code)[2:],
        setting=rules.setting_of(shown["days"]),
        qr=poster.qr_of(address),
        address=address,
        printed=shown["today"],
    )
    tag = _tag(page.encode())
    if request.if_none_match.contains(tag):
        return _kept(Response(status=304), tag)
    response = Response(poster.pdf_of(page), content_type="application/pdf")
    name = f"{station.name} {shown['monday'].isoformat()}.pdf"
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}"
    return _kept(response, tag)


@blueprint.get("/<uuid:station_id>.ics")
@http.limiter.limit(FEEDS)
def calendar(station_id: object) -> ResponseReturnValue:
    """The programme for the calendar of a telephone."""
    station = _station(str(station_id))
    start, end = _feed_window(station.region_code)
    airings = service.programme(http.db_session(), station.region_code, (start, end))
    name = gettext("%(station)s programme", station=station.name)
    return _feed(write_airings(name, airings, stamp=start, domain=_domain()), "text/calendar; charset=utf-8")


@blueprint.get("/<uuid:station_id>.xml")
@http.limiter.limit(FEEDS)
def xmltv(station_id: object) -> ResponseReturnValue:
    """One station's programme for other guides and recorders."""
    return _xmltv([_station(str(station_id))])


@blueprint.get("/region/<code>.xml")
@http.limiter.limit(FEEDS)
def region_xmltv(code: str) -> ResponseReturnValue:
    """The programmes of all stations of a region."""
    region = region_named(http.db_session(), code)
    return _xmltv(list(service.stations_of_feed(http.db_session(), region.code)))


@blueprint.errorhandler(NotFound)
def _not_found(error: NotFound) -> ResponseReturnValue:
    return render_template("guide/unknown.html", sentence=error.sentence), 404


def _week(station: Station) -> dict[str, Any]:
    session, today = http.db_session(), clock.local(http.now()).date()
    until = service.published_until(session, station.region_code)
    monday = rules.week_asked(request.args.get("week", ""), today, until)
    window = rules.window_of(monday, until)
    first, last = rules.monday_of(today), rules.last_week(today, until)
    return {
        "station": station,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "today": today,
        "days": rules.days_of(monday, service.programme(session, station.region_code, window), today),
        "earlier": monday - rules.WEEK if monday > first else None,
        "later": monday + rules.WEEK if monday < last else None,
        "until": until,
        "minutes_of": rules.minutes_of,
        "day_month": _day_month,
    }


def _day_month(day: date) -> str:
    """`11月23日`, `23 Nov`."""
    written: str = format_date(day, gettext("d MMM"))
    return written


def _station(station_id: str) -> Station:
    return service.station_for_people(http.db_session(), station_id)


def _settings() -> Any:
    return current_app.extensions["services"].settings


def _domain() -> str:
    return urlsplit(_settings().public_url).hostname or "yuanjiao"


def _feed_window(*codes: str) -> tuple[datetime, datetime]:
    """From a week ago to the end of what is published somewhere among the regions."""
    start = rules.at_midnight(clock.local(http.now()).date()) - PAST
    ends = [end for code in codes if (end := service.published_until(http.db_session(), code))]
    return start, max(ends, default=start)


def _xmltv(stations: list[Station]) -> ResponseReturnValue:
    codes = sorted({station.region_code for station in stations})
    found = service.programmes(http.db_session(), codes, _feed_window(*codes))
    channels = [
        Channel(id=f"{station.id}.stations.{_domain()}", name=station.name, airings=_of(found, station))
        for station in stations
    ]
    return _feed(write_xmltv(channels), "application/xml; charset=utf-8")


def _of(found: dict[str, tuple[Airing, ...]], station: Station) -> tuple[Airing, ...]:
    until = service.published_until(http.db_session(), station.region_code)
    return tuple(one for one in found[station.region_code] if until is None or one.start < until)


def _feed(body: bytes, content_type: str) -> ResponseReturnValue:
    tag = _tag(body)
    return _kept(Response(body, content_type=content_type), tag).make_conditional(request)


def _kept(response: Response, tag: str) -> Response:
    response.set_etag(tag)
    response.headers["Cache-Control"] = f"public, max-age={KEPT_S}"
    return response


def _tag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]

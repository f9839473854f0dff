"""Public pages that name things of every region at once: branches, and the list of all pages for search engines."""

from datetime import datetime
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contentserver.kernel import clock, http, scoping
from contentserver.kernel.errors import NotFound
from contentserver.members import BRANCH_KINDS, branch_with
from contentserver.portal import branches as telling
from contentserver.portal import feeds, rules, service
from contentserver.portal.public import FEEDS, PAGES, SIZE, feed, read, whole
from contentserver.portal.rules import Kind
from contentserver.regions import Region, path_of, region_named

blueprint = Blueprint("site_index", __name__, template_folder="templates")
scoping.free(
    blueprint, "branch_id", because="which branches there are is for everybody; who belongs to them is not said"
)


@blueprint.get("/site/branches")
@http.limiter.limit(PAGES)
def branches() -> ResponseReturnValue:
    """Branches by region, on the way down; a township's are one tree."""
    session, code = http.db_session(), request.args.get("region", "")
    dissolved = request.args.get("state") == "dissolved"
    region = region_named(session, code) if code else None
    place = telling.place_of(session, code, dissolved=dissolved)
    return render_template(
        "portal/branches.html",
        region=region,
        path=path_of(session, code) if region else [],
        place=place,
        places=_places(place),
        dissolved=dissolved,
        kinds=BRANCH_KINDS,
    )


@blueprint.get("/site/branches/<uuid:branch_id>")
@http.limiter.limit(PAGES)
def branch(branch_id: UUID) -> ResponseReturnValue:
    """What everybody may know of a branch, and its news."""
    session, now = http.db_session(), http.now()
    row = branch_with(session, branch_id)
    rows = session.scalars(service.published(Kind.NEWS, branch=branch_id).limit(SIZE)).all()
    reading = session.scalars(service.published(Kind.READING, branch=branch_id).limit(SIZE)).all()
    return render_template(
        "portal/branch.html",
        branch=row,
        told=telling.told_of(session, row, now, clock.local(now).date()),
        path=path_of(session, row.region_code),
        kinds=BRANCH_KINDS,
        news=read([*rows, *reading]),
        lead=rules.lead,
        now=now,
    )


@blueprint.get("/sitemap.xml")
@http.limiter.limit(FEEDS)
def sitemap() -> ResponseReturnValue:
    """Every public page, for search engines."""
    session = http.db_session()
    plain = (
        "site.home",
        "site.news",
        "site.lessons",
        "site_index.branches",
        "school.home",
        "guide.find",
        "knowledge.index",
    )
    pages: list[tuple[str, datetime | None]] = [(whole(one), None) for one in plain]
    articles = [row for kind in Kind for row in session.scalars(service.published(kind))]
    pages += [(whole("site.article", article_id=row.id), row.changed_at) for row in articles]
    lessons = session.scalars(service.lessons_shown())
    pages += [(whole("site.lesson", lesson_id=row.id), row.created_at) for row in lessons]
    found = telling.all_branches(session)
    pages += [(whole("site_index.branch", branch_id=row.id), None) for row in found]
    return feed(feeds.sitemap(pages), "application/xml; charset=utf-8")


@blueprint.errorhandler(NotFound)
def _not_found(error: NotFound) -> ResponseReturnValue:
    return render_template("portal/unknown.html", sentence=error.sentence), 404


def _places(place: telling.Place) -> dict[str, str]:
    """What the regions of a tree are called."""
    session, wanted, nodes = http.db_session(), set[str](), list(place.nodes)
    while nodes:
        node = nodes.pop()
        wanted.add(node.row.region_code)
        nodes += node.below
    found = {code: session.get(Region, code) for code in wanted}
    return {code: one.name if one is not None else "" for code, one in found.items()}

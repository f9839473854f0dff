"""The public site: no signing in, nothing about any person, no script needed, every page printable."""

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, current_app, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from contentserver.courses import Lesson
from contentserver.kernel import http, scoping
from contentserver.kernel.errors import NotFound
from contentserver.kernel.pagination import paginate
from contentserver.members import Branch
from contentserver.portal import feeds, rules, service
from contentserver.portal.models import Article
from contentserver.portal.rules import Kind, Words
from contentserver.portal.views import folder
from contentserver.regions import path_of
from contentserver.stars import photograph_file

blueprint = Blueprint("site", __name__, template_folder="templates")
scoping.free(
    blueprint, "article_id", "code", because="what is published is for everybody; anything else is not found here"
)
scoping.free(blueprint, "lesson_id", because="an approved lesson is for everybody; anything else is not found here")
scoping.free(blueprint, "digest", because="the photograph of an article that everybody reads")
PAGES, FEEDS = "240 per minute", "60 per minute"
NEWS_AT_HOME, LESSONS_AT_HOME, IN_FEED, SIZE = 5, 6, 30, 20
KEPT_S = 600
WORDS_CHARS = 60


@blueprint.get("/site")
@http.limiter.limit(PAGES)
def home() -> ResponseReturnValue:
    """News, lessons, and where to look for the programme."""
    session = http.db_session()
    return render_template(
        "portal/home.html",
        news=read(session.scalars(service.published(Kind.NEWS).limit(NEWS_AT_HOME)).all()),
        lessons=session.scalars(service.lessons_shown().limit(LESSONS_AT_HOME)).all(),
        lead=rules.lead,
    )


@blueprint.get("/site/news")
@http.limiter.limit(PAGES)
def news() -> ResponseReturnValue:
    """All of it, the newest first."""
    page = paginate(http.db_session(), service.published(Kind.NEWS), request.args.get("page", 1, int), SIZE)
    return render_template("portal/news.html", page=page, rows=read(page.rows), lead=rules.lead)


@blueprint.get("/site/news/<uuid:article_id>")
@http.limiter.limit(PAGES)
def article(article_id: UUID) -> ResponseReturnValue:
    return _article(*service.open_article(http.db_session(), article_id))


@blueprint.get("/a/<code>")
@http.limiter.limit(PAGES)
def short(code: str) -> ResponseReturnValue:
    """The same under its short address, as a short message has it."""
    return _article(*service.open_article(http.db_session(), code=code[:8]))


@blueprint.get("/site/pictures/<digest>")
@http.limiter.limit(PAGES)
def picture(digest: str) -> ResponseReturnValue:
    """The photograph of a published article; `small` for lists."""
    known = digest.isalnum() and service.shows_picture(http.db_session(), digest)
    file = photograph_file(folder(), digest, small="small" in request.args) if known else None
    if file is None or not file.exists():
        raise NotFound("photograph_unknown", _("There is no such photograph."))
    response: Response = send_file(file, mimetype="image/jpeg", max_age=86_400)
    return response


@blueprint.get("/site/lessons")
@http.limiter.limit(PAGES)
def lessons() -> ResponseReturnValue:
    """The catalogue: every approved lesson, by words and by subject."""
    session = http.db_session()
    typed, subject = request.args.get("q", "").strip()[:WORDS_CHARS], request.args.get("subject", "")
    page = paginate(session, service.lessons_shown(typed, subject), request.args.get("page", 1, int), SIZE)
    subjects = service.subjects(session)
    return render_template("portal/lessons.html", page=page, typed=typed, subject=subject, subjects=subjects)


@blueprint.get("/site/lessons/<uuid:lesson_id>")
@http.limiter.limit(PAGES)
def lesson(lesson_id: UUID) -> ResponseReturnValue:
    """What it teaches, what one can read to it, and others of its course."""
    session = http.db_session()
    found = service.lesson_shown(session, lesson_id)
    others = service.lessons_shown().where(Lesson.course_id == found.course_id, Lesson.id != found.id)
    reading = session.scalars(service.published(Kind.READING, lesson=str(lesson_id))).all()
    return render_template(
        "portal/lesson.html",
        lesson=found,
        reading=read(reading),
        others=session.scalars(others.limit(SIZE)).all(),
        path=path_of(session, found.course.region_code),
    )


@blueprint.get("/site/search")
@http.limiter.limit(PAGES)
def search() -> ResponseReturnValue:
    """News, reading and lessons that have every word that was typed."""
    session, typed = http.db_session(), request.args.get("q", "").strip()[:WORDS_CHARS]
    articles: list[tuple[Article, Words]] = []
    found: list[Lesson] = []
    if typed:
        for kind in Kind:
            articles += read(session.scalars(service.published(kind, typed).limit(SIZE)).all())
        found = list(session.scalars(service.lessons_shown(typed).limit(SIZE)))
    return render_template("portal/search.html", typed=typed, articles=articles, lessons=found, lead=rules.lead)


@blueprint.get("/site/news.xml")
@http.limiter.limit(FEEDS)
def rss() -> ResponseReturnValue:
    """The news for feed readers."""
    rows = read(http.db_session().scalars(service.published(Kind.NEWS).limit(IN_FEED)).all())
    items = [
        feeds.Item(said.title, whole("site.article", article_id=row.id), rules.lead(said), row.first_published_at)
        for row, said in rows
        if row.first_published_at is not None
    ]
    title = str(_("Yuanjiao: news"))
    return feed(feeds.rss(title, whole("site.home"), title, items), "application/rss+xml; charset=utf-8")


@blueprint.get("/robots.txt")
@http.limiter.limit(FEEDS)
def robots() -> ResponseReturnValue:
    """What search engines may look at: the public pages."""
    allowed = "".join(
        f"Allow: {path}\n" for path in ("/site", "/a/", "/programme", "/knowledge", "/school$", "/static")
    )
    text = f"User-agent: *\n{allowed}Disallow: /\nSitemap: {whole('site_index.sitemap')}\n"
    return Response(text, content_type="text/plain; charset=utf-8")


@blueprint.errorhandler(NotFound)
def _not_found(error: NotFound) -> ResponseReturnValue:
    return render_template("portal/unknown.html", sentence=error.sentence), 404


def _article(row: Article, said: Words) -> str:
    session = http.db_session()
    lesson = session.get(Lesson, UUID(row.lesson_id)) if row.lesson_id else None
    branch = session.get(Branch, row.published_branch_id) if row.published_branch_id else None
    return render_template(
        "portal/article.html",
        article=row,
        said=said,
        blocks=rules.blocks(said.text),
        region=path_of(session, row.region_code)[-1].name,
        lesson=lesson,
        branch=branch,
    )


def read(rows: Iterable[Article]) -> list[tuple[Article, Words]]:
    """Articles with what everybody reads of them."""
    return [(row, service.read(row)) for row in rows]


def whole(endpoint: str, **values: Any) -> str:
    """An address as it stands outside of this server."""
    return f"{current_app.extensions['services'].settings.public_url}{url_for(endpoint, **values)}"


def feed(body: bytes, kind: str) -> Response:
    """Kept for a while by whoever fetched it, and not sent again while it is the same."""
    tag = hashlib.sha256(body).hexdigest()[:16]
    response = Response(status=304) if request.if_none_match.contains(tag) else Response(body, content_type=kind)
    response.set_etag(tag)
    response.cache_control.max_age = KEPT_S
    response.cache_control.public = True
    return response

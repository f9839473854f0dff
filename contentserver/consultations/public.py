"""Public pages: questions with their answers, for everybody. No signing in, no person, no place."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from contentserver.consultations import knowledge, words
from contentserver.kernel import http, scoping
from contentserver.kernel.pagination import paginate
from schedules.asking import TOPICS

blueprint = Blueprint("knowledge", __name__, url_prefix="/knowledge", template_folder="templates")
scoping.free(blueprint, "entry_id", because="what was released is for everybody; anything else is not found here")
PAGES, SIZE = "240 per minute", 20


@blueprint.get("")
@http.limiter.limit(PAGES)
def index() -> ResponseReturnValue:
    """Search, by words and by topic."""
    session = http.db_session()
    topic, typed = request.args.get("topic", ""), request.args.get("q", "").strip()[:60]
    topic = topic if topic in TOPICS else ""
    page = paginate(session, knowledge.entries(session, topic, typed), request.args.get("page", 1, type=int), SIZE)
    return render_template(
        "consultations/knowledge.html", page=page, topic=topic, typed=typed, topics=TOPICS, words=words
    )


@blueprint.get("/<uuid:entry_id>")
@http.limiter.limit(PAGES)
def entry(entry_id: UUID) -> ResponseReturnValue:
    """One question with its answer, and others like it."""
    session = http.db_session()
    found = knowledge.entry_open(session, entry_id)
    return render_template(
        "consultations/knowledge_entry.html", entry=found, others=knowledge.like_it(session, found), words=words
    )

"""What stands in the navigation beside the plain entries, and what waits on other pages than "My tasks".

Part of the composition: it knows the slices' pages and their rights; no slice knows of it.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from flask import url_for
from flask_babel import lazy_gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from contentserver import (
    assessments,
    attendance,
    courses,
    documents,
    forum,
    processes,
    projects,
    timetable,
    transcripts,
)
from contentserver.kernel.auth import Person, Right, person_or_none
from contentserver.processes import Waiting


class Place(msgspec.Struct, frozen=True):
    """A page of a group: its section, its endpoint, what it is called, and who may open it (none: everybody)."""

    section: str
    endpoint: str
    words: object
    rights: tuple[Right, ...] = ()


class Group(msgspec.Struct, frozen=True):
    """Several pages under one entry, which opens the first of them that the person may open."""

    name: str
    words: object
    places: Sequence[Place]

    def holds(self, section: str) -> bool:
        """Whether one of its pages is of this section."""
        return any(one.section == section for one in self.places)


_GROUPS = (
    Group(
        "exchange",
        _("Exchange"),
        (
            Place("cases", "cases.index", _("Green channel"), (Right.ANSWER, Right.DIRECT_CASES, Right.SEE_MEMBERS)),
            Place("notices", "notices.index", _("Notices"), (Right.NOTIFY, Right.OFFER)),
            Place("market", "market.index", _("Prices"), (Right.KEEP_MARKET, Right.OFFER, Right.SCHEDULE)),
            Place("quizzes", "quizzes.index", _("Quizzes"), (Right.UPLOAD, Right.SEE_REPORTS)),
        ),
    ),
    Group(
        "office",
        _("Organisation"),
        (
            Place("members", "transcripts.members", _("Members"), (Right.SEE_MEMBERS,)),
            Place("ledger", "ledger.index", _("Work book"), (Right.SEE_REPORTS,)),
            Place("assessments", "assessments.index", _("Assessments")),
            Place("documents", "documents.index", _("Documents"), (Right.READ_DOCUMENTS,)),
            Place("messages", "messages.index", _("Messages"), (Right.SEND_MESSAGES,)),
            Place("forum", "forum.index", _("Forum")),
            Place("site", "articles.index", _("Public site"), (Right.EDIT_SITE,)),
            Place("projects", "projects.index", _("Projects"), (Right.KEEP_PROJECTS, Right.SEE_REPORTS)),
        ),
    ),
)


PUBLIC = (
    Place("home", "site.home", _("Home")),
    Place("news", "site.news", _("News")),
    Place("lessons", "site.lessons", _("Lessons")),
    Place("branches", "site_index.branches", _("Branches")),
    Place("school", "school.home", _("Online school")),
    Place("programme", "guide.find", _("What is on")),
    Place("knowledge", "knowledge.index", _("Questions and answers")),
)
"""The pages for everybody; the first of them is where they begin."""


def public_places() -> tuple[Place, ...]:
    """What stands at the head of every page for everybody."""
    return PUBLIC


def groups() -> list[Group]:
    """The groups in which the signed-in person may open a page, with those pages alone."""
    who = person_or_none()
    if who is None:
        return []
    open_to_them = [
        msgspec.structs.replace(group, places=[one for one in group.places if _may_open(who, one)]) for group in _GROUPS
    ]
    return [group for group in open_to_them if group.places]


def _may_open(who: Person, place: Place) -> bool:
    return not place.rights or any(who.may(right) for right in place.rights)


def _lessons(session: Session, who: Person, _now: datetime) -> Waiting | None:
    count = len(courses.lessons_to_review(session, who)) if who.may(Right.APPROVE) else 0
    words = ngettext("lesson waits for review", "lessons wait for review", count)
    return Waiting(words, count, url_for("review.queue"), "approve") if count else None


def _timetables(session: Session, who: Person, _now: datetime) -> Waiting | None:
    count = len(timetable.layers_waiting(session, who.region_code)) if who.may(Right.APPROVE) else 0
    words = ngettext("timetable waits for approval", "timetables wait for approval", count)
    return Waiting(words, count, url_for("timetable_review.reviews"), "timetable") if count else None


def _rolls(session: Session, who: Person, _now: datetime) -> Waiting | None:
    count = transcripts.requests_waiting(session, who.region_code) if who.may(Right.CORRECT_ROLL) else 0
    words = ngettext("request to set a roll right", "requests to set rolls right", count)
    return Waiting(words, count, url_for("member_requests.index"), "people") if count else None


def _contradictions(_session: Session, _who: Person, _now: datetime) -> Waiting | None:
    count = attendance.waiting_for_person()
    words = ngettext("event contradicts another", "events contradict each other", count)
    return Waiting(words, count, url_for("quarantine.index"), "alert") if count else None


def _stalled(session: Session, who: Person, now: datetime) -> Waiting | None:
    count = projects.count_stalled(session, who.region_code, now) if who.may(Right.SCHEDULE) else 0
    words = ngettext("project stalls: show its lesson again", "projects stall: show their lessons again", count)
    return Waiting(words, count, url_for("projects.index", state="stalled"), "retry") if count else None


def _documents(session: Session, who: Person, _now: datetime) -> Waiting | None:
    count = documents.count_waiting(session, who)
    words = ngettext("document to read or to answer", "documents to read or to answer", count)
    return Waiting(words, count, url_for("documents.index", open="1"), "report") if count else None


def _late_documents(session: Session, who: Person, now: datetime) -> Waiting | None:
    count = documents.count_late_below(session, who, now, timetable.holiday_table(session))
    words = ngettext(
        "recipient below you is late with a document", "recipients below you are late with documents", count
    )
    return Waiting(words, count, url_for("documents.index"), "clock") if count else None


def _posts(session: Session, who: Person, _now: datetime) -> Waiting | None:
    count = forum.count_waiting(session, who)
    words = ngettext("post in the forum to look at", "posts in the forum to look at", count)
    return Waiting(words, count, url_for("forum.waiting"), "approve") if count else None


def _assessments(session: Session, who: Person, now: datetime) -> Waiting | None:
    count = assessments.count_waiting(session, who, now)
    words = ngettext("form of an assessment to fill in", "forms of assessments to fill in", count)
    return Waiting(words, count, url_for("assessment_forms.index"), "approve") if count else None


TASK_SOURCES: tuple[processes.Source, ...] = (
    _lessons,
    _timetables,
    _rolls,
    _contradictions,
    _stalled,
    _posts,
    _documents,
    _late_documents,
    _assessments,
)

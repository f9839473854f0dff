"""What is done to a project by its forms: lessons, households, notes, its end. What the fields say: `forms.py`."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from contentserver.kernel import auth, http, scoping
from contentserver.kernel.auth import Person, Right
from contentserver.kernel.errors import Refusal
from contentserver.projects import forms, service
from contentserver.projects.models import Project
from contentserver.projects.views import page_of

blueprint = Blueprint("project_desk", __name__, url_prefix="/projects", template_folder="templates")
scoping.lies(blueprint, "project_id", where=service.where_project)
scoping.free(blueprint, "household_id", because="looked for among the households of the project")
scoping.free(blueprint, "project_note_id", because="looked for among the notes of the project")
scoping.free(blueprint, "lesson_id", because="looked for among the lessons of the project")
NOWHERE = UUID(int=0)
"""The id of nothing: what a field names that was left empty."""


@blueprint.post("/<uuid:project_id>/lessons")
@auth.require(Right.KEEP_PROJECTS)
def teach(project_id: UUID) -> ResponseReturnValue:
    """One more lesson."""
    lesson = forms.key("lesson") or NOWHERE
    return _done(project_id, "lessons", lambda row: service.teach(*_of(row), lesson, *_now()))


@blueprint.post("/<uuid:project_id>/lessons/<uuid:lesson_id>/drop")
@auth.require(Right.KEEP_PROJECTS)
def drop_lesson(project_id: UUID, lesson_id: UUID) -> ResponseReturnValue:
    """One lesson less."""
    return _done(project_id, "lessons", lambda row: service.drop_lesson(*_of(row), lesson_id, *_now()))


@blueprint.post("/<uuid:project_id>/households")
@auth.require(Right.KEEP_PROJECTS)
def take_part(project_id: UUID) -> ResponseReturnValue:
    """A household takes part."""
    form = request.form

    def act(row: Project) -> None:
        land, station = forms.number("land", form.get("land", "")), forms.key("station") or NOWHERE
        service.take_part(*_of(row), station, form.get("number", ""), land, *_now())

    return _done(project_id, "households", act)


@blueprint.post("/<uuid:project_id>/households/<uuid:household_id>/leave")
@auth.require(Right.KEEP_PROJECTS)
def leave(project_id: UUID, household_id: UUID) -> ResponseReturnValue:
    """It takes part no longer; with `undo` it does again."""
    undo = "undo" in request.form
    session, row = http.db_session(), _project(project_id)
    service.leave(session, row, household_id, auth.person(), http.now(), back=undo)
    gone = None if undo else household_id
    return redirect(url_for("projects.show", project_id=project_id, gone=gone, _anchor="households"))


@blueprint.post("/<uuid:project_id>/notes")
@auth.require(Right.KEEP_PROJECTS)
def note(project_id: UUID) -> ResponseReturnValue:
    """Something was seen, given, tried or harvested."""
    photographs = forms.photographs()

    def act(row: Project) -> None:
        service.note(*_of(row), forms.written(), photographs, forms.folder(), *_now())
        flash(_("It is noted."))

    return _done(project_id, "note", act)


@blueprint.post("/<uuid:project_id>/notes/<uuid:project_note_id>/withdraw")
@auth.require(Right.KEEP_PROJECTS)
def withdraw(project_id: UUID, project_note_id: UUID) -> ResponseReturnValue:
    """It does not count any more."""
    why = request.form.get("why", "")
    return _done(
        project_id, f"note-{project_note_id}", lambda row: service.withdraw(*_of(row), project_note_id, why, *_now())
    )


@blueprint.post("/<uuid:project_id>/end")
@auth.require(Right.KEEP_PROJECTS)
def end(project_id: UUID) -> ResponseReturnValue:
    """It is over; with `undo` it goes on."""
    if "undo" in request.form:
        return _done(project_id, "end", lambda row: service.go_on(*_of(row), *_now()))
    return _done(project_id, "end", lambda row: service.end(*_of(row), request.form.get("learnt", ""), *_now()))


def _done(project_id: UUID, at: str, act: Callable[[Project], object]) -> ResponseReturnValue:
    """Do it, and go back to the page; where it is refused, to the same page with what was typed."""
    session, row = http.db_session(), _project(project_id)
    try:
        act(row)
    except Refusal as error:
        session.rollback()
        return page_of(_project(project_id), error, at), http.status_of(error)
    return redirect(url_for("projects.show", project_id=project_id, _anchor=at))


def _project(project_id: UUID) -> Project:
    return service.project_with(http.db_session(), project_id)


def _of(row: Project) -> tuple[Session, Project]:
    return http.db_session(), row


def _now() -> tuple[Person, datetime]:
    return auth.person(), http.now()

"""Photographs in forms: added, taken away and put back beside what is being typed, so that nothing typed is lost."""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from flask import current_app, request
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from contentserver.kernel.errors import NotFound, Rejected
from contentserver.stars import photographs, service
from contentserver.stars.models import Photograph

AT_ONCE = 6
"""Files of one form."""
KEEP, ADD, REMOVE, BACK = "keep", "photographs", "remove:", "back:"

Add = Callable[[bytes], Photograph]
Change = Callable[[Photograph, bool], None]


def folder() -> Path:
    """Where photographs lie on this server."""
    return photographs.folder_of(current_app.extensions["services"].settings.data_dir)


def carry_out(session: Session, does: str, there: Sequence[Photograph], add: Add, change: Change) -> None:
    """Do what a form asks about its photographs.

    Args:
        does: the value of the button that was pressed.
        there: the photographs that belong to the form.
        change: takes one away, or puts it back where the second argument says so.

    Raises:
        Rejected: a file is no photograph; its name stands in the sentence, and nothing was added.
        NotFound: the photograph is not one of this form's.
    """
    for file in _files():
        try:
            add(file.read(photographs.BYTES_MAX + 1))
        except Rejected as error:
            sentence = _("%(file)s: %(why)s", file=(file.filename or "?")[:60], why=error.sentence)
            raise Rejected(error.code, sentence, {"photographs": sentence}) from error
    for prefix, back in ((REMOVE, False), (BACK, True)):
        if does.startswith(prefix):
            row = _named(session, does.removeprefix(prefix))
            if row.id not in {one.id for one in there}:
                raise NotFound("photograph_unknown", _("There is no such photograph."))
            change(row, back)


def only_pictures(does: str) -> bool:
    """Whether a form was sent for its photographs alone; what was typed is then shown again and not kept."""
    return does == ADD or does.startswith((REMOVE, BACK))


def _files() -> list[FileStorage]:
    found = [file for file in request.files.getlist("photographs") if file.filename]
    if len(found) > AT_ONCE:
        sentence = _("Choose at most %(number)s photographs at once.", number=AT_ONCE)
        raise Rejected("photographs_many", sentence, {"photographs": sentence})
    return found


def _named(session: Session, typed: str) -> Photograph:
    try:
        return service.photograph_with(session, UUID(typed))
    except ValueError as error:
        raise NotFound("photograph_unknown", _("There is no such photograph.")) from error

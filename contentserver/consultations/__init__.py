"""Green channel: questions of stations and people, answered by experts. Front door.

What the link calls: `take_questions` often, `tend` and `lay_out` with its upkeep.
"""

from datetime import datetime
from pathlib import Path

from flask import Blueprint
from sqlalchemy.orm import Session

from contentserver.consultations import directing, phone, public, reckoning, routing, taking_in, views
from contentserver.consultations.keeping import OLD_ASKERS, OldFiles, folder_of
from contentserver.consultations.laying_out import lay_out
from contentserver.consultations.taking_in import take_questions

__all__ = ["OLD_ASKERS", "blueprints", "lay_out", "old_files", "take_questions", "tend"]


def tend(session: Session, now: datetime) -> None:
    """Bring questions to where their boxes stood, and on their way to somebody who answers."""
    taking_in.follow_boxes(session)
    routing.keep_moving(session, now)


def old_files(data_dir: Path) -> OldFiles:
    """The files of questions in the server's folder of data, as they become old."""
    return OldFiles(folder_of(data_dir))


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages."""
    pages = (views, directing, reckoning, public, phone)
    return tuple(each.blueprint for each in pages)

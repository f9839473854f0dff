"""Green channel: questions of stations and people, answered by experts. Front door.

What the link calls: `take_questions` often, `tend`, `remind` and `lay_out` with its upkeep, `lay_out` besides whenever
a table of `MADE_OF` has changed. What the worker runs: `expert_mail`.
"""

from datetime import datetime
from pathlib import Path

from flask import Blueprint, Flask
from sqlalchemy.orm import Session

from contentserver.consultations import api, directing, phone, public, reckoning, routing, taking_in, views
from contentserver.consultations.digests import Digests, SendNow
from contentserver.consultations.keeping import OLD_ASKERS, OldFiles, folder_of
from contentserver.consultations.laying_out import lay_out
from contentserver.consultations.models import Case, CaseAnswer, CaseFile, CaseOutcome
from contentserver.consultations.outcomes import remind
from contentserver.consultations.own_data import tables_about
from contentserver.consultations.taking_in import take_questions
from contentserver.consultations.views import waiting_for_person
from contentserver.consultations.words import question_in_chinese
from contentserver.kernel.db import Database

__all__ = [
    "MADE_OF",
    "OLD_ASKERS",
    "Case",
    "CaseAnswer",
    "CaseOutcome",
    "blueprints",
    "expert_mail",
    "lay_out",
    "old_files",
    "question_in_chinese",
    "remind",
    "tables_about",
    "take_questions",
    "tend",
    "waiting_for_person",
]

MADE_OF = (Case, CaseAnswer, CaseFile)
"""The tables of which a station's paper is made."""


def tend(session: Session, now: datetime) -> None:
    """Bring questions to where their boxes stood, and on their way to somebody who answers."""
    taking_in.follow_boxes(session)
    routing.keep_moving(session, now)


def expert_mail(database: Database, app: Flask, send: SendNow, address: str) -> Digests:
    """The mail to experts, for the worker; `app` knows the words, `address` is where the pages are."""
    return Digests(database, send, lambda: app.test_request_context("/"), address)


def old_files(data_dir: Path) -> OldFiles:
    """The files of questions in the server's folder of data, as they become old."""
    return OldFiles(folder_of(data_dir))


def blueprints() -> tuple[Blueprint, ...]:
    """The slice's pages, and what boxes ask for."""
    pages = (views, directing, reckoning, public, phone, api)
    return tuple(each.blueprint for each in pages)

"""The process by which somebody else agrees that everybody reads an article."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person
from contentserver.portal import rules, service
from contentserver.portal.models import Article
from contentserver.portal.service import KIND_CODE
from contentserver.processes import Decision, Process, ProcessStep


class ArticleKind:
    """See `processes.Kind`; its subject is `article <id>`."""

    code: Final = KIND_CODE
    name: Final = _("Article for everybody")
    steps: Final[Mapping[str, object]] = {"agree": _("Agree that everybody reads it")}

    def page(self, process: Process) -> str:
        """The article as it would be read."""
        return url_for("articles.show", article_id=_id(process))

    def told(self, session: Session, process: Process) -> Sequence[tuple[object, object]]:
        """How it begins."""
        row = session.get_one(Article, _id(process))
        return [(_("Title"), row.title), (_("How it begins"), rules.lead(service.words_of(row), 200))]

    def decided(
        self, session: Session, process: Process, _step: ProcessStep, decision: Decision, who: Person, now: datetime
    ) -> None:
        """Publish it, or make it a draft again."""
        row = session.get_one(Article, _id(process))
        if decision is Decision.YES:
            service.publish(session, row, who, now)
        else:
            service.refuse(row)


def _id(process: Process) -> UUID:
    return UUID(process.subject.removeprefix("article "))

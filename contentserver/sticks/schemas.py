"""What the pages of sticks are asked: which stations, what to carry, which files were brought."""

from uuid import UUID

import msgspec
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import MultiDict
from wtforms.validators import Length

from contentserver.sticks.bringing import FILES_AT_ONCE
from contentserver.sticks.rules import STATIONS_AT_ONCE, Content


class LoadQuery(msgspec.Struct, frozen=True):
    """Stations by their ids, at most so many, and what to carry (None: the page chooses)."""

    stations: tuple[UUID, ...]
    content: Content | None


def load_query(asked: "MultiDict[str, str]") -> LoadQuery:
    """Read an address or a form; what cannot be read is left out."""
    stations = []
    for text in asked.getlist("station")[:STATIONS_AT_ONCE]:
        try:
            stations.append(UUID(text))
        except ValueError:
            continue
    content = asked.get("content", "")
    chosen = Content(content) if content in set(Content) else None
    return LoadQuery(tuple(dict.fromkeys(stations)), chosen)


class JournalForm(FlaskForm):
    """Journals from a stick."""

    files = MultipleFileField(
        _("Files from the folder yuanjiao/journals of the stick"),
        validators=[
            Length(min=1, message=_("Choose the files.")),
            Length(max=FILES_AT_ONCE, message=_("At most %(count)s files at once.", count=FILES_AT_ONCE)),
        ],
    )

"""Documents in words: how they stand, how far they have come, what is wrong with them."""

from typing import Final

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from contentserver.documents import rules
from contentserver.documents.models import DocumentReply
from contentserver.documents.rules import DocumentState, Fault, Progress, ReplyKind

STATES: Final[dict[str, LazyString]] = {
    DocumentState.DRAFT: _("Draft"),
    DocumentState.SENT: _("Sent"),
    DocumentState.WITHDRAWN: _("Recalled"),
}
PROGRESS: Final[dict[Progress, LazyString]] = {
    Progress.SENT: _("not received"),
    Progress.RECEIVED: _("received, not read"),
    Progress.READ: _("read"),
    Progress.REPLIED: _("answered"),
}
REPLIES: Final[dict[ReplyKind, LazyString]] = {
    ReplyKind.NONE: _("No answer"),
    ReplyKind.YES_NO: _("Yes or no"),
    ReplyKind.CHOICE: _("One of several answers"),
    ReplyKind.TEXT: _("A few words"),
    ReplyKind.FIELDS: _("Several fields"),
    ReplyKind.FILE: _("A file"),
}
YES_NO: Final[dict[str, LazyString]] = {"yes": _("Yes"), "no": _("No")}
WHICH: Final[dict[str, LazyString]] = {
    "all": _("All"),
    "unreceived": _("Not received"),
    "unread": _("Not read"),
    "unreplied": _("Not answered"),
    "replied": _("Answered"),
    "late": _("Late"),
    "nobody": _("Nobody there"),
}
FAULTS: Final[dict[Fault, LazyString]] = {
    Fault.NOBODY: _("Choose to whom it goes: it reaches nobody like this."),
    Fault.TOO_MANY: _("Choose at most %(number)s regions and groups.", number=rules.MOST_TARGETS),
    Fault.NOT_BELOW: _("A document goes to regions of one's own office alone."),
    Fault.GROUP_GONE: _("One of the groups was deleted meanwhile, or belongs to another region."),
    Fault.NEITHER: _("Choose offices, stations, or both."),
    Fault.NO_TITLE: _("Say in a few words what it is about."),
    Fault.TITLE_LONG: _("The title is too long: at most %(number)s characters.", number=rules.TITLE_MAX),
    Fault.NO_TEXT: _("Write what is to be read."),
    Fault.TEXT_LONG: _(
        "The text is too long: at most %(number)s characters. Attach what is longer.", number=rules.TEXT_MAX
    ),
    Fault.DAYS: _("From 1 to %(number)s working days, or leave it empty.", number=rules.MOST_DAYS),
    Fault.REPLY_BEFORE_READING: _("Nobody can answer before they have to read it."),
    Fault.FEW_OPTIONS: _("Write at least two answers, one a line."),
    Fault.MANY_OPTIONS: _(
        "Write at most %(number)s answers: a television shows no more beside each other.", number=rules.MOST_OPTIONS
    ),
    Fault.OPTION_LONG: _("An answer to choose has at most %(number)s characters.", number=rules.OPTION_MAX),
    Fault.NO_FIELDS: _("Write what is asked for, one field a line."),
    Fault.MANY_FIELDS: _("Ask for at most %(number)s fields.", number=rules.MOST_FIELDS),
    Fault.FIELD_LONG: _("The name of a field has at most %(number)s characters.", number=rules.FIELD_MAX),
}


def answer_words(given: DocumentReply, kind: ReplyKind) -> str:
    """An answer as it is read: words, or the name of its file."""
    if kind is ReplyKind.YES_NO:
        return str(YES_NO.get(given.answer, given.answer))
    return given.file_name if kind is ReplyKind.FILE else given.answer

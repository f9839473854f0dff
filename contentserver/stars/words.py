"""The words of stars: the five ones, criteria, faults of a document, and evidence as a sentence."""

from typing import Final

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from contentserver.kernel.display import count, hours
from contentserver.stars.document import Fault, FaultKind
from contentserver.stars.rules import MS_PER_HOUR, Criterion, Evidence, Line, One, OneState, Step, Weighed

ONES: Final = {
    One.PLACE: _("One place"),
    One.EQUIPMENT: _("One set of equipment"),
    One.ADMINISTRATOR: _("One administrator"),
    One.RULES: _("One set of rules"),
    One.ASSESSMENT: _("One method of assessment"),
}
ASKED: Final = {
    One.PLACE: _("A room where people meet and see the television, open when there are lessons."),
    One.EQUIPMENT: _("Television, box and line, in order."),
    One.ADMINISTRATOR: _("Somebody who looks after the station and was taught how."),
    One.RULES: _("Rules of the station, put up where everybody reads them."),
    One.ASSESSMENT: _("How the station's work is judged, and how often."),
}
STATES: Final = {OneState.HAS: _("there"), OneState.PARTLY: _("partly there"), OneState.MISSING: _("missing")}
STATE_MARKS: Final = {OneState.HAS: "good", OneState.PARTLY: "risk", OneState.MISSING: "bad"}
"""By the classes of the style sheet."""
FIELD_NAMES: Final = {
    "room": _("Room and address"),
    "seats": _("Seats"),
    "devices": _("What there is"),
    "condition": _("Condition"),
    "name": _("Name"),
    "trained": _("Training"),
    "title": _("Name of the rules"),
    "posted": _("Where they hang"),
    "method": _("Method"),
    "how_often": _("How often"),
    "note": _("Note"),
}
CRITERIA: Final = {
    Criterion.HELD: _("Planned sessions held"),
    Criterion.HOURS: _("Lesson hours a head"),
    Criterion.COVERAGE: _("People reached"),
    Criterion.READINESS: _("Ready on time"),
    Criterion.ANSWERS: _("What people said"),
    Criterion.INSPECTION: _("Spot check"),
    Criterion.FIVE_ONES: _("Five ones"),
}
EXPLAINED: Final = {
    Criterion.HELD: _("Sessions shown, of those planned."),
    Criterion.HOURS: _("Lesson time that counts, for each person on the roll."),
    Criterion.COVERAGE: _("People who came, of those on the roll."),
    Criterion.READINESS: _("Sessions that began within 5 seconds of the plan."),
    Criterion.ANSWERS: _("Sessions at whose end people said something, of those shown."),
    Criterion.INSPECTION: _("What was in order, of what was looked at; who was not drawn gets all points."),
    Criterion.FIVE_ONES: _("Two for each that is there, one for each that is partly there."),
}
STAR_COUNTS: Final = (
    _("No star"),
    _("One star"),
    _("Two stars"),
    _("Three stars"),
    _("Four stars"),
    _("Five stars"),
)


def points(hundredths: int) -> str:
    """`71.25`."""
    return f"{hundredths / 100:.2f}"


def amount(criterion: Criterion, value: float) -> str:
    """A value in its unit, with one decimal."""
    if criterion is Criterion.HOURS:
        return str(gettext("%(hours)s h", hours=f"{value:,.1f}"))
    return f"{value:.1f}%"


def border(criterion: Criterion, value: int) -> str:
    """A whole number of the rules in its unit."""
    return str(gettext("%(hours)s h", hours=count(value))) if criterion is Criterion.HOURS else f"{value}%"


def evidence(criterion: Criterion, found: Evidence, *, given: bool = False) -> str:
    """How much, of how much."""
    if given:
        return str(gettext("not drawn: all points"))
    have, of = count(found.have), count(found.of)
    match criterion:
        case Criterion.HOURS:
            return str(
                ngettext("%(have)s / %(num)s person", "%(have)s / %(num)s people", found.of, have=hours(found.have))
            )
        case Criterion.COVERAGE:
            return str(ngettext("%(have)s / %(num)s person", "%(have)s / %(num)s people", found.of, have=have))
        case Criterion.INSPECTION:
            return str(ngettext("%(have)s / %(num)s item", "%(have)s / %(num)s items", found.of, have=have))
        case Criterion.FIVE_ONES:
            return f"{have} / {of}"
        case _:
            return str(ngettext("%(have)s / %(num)s session", "%(have)s / %(num)s sessions", found.of, have=have))


def line_evidence(line: Line) -> str:
    """The evidence of one line of a result."""
    return evidence(line.weighed.criterion, line.evidence, given=line.given)


def weighed(one: Weighed) -> str:
    """What a criterion weighs, as a sentence."""
    return str(
        gettext(
            "No points up to %(none)s, all from %(full)s, in between in proportion.",
            none=border(one.criterion, one.none),
            full=border(one.criterion, one.full),
        )
    )


def need(criterion: Criterion, least: int) -> str:
    """What a number of stars needs beside points."""
    return str(gettext("%(what)s: at least %(least)s", what=CRITERIA[criterion], least=border(criterion, least)))


def step(one: Step) -> str:
    """What would be enough, as a sentence."""
    name = CRITERIA[one.criterion]
    if one.have is None:
        return str(gettext("%(what)s: not by this alone", what=name))
    if one.criterion is Criterion.HOURS:
        tenths = -(-one.have * 10 // MS_PER_HOUR) / 10
        return str(gettext("%(what)s: %(hours)s h in all", what=name, hours=f"{tenths:,.1f}"))
    return str(gettext("%(what)s: %(have)s of %(of)s", what=name, have=count(one.have), of=count(one.of)))


def fault(one: Fault) -> str:
    """A fault of a document, with its line."""
    what = str(_FAULTS[one.kind]) % {"name": one.name, "least": one.least, "most": one.most}
    return str(gettext("Line %(line)s: %(what)s", line=one.line, what=what))


_FAULTS: Final = {
    FaultKind.TOO_LONG: _("The document is too long."),
    FaultKind.UNREADABLE: _("This cannot be read. A line looks like this: weight = 20"),
    FaultKind.UNKNOWN: _("Nothing is called '%(name)s' here. Look for a typing mistake."),
    FaultKind.MISSING: _("'%(name)s' is missing."),
    FaultKind.NOT_A_TABLE: _("'%(name)s' needs a line [%(name)s] of its own, with its values below."),
    FaultKind.NOT_A_NUMBER: _("'%(name)s' is a whole number without quotation marks."),
    FaultKind.OUT_OF_RANGE: _("'%(name)s' goes from %(least)s to %(most)s."),
    FaultKind.NOT_A_TEXT: _("'%(name)s' is a text of at most %(most)s characters between quotation marks."),
    FaultKind.NOT_ITEMS: _(
        "'%(name)s' is a list of at most %(most)s different texts, each of at most %(least)s characters."
    ),
    FaultKind.WEIGHTS: _("All weights together come to %(least)s; they have to come to %(most)s."),
    FaultKind.NONE_ABOVE_FULL: _("'%(name)s' has to be less than full."),
    FaultKind.NOT_RISING: _("'%(name)s' has to be more than for one star less."),
    FaultKind.NOT_WEIGHED: _("'%(name)s' asks for something that has no weight. Give it one under criteria."),
}

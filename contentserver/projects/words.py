"""Models, notes and faults in words, and what each of the two teaching models begins with."""

from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.projects.rules import Fault, Kind, Model

MODELS: Final = {
    Model.ASSOCIATION: _("Lessons + base + association + households"),
    Model.MEMBER: _("Lessons + base + members + project"),
}
MODEL_HINTS: Final = {
    Model.ASSOCIATION: _("An association buys together and sells together; its base shows what a lesson taught."),
    Model.MEMBER: _("Members of the branch lead: each takes on some households and a project of their own."),
}
STAGES: Final = {
    Model.ASSOCIATION: (
        _("Show the lesson at every station of its households"),
        _("See it at the base, with the association"),
        _("Households try it, each on some land"),
        _("Visit them while it grows"),
        _("Note yield and income, and tell the others"),
    ),
    Model.MEMBER: (
        _("Show the lesson at every station of its households"),
        _("Members try it at the base first"),
        _("Each member brings households along"),
        _("Visit them while it grows"),
        _("Note yield and income, and tell the others"),
    ),
}
KINDS: Final = {
    Kind.VISIT: _("Visit"),
    Kind.INPUT: _("Input"),
    Kind.ADOPTION: _("Adoption"),
    Kind.RESULT: _("Result"),
}
KIND_HINTS: Final = {
    Kind.VISIT: _("Somebody looked, and what they saw."),
    Kind.INPUT: _("Seed, fertiliser, tools: what was given or bought, and what it cost."),
    Kind.ADOPTION: _("A household does as the lesson taught, on how much of its land."),
    Kind.RESULT: _("What a household harvested, and how much more it earned than before."),
}
FAULTS: Final = {
    Fault.NO_HOUSEHOLD: _("Choose a household."),
    Fault.NO_DAY: _("Write the day like this: 2026-11-23."),
    Fault.IN_FUTURE: _("This day has not come yet."),
    Fault.BEFORE_PROJECT: _("The project had not begun on this day."),
    Fault.MISSING: _("Write a number."),
    Fault.TOO_MUCH: _("This number cannot be right. Look at its unit."),
    Fault.MORE_THAN_LAND: _("This is more land than the household takes part with."),
    Fault.EMPTY: _("Write what it was."),
}

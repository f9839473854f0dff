"""What is said to somebody whose browser told something that cannot be true."""

from collections.abc import Mapping
from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.school.rules import Fault

FAULTS: Final[Mapping[Fault, object]] = {
    Fault.NUMBER: _("This page has told too much. Load it again."),
    Fault.OUTSIDE: _("What was told lies outside of the lesson. It does not count."),
    Fault.TOO_LONG: _("What was told is too long to be true. It does not count."),
    Fault.TOO_FAST: _("What was told is faster than anybody can watch. It does not count."),
    Fault.AHEAD: _("More was told than time has passed. It does not count. Load the page again."),
    Fault.TOO_LATE: _("This was watched too long ago to be told now. It does not count."),
    Fault.OTHER_BODY: _("This was told before in other words. The first stands."),
}

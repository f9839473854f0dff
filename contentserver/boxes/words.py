"""What is said of boxes, in words: states in the list, faults of a sheet of announced ones."""

from flask_babel import lazy_gettext as _

from contentserver.boxes.rules import Care
from contentserver.trust import KeyState
from schedules.wire.signing import Purpose

CARES = {
    Care.ONLINE: _("Online"),
    Care.SILENT_DAY: _("Silent for a day"),
    Care.SILENT_WEEK: _("Silent for a week"),
    Care.WAITING: _("Journal waits"),
    Care.DISK_LOW: _("Disk nearly full"),
    Care.CLOCK_UNSURE: _("Clock unsure"),
    Care.PROGRAM_OLD: _("Program old"),
    Care.GIVEN_UP: _("Program given up"),
    Care.EXPECTED: _("Not come yet"),
    Care.ENDED: _("Enrolment ended"),
}

KEY_PURPOSES = {
    Purpose.TIMETABLES: _("Timetables, alerts, commands"),
    Purpose.APPROVALS: _("Approvals of lessons"),
}
KEY_STATES = {
    KeyState.COMING: ("work", _("Prepared, does not sign yet")),
    KeyState.SIGNING: ("good", _("Signs")),
    KeyState.RETIRING: ("risk", _("Signs no more, still believed")),
    KeyState.RETIRED: ("idle", _("Retired")),
    KeyState.REVOKED: ("bad", _("Revoked")),
}
"""Class and words."""

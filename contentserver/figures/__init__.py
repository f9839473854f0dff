"""Figures: sums and people of every station and region by day and month, kept ready for reports. Front door.

They hold nothing that the sessions do not: `rebuild` computes them all anew and proves that nothing differed.
"""

from contentserver.figures.planning import count_plans
from contentserver.figures.rebuilding import Rebuilt, rebuild
from contentserver.figures.rules import ALL_COURSES, NOTHING_SHOWN, UNREPORTED, Attendance, Figures, Sums, joined
from contentserver.figures.service import (
    AT_ONCE,
    attendance_by_day,
    figures_and_courses,
    figures_by_course,
    figures_by_day,
    figures_of,
    refresh,
    sums_by_month,
)

__all__ = [
    "ALL_COURSES",
    "AT_ONCE",
    "NOTHING_SHOWN",
    "UNREPORTED",
    "Attendance",
    "Figures",
    "Rebuilt",
    "Sums",
    "attendance_by_day",
    "count_plans",
    "figures_and_courses",
    "figures_by_course",
    "figures_by_day",
    "figures_of",
    "joined",
    "rebuild",
    "refresh",
    "sums_by_month",
]

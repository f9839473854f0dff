"""What stations read beside their timetable, as it lies ready for their boxes. Front door for the slices above."""

from contentserver.papers.marking import catch_up, due, watch
from contentserver.papers.service import lay_out, of_kind, versions

__all__ = ["catch_up", "due", "lay_out", "of_kind", "versions", "watch"]

"""What stations read beside their timetable, as it lies ready for their boxes. Front door for the slices above."""

from contentserver.papers.service import lay_out, of_kind, versions

__all__ = ["lay_out", "of_kind", "versions"]

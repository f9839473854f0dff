"""Timetables in other programs' formats: XMLTV out, iCalendar out and in, spreadsheets in.

Bytes in, bytes out, no file and no network. Only the content server uses it: nothing that a television imports may
import it, since the libraries behind it are heavy. What every import shares: `imports.py`.
"""

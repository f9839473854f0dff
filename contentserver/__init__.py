"""The content server: creates the timetable, keeps the record. Start with `app.py`, then any slice's `service.py`."""

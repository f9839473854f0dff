"""The set-top box: plays the timetable, takes the roll, reports what happened. See docs/architecture.md."""

"""What every slice stands on: clock, ids, errors, database, sign-in, HTTP, jobs, pages. No slice is known here."""

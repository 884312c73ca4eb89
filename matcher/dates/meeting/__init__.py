"""One meeting to a date, a form and a place: every choice ranked exactly."""

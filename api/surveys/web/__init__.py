"""Pages of surveys: answering by link, planning, and evaluating."""

"""Pages about times: polls, a meeting's time to change, and recurring meetings."""

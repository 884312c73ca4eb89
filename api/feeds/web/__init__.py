"""The subscribe page, single events as files, and feeds under /api/v1."""

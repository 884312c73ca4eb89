"""The first page and what leads on from it: what waits, how far things have come, and search."""

"""Pages of needs over time: the same questions twice a year, what came out, and what became of it."""

"""The page where a planner finds the date and the place of a national meeting, and books it."""

"""The page where a planner reads a schedule into a meeting: look first, then take it in, and undo."""

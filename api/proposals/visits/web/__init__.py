"""The page where a planner pairs study visits and proposes them."""

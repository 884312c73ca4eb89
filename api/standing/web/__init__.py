"""The page where planners read standing meetings in."""

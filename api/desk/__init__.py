"""The planner's desk: what needs doing now, gathered from every feature, and the ways into planning."""

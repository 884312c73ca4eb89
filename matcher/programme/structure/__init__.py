"""Topics to slots, rooms and tracks, without people: CP-SAT, and what of the planner's wishes clashes."""

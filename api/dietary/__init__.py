"""What people cannot eat at a meeting: told by themselves, seen by its planner as a list without names, soon erased."""

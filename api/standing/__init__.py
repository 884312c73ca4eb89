"""Standing meetings read in from a planner's own calendar file: checked first, written when confirmed."""

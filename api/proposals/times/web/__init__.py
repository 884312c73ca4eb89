"""The button that fills the times of a poll in."""

"""The pages of a circle's own life."""

"""A year of meetings laid out together."""

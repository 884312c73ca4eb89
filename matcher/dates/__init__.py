"""Meetings to a date, a form and a place."""

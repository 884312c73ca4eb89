"""Needs surveys before a meeting, and evaluations after it."""

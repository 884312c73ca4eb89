"""Programmes from surveys: generated instances, a national meeting, and our solver beside its peers."""

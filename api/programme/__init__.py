"""A national meeting's sessions, tracks, slots and rooms, and everybody's personal agenda."""

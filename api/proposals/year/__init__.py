"""The year: every series of meetings laid out together, moved by hand, and booked."""

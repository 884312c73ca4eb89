"""The date and the place of a national meeting: wished for, ranked, shown and booked."""

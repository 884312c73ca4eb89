"""Pages of the year: ask for it, look at it, move a meeting, book it; and the school breaks it avoids."""

"""How a meeting’s content begins and grows: from nothing, from another meeting, from a spreadsheet."""

"""Every change of state as one row, chained by hash."""

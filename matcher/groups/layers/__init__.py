"""Several layers of networks together: their columns, their common rows, fairness."""

"""Study visits: who visits whom."""

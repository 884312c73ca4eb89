"""What those who take part, and who plans, see of a meeting’s programme."""

"""What a year gave: in figures, for leadership and politicians."""

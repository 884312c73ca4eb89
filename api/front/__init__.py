"""The pages people live in, over everything below: the desk, a network whole, one's own circle and meetings."""

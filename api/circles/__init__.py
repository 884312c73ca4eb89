"""A circle that lives: who is new in it and whom they turn to."""

"""The demonstration: the main job on the real register, with invented people."""

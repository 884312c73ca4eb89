"""Measurements of Samkrets beside its peers: fixed instances, seeds, objectives, bounds, seconds and memory."""

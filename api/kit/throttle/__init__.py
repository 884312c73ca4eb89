"""Limits on how often one client may ask for links or guess secret addresses, counted for all web processes."""

"""Dates measured: fair rotation beside the cheapest place each time, and a whole year laid out."""

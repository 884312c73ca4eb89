"""Size-bounded grouping: us and the peers in one run, by one written protocol (README.md)."""

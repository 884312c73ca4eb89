"""The rules and levels of a programme in plain Python: the specification; knows no solver."""

"""How long it takes between towns: the shipped table of legs, NCH's own corrections, and towns by name."""

"""How fast a running job is stopped, as a person and as the machine notice it."""

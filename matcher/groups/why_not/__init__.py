"""Why no networks: the fewest wishes that cannot all hold."""

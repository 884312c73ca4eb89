"""Why these networks: evidence for each member, and what else could have been."""

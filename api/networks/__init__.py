"""Published peer networks: who is together in which layer, why, and who has met whom."""

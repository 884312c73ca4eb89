"""Questions from RC to each other and to NCH, their answers, and the frequent ones that everybody may read."""

"""The next time that a few people can meet."""
